"""Whether a platform's answers about quantization agree with each other."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed, may_lack_device, refuses
from hwcheck.exercise.platforms.near_names import nearest
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_LIST = "supported_quantization"
_CHECK = "verify_quantization"
_MODULE = "vllm.model_executor.layers.quantization"
_PROBE = "hwcheck_probe"


def quantization(bench: Bench) -> Iterator[ExaminedCase]:
    """Every listed method passes, every other passes or is refused in words."""
    listed = getattr(bench.platform, _LIST)
    if not isinstance(listed, list | tuple | set | frozenset):
        yield not_measured(f"{_LIST} is {listed!r}", blocked_by="platform.member")
        return
    known = tuple(import_module(_MODULE).QUANTIZATION_METHODS)
    yield _listed(bench, tuple(listed), known)
    yield _others(bench, tuple(listed), known)
    yield _added(bench)


def _listed(bench: Bench, listed: tuple[str, ...], known: tuple[str, ...]) -> ExaminedCase:
    if not listed:
        return not_applicable(f"{_LIST} is empty: every method may be tried", "listed")
    for method in listed:
        try:
            getattr(bench.platform, _CHECK)(method)
        except BaseException as error:
            what = f"{method!r} is in {_LIST}, and {_CHECK}()"
            return failed(bench, error, what, "listed", asks_device=True)
        meant = None if method in known else nearest(method, set(known) - set(listed))
        if meant is not None:
            reason = f"{_LIST} names {method!r}, which nobody registers; {meant!r} is not in it"
            return broken(reason, "listed", place=bench.place_of(_LIST))
    return kept("listed")


def _others(bench: Bench, listed: tuple[str, ...], known: tuple[str, ...]) -> ExaminedCase:
    for method in sorted({*known} - {*listed}):
        try:
            getattr(bench.platform, _CHECK)(method)
        except BaseException as error:
            if refuses(error):
                continue
            return failed(bench, error, f"{_CHECK}({method!r})", "others", asks_device=True)
    return kept("others")


def _added(bench: Bench) -> ExaminedCase:
    """A method that a general plugin registers is supported from then on."""
    if bench.is_own(_CHECK):
        return not_applicable(f"the plugin decides by itself in {_CHECK}()", "registered")
    if not getattr(bench.platform, _LIST):
        return not_applicable(f"{_LIST} is empty: every method may be tried", "registered")
    module: Any = import_module(_MODULE)
    if not _appends(module):
        return not_applicable(f"this vLLM appends nothing to {_LIST}", "registered")
    base = import_module(f"{_MODULE}.base_config").QuantizationConfig
    try:
        module.register_quantization_config(_PROBE)(type("Probe", (base,), {}))
        getattr(bench.platform, _CHECK)(_PROBE)
    except BaseException as error:
        if may_lack_device(error):
            return not_measured(str(error), "registered", needs_device=True)
        reason = (
            f"a method registered with register_quantization_config() is refused "
            f"({type(error).__name__}: {error}): vLLM appends it to {_LIST}"
        )
        return broken(reason, "registered", place=bench.place_of(_LIST))
    finally:
        _forget(bench, module)
    return kept("registered")


def _appends(module: Any) -> bool:
    """Whether registering a method changes the platform's list; 0.13 leaves it alone."""
    try:
        return _LIST in inspect.getsource(module.register_quantization_config)
    except (OSError, TypeError):
        return False


def _forget(bench: Bench, module: Any) -> None:
    for names in (module.QUANTIZATION_METHODS, getattr(bench.platform, _LIST)):
        if isinstance(names, list) and _PROBE in names:
            names.remove(_PROBE)
    getattr(module, "_CUSTOMIZED_METHOD_TO_QUANT_CONFIG", {}).pop(_PROBE, None)


EXAMINATIONS: dict[str, Examination] = {"platform.quantization": quantization}
