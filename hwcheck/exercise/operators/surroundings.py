"""What vLLM has around an operator while a model is made: configuration, groups, device."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.operators.torch_names import Device, Dtype
from hwcheck.probe.plain_text import shown

__all__ = [
    "UnfitError",
    "device_fault",
    "device_of",
    "groups_fault",
    "model_dtype",
    "operators_enabled",
]

_LONGEST = 300


class UnfitError(Exception):
    """An operator cannot be held against vLLM's here; the message says why."""

    def __init__(self, why: str, blocked_by: str | None = None) -> None:
        super().__init__(why)
        self.blocked_by = blocked_by


def device_of(platform: object) -> Device:
    """The device that vLLM makes a model on."""
    torch = import_module("torch")
    device: Device = torch.device(getattr(platform, "device_type"))  # noqa: B009
    return device


def device_fault(platform: object) -> str | None:
    """Say why tensors cannot be made on the platform's device, ``None`` when they can."""
    torch = import_module("torch")
    try:
        tensor = torch.ones(2, device=device_of(platform))
        return None if float((tensor + 1).sum()) == 4.0 else "the device does not add"
    # Whatever a device that is not here raises.
    except Exception as error:
        return f"the device gives no tensors here: {shown(error, _LONGEST, quoted=False)}"


@contextmanager
def operators_enabled() -> Iterator[object]:
    """Set a configuration in which custom operators are on and nothing is compiled.

    Raises UnfitError: the platform refuses vLLM's default configuration.
    """
    config = import_module("vllm.config")
    try:
        made = config.VllmConfig()
    except Exception as error:
        text = shown(error, _LONGEST, quoted=False)
        raise UnfitError(
            f"vLLM's default configuration cannot be made: {text}", "worker.base"
        ) from error
    compilation = made.compilation_config
    compilation.custom_ops = ["all"]
    for name in ("mode", "level"):  # renamed in 0.12
        if hasattr(compilation, name):
            kind = type(getattr(compilation, name))
            setattr(compilation, name, kind(0))
            break
    with config.set_current_vllm_config(made):
        yield made


@contextmanager
def model_dtype(dtype: Dtype, device: Device) -> Iterator[None]:
    """Make tensors as vLLM does while it makes a model."""
    torch = import_module("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)


def groups_fault() -> str | None:
    """Make the parallel groups of a single rank, once; say why they cannot be made."""
    state = import_module("vllm.distributed.parallel_state")
    if state.model_parallel_is_initialized():
        return None
    meeting = Path(tempfile.mkdtemp()) / "rendezvous"
    try:
        if not import_module("torch").distributed.is_initialized():
            state.init_distributed_environment(
                world_size=1,
                rank=0,
                distributed_init_method=f"file://{meeting}",
                local_rank=0,
                backend="gloo",
            )
        state.ensure_model_parallel_initialized(1, 1)
    # The platform's communicator and device are in it.
    except Exception as error:
        text = shown(error, _LONGEST, quoted=False)
        return f"the parallel groups of one rank cannot be made: {text}"
    return None
