"""What an exception says about a plugin: a breach, or that its device is not here."""

from subprocess import SubprocessError

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.device_presence import finds_no_device
from hwcheck.exercise.verdicts import broken, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.plain_text import shown

__all__ = ["failed", "may_lack_device", "refuses"]

#: What vendors' libraries raise where there is no driver or no device.
_ABSENCE = (ImportError, OSError, RuntimeError, SubprocessError)
#: Raised by Python's own machinery, whatever the device.
_OWN_FAULTS = (NotImplementedError, RecursionError)
_REFUSALS = (ValueError, NotImplementedError, AssertionError)
_LONGEST = 300


def failed(
    bench: Bench, error: BaseException, what: str, name: str = "", *, asks_device: bool = False
) -> ExaminedCase:
    """Judge what a plugin raised while `what` was being done.

    With `asks_device`, the call is one that may need the device to be there.
    """
    raised = bench.attribution.raised(error)
    told = f"{what} raises {raised.type}: {raised.message}"
    if may_lack_device(error, asks_device=asks_device):
        return not_measured(told, name, needs_device=True)
    if not raised.in_plugin:
        return not_measured(f"{told} (in no line of the plugin's)", name)
    return broken(told, name, place=raised.place)


def may_lack_device(error: BaseException, *, asks_device: bool = False) -> bool:
    """Whether an exception can come from the absence of the device or of its libraries."""
    if finds_no_device(error):
        return True
    if isinstance(error, _OWN_FAULTS):
        return False
    if isinstance(error, AttributeError):
        # torch.npu, without the package that adds it
        return asks_device or shown(error, _LONGEST, quoted=False).startswith("module '")
    return isinstance(error, _ABSENCE) or (asks_device and isinstance(error, AssertionError))


def refuses(error: BaseException) -> bool:
    """Whether an exception is how platforms say that they do not support something.

    pydantic hands on a `ValueError` and an `AssertionError` in one of its own.
    """
    if finds_no_device(error):
        return False
    # vLLM's own refusal of a request is no ValueError.
    is_host = type(error).__module__ == "vllm.exceptions"
    return is_host or (isinstance(error, _REFUSALS) and not isinstance(error, UnicodeError))
