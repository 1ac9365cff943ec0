"""Faults of what the platform says of its devices, and of what they compute with."""

import os
from typing import Any

from hwcheck_sample_cpu_faults.fault import fault
from hwcheck_sample_cpu_faults.platform_patches import own, put


def mask(cls: Any) -> list[str]:
    return os.environ[cls.device_control_env_var].split(",")


@fault(
    breaks=(
        "platform.device-mapping[mask]",
        "platform.device-mapping[round-trip]",
    )
)
def mask_is_reversed() -> None:
    """The mask's last device is taken for the first."""
    right = own("device_id_to_physical_device_id")

    def wrong(cls, device_id: int) -> int:
        from vllm.platforms import interface

        masked = os.environ.get(cls.device_control_env_var)
        if not masked or interface._assigned_physical_gpu_ids or device_id >= len(mask(cls)):
            return right(cls, device_id)
        return right(cls, len(mask(cls)) - 1 - device_id)

    put("device_id_to_physical_device_id", wrong)


@fault(breaks=("platform.device-mapping[unset]",))
def empty_mask_is_a_list() -> None:
    """A mask that is set and empty is taken for a list with one entry."""
    right = own("device_id_to_physical_device_id")

    def wrong(cls, device_id: int) -> int:
        if os.environ.get(cls.device_control_env_var) == "":
            return int(mask(cls)[device_id])
        return right(cls, device_id)

    put("device_id_to_physical_device_id", wrong)


@fault(breaks=("platform.device-mapping[out-of-range]",))
def ordinals_start_again() -> None:
    """An ordinal beyond the mask is taken for one from its beginning."""
    right = own("device_id_to_physical_device_id")

    def wrong(cls, device_id: int) -> int:
        if os.environ.get(cls.device_control_env_var):
            device_id %= len(mask(cls))
        return right(cls, device_id)

    put("device_id_to_physical_device_id", wrong)


@fault(breaks=("platform.device-mapping[non-integer]",))
def ids_stay_text() -> None:
    """An entry of the mask that is no number is handed on as it is."""
    right = own("device_control_id_to_physical_device_id")

    def wrong(cls, device_id: str) -> Any:
        return right(cls, device_id) if device_id.isdigit() else device_id

    put("device_control_id_to_physical_device_id", wrong)


@fault(breaks=("platform.device-mapping[assigned]",))
def assignment_is_overlooked() -> None:
    """The devices that vLLM assigned to a worker do not go before the mask."""

    def wrong(cls, device_id: int) -> int:
        if not os.environ.get(cls.device_control_env_var):
            return device_id
        return cls.device_control_id_to_physical_device_id(mask(cls)[device_id])

    put("device_id_to_physical_device_id", wrong)


def has_capability(major: int, minor: int) -> None:
    from vllm.platforms.interface import DeviceCapability

    put("get_device_capability", lambda cls, device_id=0: DeviceCapability(major, minor))


@fault(breaks=("platform.capability[value]",))
def capability_has_two_digits() -> None:
    """The minor number of the capability has two digits, which its form as a number cannot hold."""
    has_capability(3, 12)


@fault(breaks=("platform.capability[has_device_capability]",))
def capability_is_compared_as_text() -> None:
    """A capability of 9 is more than one of 10, because texts are compared."""
    has_capability(3, 5)

    def wrong(cls, capability: Any, device_id: int = 0) -> bool:
        asked = capability if isinstance(capability, int) else capability[0] * 10 + capability[1]
        return str(cls.get_device_capability().to_int()) >= str(asked)

    put("has_device_capability", wrong)


@fault(breaks=("platform.capability[is_device_capability]",))
def capability_is_at_least() -> None:
    """Asked for exactly a capability, the platform says yes for a higher one too."""
    has_capability(3, 5)
    put(
        "is_device_capability",
        lambda cls, capability, device_id=0: cls.has_device_capability(capability, device_id),
    )


@fault(breaks=("platform.capability[is_device_capability_family]",))
def capability_family_is_one_member() -> None:
    """Asked for a family of capabilities, the platform compares the minor number too."""
    has_capability(3, 5)
    put(
        "is_device_capability_family",
        lambda cls, capability, device_id=0: cls.is_device_capability(capability, device_id),
    )


@fault(breaks=("platform.predicates[kind]",))
def platform_is_nothing() -> None:
    """No predicate is true, so vLLM's layers compute as on CUDA."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.is_out_of_tree = lambda self: False


@fault(
    breaks=(
        "platform.predicates[cuda-alike]",
        "communicator.collective[all_gather]",
        "communicator.collective[all_gatherv]",
        "communicator.collective[all_reduce]",
        "communicator.collective[broadcast]",
        "communicator.collective[gather]",
        "communicator.collective[reduce_scatter]",
        "communicator.collective[reduce_scatterv]",
        "communicator.collective[send-recv]",
    )
)
def cpu_is_like_cuda() -> None:
    """The platform is a CPU and like CUDA at once."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.is_cpu = lambda self: True
    SampleCpuPlatform.is_cuda_alike = lambda self: True


@fault(breaks=("platform.constant[simple_compile_backend]",))
def configuration_changes_the_compiler() -> None:
    """A configuration without compilation changes the compiler that modules have read."""
    right = own("check_and_update_config")

    def wrong(cls, vllm_config: Any) -> None:
        cls.simple_compile_backend = "eager" if vllm_config.model_config else "inductor"
        right(cls, vllm_config)

    put("check_and_update_config", wrong)


@fault(breaks=("platform.dtypes-agree[list]",))
def dtype_is_listed_twice() -> None:
    """The list of supported dtypes has one of them twice."""
    import torch
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    listed = [torch.bfloat16, torch.float16, torch.float32, torch.bfloat16]
    SampleCpuPlatform.supported_dtypes = property(lambda self: list(listed))


@fault(breaks=("platform.dtypes-agree[check]",))
def listed_dtype_is_refused() -> None:
    """The worker's check refuses a dtype that the platform lists."""
    import torch

    def wrong(cls, dtype: Any) -> None:
        if dtype is torch.float16:
            raise ValueError("float16 is not supported")

    put("check_if_supports_dtype", wrong)


@fault(breaks=("platform.dtypes-agree[attention]",))
def attention_lacks_a_dtype() -> None:
    """The attention backend does not take a dtype that the platform lists."""
    import torch
    from hwcheck_sample_cpu.attention import SampleAttentionBackend

    SampleAttentionBackend.supported_dtypes = [torch.float32, torch.bfloat16]


def lists_quantization(*methods: str) -> None:
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.supported_quantization = list(methods)


@fault(breaks=("platform.quantization[listed]",))
def quantization_is_misspelt() -> None:
    """The list of supported methods has a name that is one slip from the one that is meant."""
    lists_quantization("compressed-tensors", "gptq_marlim")


@fault(
    breaks=(
        "platform.quantization[others]",
        "platform.quantization[listed]",
        "quantization.registration[sample_rounded]",
    )
)
def quantization_is_looked_up() -> None:
    """A method that is not in the plugin's table is a missing key, not a refusal."""
    lists_quantization("compressed-tensors", "fp8")
    speeds = {"compressed-tensors": 1, "fp8": 2}
    put("verify_quantization", lambda cls, quant: speeds[quant] and None)


class Closed(list[str]):
    """A list that takes nothing more."""

    def append(self, item: str) -> None:
        """Leave it as it is."""


@fault(breaks=("platform.quantization[registered]", "quantization.registration[sample_rounded]"))
def quantization_takes_no_more() -> None:
    """A method that is registered later does not get into the list."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.supported_quantization = Closed(["compressed-tensors", "fp8"])
