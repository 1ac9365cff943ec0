"""Faults of the platform's other members: names, flags, figures, hooks."""

import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from hwcheck_sample_cpu_faults.fault import fault
from hwcheck_sample_cpu_faults.platform_patches import own, put


@fault(breaks=tuple(f"platform.pickling[{way}]" for way in ("pickle", "cloudpickle", "deepcopy")))
def platform_holds_a_lock() -> None:
    """The platform object holds a lock, which cannot be copied."""
    from vllm.platforms import current_platform

    current_platform.lock = threading.Lock()


@fault(
    breaks=tuple(
        f"platform.pickling[{way}]" for way in ("pickle", "cloudpickle", "copy", "deepcopy")
    )
)
def platform_takes_an_argument() -> None:
    """A copy of the platform is made with an argument that its class does not take."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.__reduce__ = lambda self: (SampleCpuPlatform, ("cpu",))


@fault(breaks=("platform.stale-member[support_hybird_kv_cache]",))
def member_is_misspelt() -> None:
    """An override has two letters of its name swapped, so nobody calls it."""
    put("support_hybird_kv_cache", lambda cls: False)


@fault(breaks=("platform.stale-member[get_cu_count]",))
def member_has_its_former_name() -> None:
    """An override has the name that vLLM called up to 0.11."""
    put("get_cu_count", lambda cls, device_id=0: 4)


@fault(
    breaks=(
        "platform.silent-none[graph_pool_handle]",
        "graph.wrapper[full]",
        "graph.wrapper[piecewise]",
    )
)
def graphs_have_no_pool() -> None:
    """Static graphs are offered with vLLM's wrapper, and there is no pool of graphs."""
    put("support_static_graph_mode", lambda cls: True)
    put(
        "get_static_graph_wrapper_cls",
        lambda cls: "vllm.compilation.cuda_graph.CUDAGraphWrapper",
    )


@fault(breaks=("platform.memory[total]",))
def memory_is_in_gibibytes() -> None:
    """The total memory is told in GiB."""
    right = own("get_device_total_memory")
    put("get_device_total_memory", lambda cls, device_id=0: right(cls) // 1024**3)


@fault(breaks=("platform.memory[total]",))
def memory_is_counted_twice() -> None:
    """The total memory is twice what the machine has."""
    right = own("get_device_total_memory")
    put("get_device_total_memory", lambda cls, device_id=0: right(cls) * 2)


@fault(breaks=("platform.memory[usage]",))
def usage_is_in_bits() -> None:
    """The usage of memory is told in bits of what there is."""
    right = own("get_device_total_memory")
    put("get_current_memory_usage", lambda cls, device=None: 8 * right(cls))


@fault(breaks=("platform.compile-backend[simple]",))
def simple_compiler_is_misspelt() -> None:
    """The compiler for small functions is none that torch has."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    backend = own("get_compile_backend")(SampleCpuPlatform)
    SampleCpuPlatform.simple_compile_backend = "indcutor"
    put("get_compile_backend", lambda cls: backend)


@fault(
    breaks=(
        "platform.dispatch-key[known]",
        "load.call[sample_cpu_ops]",
    )
)
def dispatch_key_is_misspelt() -> None:
    """The dispatch key is none that torch has."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.dispatch_key = "PrivateUseOne"


@fault(breaks=("platform.dispatch-key[runs]",))
def dispatch_key_is_of_another_device() -> None:
    """The dispatch key is that of another device's tensors."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.dispatch_key = "XLA"


@fault(breaks=("platform.flags-agree[sleep-mode]",))
def sleep_mode_is_the_gpus() -> None:
    """Sleep mode is offered with the sleep() of vLLM's GPU worker."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker
    from vllm.v1.worker.gpu_worker import Worker

    SampleCpuWorker.sleep = Worker.sleep


@fault(breaks=("platform.flags-agree[fp8]",))
def fp8_formats_differ() -> None:
    """The platform prefers one 8-bit format and names another."""
    put("is_fp8_fnuz", lambda cls: True)


@fault(breaks=("platform.flags-agree[weight-loader]",))
def weight_loader_drops_keywords() -> None:
    """The weight loader that waits for the device passes no keywords on."""

    def wrong(cls, original_weight_loader: Any) -> Any:
        return lambda param, *given, **named: original_weight_loader(param, *given)

    put("make_synced_weight_loader", wrong)


@fault(breaks=("platform.flags-agree[nixl]",))
def transfer_is_offered_to_others() -> None:
    """Buffers for transfers are offered for a device that is not the platform's."""
    put("get_nixl_supported_devices", lambda cls: {"sample": ("cpu",)})


@fault(breaks=("platform.seed",))
def seed_is_overlooked() -> None:
    """The device is seeded with a number of the plugin's own."""
    import torch

    put("manual_seed_all", lambda cls, seed: torch.manual_seed(0) and None)


@fault(breaks=("platform.seed",))
def seed_is_drawn() -> None:
    """The device is seeded with chance."""
    import torch

    put("manual_seed_all", lambda cls, seed: torch.seed() and None)


@fault(breaks=("platform.validate-request",))
def request_is_changed() -> None:
    """The platform lowers a request's limit on tokens in the caller's own parameters."""

    def wrong(cls, processed_inputs: Any, params: Any) -> None:
        if getattr(params, "max_tokens", None):
            params.max_tokens = min(params.max_tokens, 8)

    put("validate_request", wrong)


@fault(breaks=("platform.validate-request",))
def request_is_taken_for_sampling() -> None:
    """A pooling request is taken for one that samples."""

    def wrong(cls, processed_inputs: Any, params: Any) -> None:
        if params.logprobs and params.logprobs > 20:
            raise ValueError("sample_cpu tells 20 logprobs at most")

    put("validate_request", wrong)


@fault(breaks=("platform.max-output-tokens",))
def no_room_for_an_answer() -> None:
    """The limit on the output counts the prompt twice."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    SampleCpuPlatform.get_max_output_tokens = lambda self, prompt_len: 512 - 2 * prompt_len


@fault(breaks=("platform.max-model-len",))
def model_length_is_rounded_up() -> None:
    """The model's length is rounded up to whole blocks."""
    put("check_max_model_len", lambda cls, max_model_len: -(-max_model_len // 128) * 128)


@fault(
    breaks=(
        "platform.forward-context",
        "graph.wrapper[full]",
        "graph.wrapper[piecewise]",
    )
)
def context_wants_metadata() -> None:
    """The forward context is taken to have attention metadata, which profiling has not."""

    def wrong(cls, attn_metadata: Any = None, **given: Any) -> dict[str, Any]:
        return {"rows": len(attn_metadata)}

    put("set_additional_forward_context", wrong)


@fault(breaks=("platform.forward-context",))
def context_is_a_list() -> None:
    """What is added to the forward context has no names."""
    put("set_additional_forward_context", lambda cls, **given: [given["num_tokens"]])


@fault(breaks=("platform.vit-attention[chosen]",))
def vision_choice_is_overlooked() -> None:
    """The user's choice of attention for vision encoders is overlooked."""
    from vllm.v1.attention.backends.registry import AttentionBackendEnum

    offered = [AttentionBackendEnum.TORCH_SDPA, AttentionBackendEnum.FLASH_ATTN]
    put("get_supported_vit_attn_backends", lambda cls: offered)
    put("get_vit_attn_backend", lambda cls, head_size, dtype, backend=None: offered[0])


@fault(breaks=("platform.vit-attention[default]",))
def vision_attention_is_text() -> None:
    """The attention for vision encoders is named by a text."""
    put(
        "get_vit_attn_backend",
        lambda cls, head_size, dtype, backend=None: backend or "TORCH_SDPA",
    )


@fault(breaks=("platform.environ-names",))
def variable_has_the_hosts_prefix() -> None:
    """The plugin reads a variable of its own with vLLM's prefix, which vLLM does not know."""
    folder = Path(tempfile.mkdtemp())
    name = "VLLM_" + "SAMPLE_CPU_LEVEL"
    (folder / "settings.py").write_text(f"LEVEL = os.environ.get('{name}')\n", encoding="utf-8")
    sys.modules["hwcheck_sample_cpu"].__path__.append(str(folder))


@fault(breaks=("platform.set-device[number]",))
def device_is_no_number() -> None:
    """A device is taken to be a torch.device."""

    def wrong(cls, device: Any) -> None:
        if device.index:
            raise ValueError("sample_cpu has one device")

    put("set_device", wrong)


@fault(breaks=("platform.pin-memory",))
def pinning_is_promised() -> None:
    """Memory can be pinned, says the platform, where there is no accelerator."""
    put("is_pin_memory_available", lambda cls: True)


@fault(breaks=("platform.hooks-repeat[import_ir_kernels]",))
def kernels_are_imported_once() -> None:
    """Importing the kernels a second time is an error."""
    done: list[bool] = []
    right = own("import_ir_kernels")

    def wrong(cls) -> None:
        # vLLM's own parts call it whenever they change priorities.
        caller = sys._getframe(1).f_code.co_filename
        if "repeated_hooks" in caller:
            assert not done, "the kernels are there already"
            done.append(True)
        right(cls)

    put("import_ir_kernels", wrong)
