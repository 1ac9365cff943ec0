"""What torch makes of a platform's device and dtypes."""

from importlib import import_module
from itertools import islice

from hwcheck.model.observation import DeviceSeen, DtypeSeen
from hwcheck.probe.plain_text import shown

__all__ = ["device_seen", "dtype_name", "dtype_seen", "supported_dtypes"]

_MOST_DTYPES = 50
_SUM_OF_SQUARED_ONES = 64.0


def device_seen(platform: object, member: str) -> DeviceSeen:
    """Ask torch for the device that vLLM builds of ``device_type`` or ``device_name``."""
    torch = import_module("torch")
    name = getattr(platform, member)
    text = f"{name}:0" if member == "device_name" else f"{name}"
    try:
        torch.device(text)
    except (RuntimeError, TypeError) as error:
        return DeviceSeen(expression=text, accepted=False, error=_first_line(error))
    return DeviceSeen(expression=text, accepted=True)


def supported_dtypes(platform: object) -> tuple[object, ...]:
    """The dtypes that the platform names; none when they cannot be read."""
    try:
        return tuple(islice(platform.supported_dtypes, _MOST_DTYPES))  # type: ignore[attr-defined]
    except BaseException:
        # The step that reads the member's value has recorded why.
        return ()


def dtype_seen(platform: object, dtype: object) -> DtypeSeen:
    """Make two 4x4 tensors of ones on the device and multiply them."""
    torch = import_module("torch")
    device = platform.device_type  # type: ignore[attr-defined]
    try:
        ones = torch.ones(4, 4, dtype=dtype, device=device)
        total = float((ones @ ones).float().sum().item())
    except (RuntimeError, NotImplementedError, AssertionError) as error:
        return DtypeSeen(
            dtype=dtype_name(dtype),
            worked=False,
            error=_first_line(error),
            device_answers=_gives_memory(device),
        )
    if total != _SUM_OF_SQUARED_ONES:
        wrong = f"4x4 ones squared sum to {total}, not 64"
        return DtypeSeen(dtype=dtype_name(dtype), worked=False, error=wrong)
    return DtypeSeen(dtype=dtype_name(dtype), worked=True)


def _gives_memory(device: str) -> bool:
    torch = import_module("torch")
    try:
        torch.empty(1, dtype=torch.uint8, device=device)
    except (RuntimeError, NotImplementedError, AssertionError):
        return False
    return True


def dtype_name(dtype: object) -> str:
    """What a dtype, or what a platform takes for one, is called."""
    return shown(dtype, 100, quoted=False)


def _first_line(error: Exception) -> str:
    return shown(error, 2000, quoted=False).split("\n")[0][:300]
