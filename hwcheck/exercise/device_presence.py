"""Whether the platform's device gives memory in this process, or torch finds none."""

import re
from functools import cache
from importlib import import_module

__all__ = ["device_here", "device_is_here", "finds_no_device", "origin_of", "usable_device"]

#: Where torch starts to use a kind of device.
_START = "_lazy_init"
_START_FILE = re.compile(r"(^|/)torch/\w+/__init__\.py$")
_WITHOUT = "Torch not compiled with "
#: What torch's dispatcher says where nobody registered the making of a tensor for a device.
_NO_MEMORY = re.compile(r"Could not run 'aten::empty[\w.]*' with arguments from the '\w+' backend")


@cache
def device_here(device_type: str) -> bool:
    """Try to make a tensor on the device; the CPU is always here."""
    try:
        import_module("torch").empty(1, device=device_type)
    # Whatever the vendor's library raises, there is no memory to be had.
    except Exception:
        return False
    return True


def device_is_here(platform: object) -> bool:
    """Whether a tensor can be made on the platform's device."""
    return device_here(str(platform.device_type))  # type: ignore[attr-defined]


def usable_device(platform: object) -> object:
    """The platform's device where it is here, else the CPU."""
    kind = platform.device_type if device_is_here(platform) else "cpu"  # type: ignore[attr-defined]
    return import_module("torch").device(kind)


def finds_no_device(error: BaseException) -> bool:
    """Whether torch raised it when it was to use a device, and found none or was built without."""
    error = origin_of(error)
    if isinstance(error, AssertionError | NotImplementedError) and error.args[:1]:
        told = error.args[0]
        if isinstance(told, str) and _says_no_device(error, told):
            return True
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return False
    code = frame.tb_frame.f_code
    return code.co_name == _START and _START_FILE.search(code.co_filename) is not None


def _says_no_device(error: BaseException, told: str) -> bool:
    if isinstance(error, AssertionError):
        return told.startswith(_WITHOUT)
    return _NO_MEMORY.match(told) is not None


def origin_of(error: BaseException) -> BaseException:
    """Give the exception that pydantic hands on in one of its own, else the one that is given."""
    try:
        inner = error.errors()[0]["ctx"]["error"]  # type: ignore[attr-defined]
    except (AttributeError, LookupError, TypeError):
        return error
    return inner if isinstance(inner, BaseException) else error
