"""What the platform can compute with here: its device, its dtypes, its threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from hwcheck.exercise.bench import Bench

__all__ = ["device_of", "dtypes_of", "single_threaded"]

_DTYPES = ("float32", "bfloat16", "float16")


def device_of(bench: Bench) -> object | None:
    """The platform's device, ``None`` where no tensor can be made on it."""
    torch = import_module("torch")
    # Without the device, torch or the plugin's backend may raise anything.
    try:
        device: object = torch.device(bench.platform.device_type)  # type: ignore[attr-defined]
        torch.zeros(1, device=device).add_(1)
    except Exception:
        return None
    return device


def dtypes_of(bench: Bench) -> tuple[str, ...]:
    """The names of the supported dtypes that models are computed in, the widest first."""
    # A platform whose answer is of no use breaks another contract.
    try:
        told = {str(item).removeprefix("torch.") for item in bench.platform.supported_dtypes}  # type: ignore[attr-defined]
    except Exception:
        told = set()
    return tuple(item for item in _DTYPES if item in told) or _DTYPES[:1]


@contextmanager
def single_threaded() -> Iterator[None]:
    """Compute tiny tensors in one thread, which is many times faster on a busy machine."""
    torch = import_module("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
