"""The names of compilers and dispatch keys that a platform gives to torch."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.device_presence import device_here
from hwcheck.exercise.failures import failed, may_lack_device
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of, resolve

__all__ = ["EXAMINATIONS"]

_GETTER, _SIMPLE, _KEY = "get_compile_backend", "simple_compile_backend", "dispatch_key"
#: What vLLM's own compilation knows; everything else has to be the path of a class.
_OWN = ("inductor", "eager")


def compile_backend(bench: Bench) -> Iterator[ExaminedCase]:
    """Both names are ones that vLLM and torch can find, and stay the same."""
    platform: Any = bench.platform
    yield _simple(bench, platform.simple_compile_backend)
    if owner_of(type(platform), _GETTER) is None:
        yield not_applicable(f"this vLLM has no {_GETTER}()", "model")
        return
    try:
        first, second = platform.get_compile_backend(), platform.get_compile_backend()
    except BaseException as error:
        yield failed(bench, error, f"{_GETTER}()", "model", asks_device=True)
        return
    place = bench.place_of(_GETTER) or bench.place_of(_SIMPLE)
    if first != second:
        reason = f"{_GETTER}() answers {first!r}, and then {second!r}"
        yield broken(reason, "model", place=place)
        return
    yield _model(first, place)


def _simple(bench: Bench, name: object) -> ExaminedCase:
    case = "simple"
    known = _torch_names()
    if callable(name) or (isinstance(name, str) and name in known):
        return kept(case)
    try:
        if isinstance(name, str) and callable(resolve(name)):
            return kept(case)
    except BaseException as error:
        if isinstance(name, str) and "." in name and may_lack_device(error):
            return not_measured(f"{name}: {error}", case, needs_device=True)
    reason = f"{_SIMPLE} is {name!r}, which torch.compile() does not know"
    return broken(reason, case, place=bench.place_of(_SIMPLE))


def _model(name: object, place: Any) -> ExaminedCase:
    case = "model"
    if name in _OWN or (isinstance(name, str) and name in _torch_names()):
        return kept(case)
    if not isinstance(name, str) or "." not in name:
        reason = f"{_GETTER}() answers {name!r}, which is no backend of torch's and no class path"
        return broken(reason, case, place=place)
    try:
        found = resolve(name)
    except BaseException as error:
        if may_lack_device(error) and not _is_missing(error, name):
            return not_measured(f"{name}: {error}", case, needs_device=True)
        reason = f"{_GETTER}() answers {name!r}: {type(error).__name__}: {error}"
        return broken(reason, case, place=place)
    if not callable(found):
        return broken(f"{_GETTER}() answers {name!r}, which cannot be called", case, place=place)
    return kept(case)


def _is_missing(error: BaseException, path: str) -> bool:
    """Whether it is the named module itself that is not there."""
    return isinstance(error, ModuleNotFoundError) and f"{path}.".startswith(f"{error.name}.")


def _torch_names() -> frozenset[str]:
    dynamo = import_module("torch._dynamo")
    return frozenset(dynamo.list_backends(exclude_tags=()))


def dispatch_key(bench: Bench) -> Iterator[ExaminedCase]:
    """torch knows the key, and an operator registered with it runs on the device."""
    torch = import_module("torch")
    platform: Any = bench.platform
    key, device = platform.dispatch_key, str(platform.device_type)
    place = bench.place_of(_KEY)
    try:
        torch._C._dispatch_key_parse(key)
    except (RuntimeError, TypeError) as error:
        yield broken(f"{_KEY} is {key!r}: {error}", "known", place=place)
        return
    yield kept("known")
    if not device_here(device):
        yield not_measured("the device gives no memory here", "runs", needs_device=True)
        return
    library = torch.library.Library("hwcheck_probe", "FRAGMENT")
    try:
        library.define("twice(Tensor x) -> Tensor")
        library.impl("twice", lambda x: x + x, dispatch_key=key)
        torch.ops.hwcheck_probe.twice(torch.ones(2, device=device))
    except (RuntimeError, NotImplementedError) as error:
        told = str(error).partition("\n")[0]
        yield broken(
            f"an operator registered for {key!r} does not run on {device!r}: {told}",
            "runs",
            place=place,
        )
    else:
        yield kept("runs")
    finally:
        library._destroy()


EXAMINATIONS: dict[str, Examination] = {
    "platform.compile-backend": compile_backend,
    "platform.dispatch-key": dispatch_key,
}
