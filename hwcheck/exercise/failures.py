"""What an exception says about a plugin: a breach, or that its device is not here."""

from subprocess import SubprocessError
from types import ModuleType

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.device_presence import device_is_here, finds_no_device
from hwcheck.exercise.verdicts import broken, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import source_place

__all__ = ["failed", "failed_in_use", "is_misfit", "may_lack_device", "quality", "refuses"]

#: What vendors' libraries raise where there is no driver or no device.
_ABSENCE = (ImportError, OSError, RuntimeError, SubprocessError)
#: Raised by Python's own machinery, whatever the device.
_OWN_FAULTS = (NotImplementedError, RecursionError)
_REFUSALS = (ValueError, NotImplementedError, AssertionError)
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
_LONGEST = 300


def failed(
    bench: Bench, error: BaseException, what: str, name: str = "", *, asks_device: bool = False
) -> ExaminedCase:
    """Judge what a member of the plugin's raised while `what` was being done.

    With `asks_device`, the call is one that may need the device to be there.
    """
    raised = bench.attribution.raised(error)
    told = f"{what} raises {raised.type}: {raised.message}"
    if may_lack_device(error, asks_device=asks_device):
        return not_measured(told, name, needs_device=True)
    if not raised.in_plugin:
        return not_measured(f"{told} (in no line of the plugin's)", name)
    return broken(told, name, place=raised.place)


def failed_in_use(
    bench: Bench, error: BaseException, doing: str, name: str = "", *, made_of: object = None
) -> ExaminedCase:
    """Judge what was raised while a thing that the platform names was used as vLLM uses it.

    What vLLM raises when it is fed with what the plugin answered is the plugin's too; it is then
    shown where `made_of` is defined. Where the device is not here, such a use can fail in any way.
    """
    raised = bench.attribution.raised(error)
    reason = f"{doing} raises {raised.type}: {raised.message}"
    is_here = device_is_here(bench.platform) and not _lacks_library(bench, error)
    if is_misfit(error) or is_here:
        defined = None if made_of is None else source_place(made_of, bench.attribution)
        return broken(reason, name, place=raised.place if raised.in_plugin else defined)
    return not_measured(f"{reason}; it may need the device", name, needs_device=True)


def may_lack_device(error: BaseException, *, asks_device: bool = False) -> bool:
    """Whether an exception can come from the absence of the device or of its libraries."""
    if finds_no_device(error):
        return True
    if isinstance(error, _OWN_FAULTS) or is_misfit(error):
        return False
    if isinstance(error, AttributeError):
        # torch.npu, without the package that adds it
        return asks_device or shown(error, _LONGEST, quoted=False).startswith("module '")
    return isinstance(error, _ABSENCE) or (asks_device and isinstance(error, AssertionError))


def is_misfit(error: BaseException) -> bool:
    """Whether an exception says that code does not fit this vLLM, device or not."""
    match error:
        case NameError():
            return True
        case TypeError():
            return any(words in shown(error, _LONGEST, quoted=False) for words in _MISFITS)
        case AttributeError():
            return _is_host_thing(error.obj)
        case ImportError():
            return _is_host_name(error.name or "")
    return False


def refuses(error: BaseException) -> bool:
    """Whether an exception is how platforms say that they do not support something.

    pydantic hands on a `ValueError` and an `AssertionError` in one of its own.
    """
    if finds_no_device(error):
        return False
    # vLLM's own refusal of a request is no ValueError.
    is_host = type(error).__module__ == "vllm.exceptions"
    return is_host or (isinstance(error, _REFUSALS) and not isinstance(error, UnicodeError))


def quality(message: str) -> Refusal:
    """How good a refusal is, by its message: without one, nobody knows what was refused."""
    return Refusal.CLEAN if message.strip() else Refusal.CRASHED


def _lacks_library(bench: Bench, error: BaseException) -> bool:
    """Whether something cannot be imported that is neither vLLM's nor the plugin's."""
    if not isinstance(error, ImportError) or error.name is None:
        return False
    return not _is_host_name(error.name) and not bench.attribution.owns_module(error.name)


def _is_host_thing(thing: object) -> bool:
    module = thing.__name__ if isinstance(thing, ModuleType) else type(thing).__module__
    return _is_host_name(str(module))


def _is_host_name(name: str) -> bool:
    return name == "vllm" or name.startswith("vllm.")
