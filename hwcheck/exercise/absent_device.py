"""Whether a failure is the plugin's or comes of the device not being here."""

from importlib import import_module

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.device_presence import device_here
from hwcheck.exercise.verdicts import broken, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import source_place

__all__ = ["device_is_here", "failed", "is_misfit", "usable_device"]

#: How Python says that a call and a signature do not fit, or that a class is not complete.
_MISFITS = (
    "unexpected keyword argument",
    "required positional argument",
    "required keyword-only argument",
    "positional argument but",
    "positional arguments but",
    "multiple values for argument",
    "takes no arguments",
    "takes no keyword arguments",
    "abstract class",
    "Protocols cannot be instantiated",
)


def device_is_here(platform: object) -> bool:
    """Whether a tensor can be made on the platform's device."""
    return device_here(str(platform.device_type))  # type: ignore[attr-defined]


def usable_device(platform: object) -> object:
    """The platform's device where it is here, else the CPU."""
    kind = platform.device_type if device_is_here(platform) else "cpu"  # type: ignore[attr-defined]
    return import_module("torch").device(kind)


def is_misfit(error: BaseException) -> bool:
    """Whether an exception says that code does not fit this vLLM, device or not."""
    match error:
        case NameError():
            return True
        case TypeError():
            return any(words in str(error) for words in _MISFITS)
        case AttributeError():
            return _is_host_thing(error.obj)
        case ImportError():
            return _is_host_name(error.name or "")
    return False


def failed(
    bench: Bench, error: BaseException, doing: str, name: str = "", *, made_of: object = None
) -> ExaminedCase:
    """Judge an exception: the plugin's, or not to be judged because the device is not here.

    What vLLM raises when it is fed with what the plugin answered is the plugin's too; it is then
    shown where `made_of` is defined.
    """
    raised = bench.attribution.raised(error)
    reason = f"{doing} raises {raised.type}: {raised.message}"
    if is_misfit(error) or device_is_here(bench.platform):
        defined = None if made_of is None else source_place(made_of, bench.attribution)
        return broken(reason, name, place=raised.place if raised.in_plugin else defined)
    return not_measured(f"{reason}; it may need the device", name, needs_device=True)


def _is_host_thing(thing: object) -> bool:
    module = getattr(thing, "__name__", "") if _is_module(thing) else type(thing).__module__
    return _is_host_name(str(module))


def _is_module(thing: object) -> bool:
    return isinstance(thing, type(import_module("sys")))


def _is_host_name(name: str) -> bool:
    return name == "vllm" or name.startswith("vllm.")
