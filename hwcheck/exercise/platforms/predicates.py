"""What a platform says it is, and whether it keeps saying so."""

from collections.abc import Iterator
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

#: The kinds of platform among which vLLM's layers choose, and the predicate of each.
_KINDS = {
    "CUDA": "is_cuda",
    "ROCM": "is_rocm",
    "TPU": "is_tpu",
    "XPU": "is_xpu",
    "CPU": "is_cpu",
}
_OUT_OF_TREE, _UNSPECIFIED, _ALIKE = "is_out_of_tree", "is_unspecified", "is_cuda_alike"
#: Read by modules of vLLM while they are imported, so that a later change is not noticed.
_CONSTANT_VALUES = ("device_type", "device_name", "dispatch_key", "simple_compile_backend")
_CONSTANT_ANSWERS = (
    *_KINDS.values(),
    _OUT_OF_TREE,
    _UNSPECIFIED,
    _ALIKE,
    "is_pin_memory_available",
    "is_fp8_fnuz",
    "fp8_dtype",
    "supports_fp8",
    "supports_mx",
)
_LONGEST = 200


def predicates(bench: Bench) -> Iterator[ExaminedCase]:
    """One kind of platform is told, and what depends on it agrees."""
    platform: Any = bench.platform
    names = (*_KINDS.values(), _OUT_OF_TREE, _UNSPECIFIED)
    known = [name for name in names if _has(platform, name)]
    try:
        told = {name: bool(getattr(platform, name)()) for name in (*known, _ALIKE)}
    except BaseException as error:
        yield failed(bench, error, "asking what the platform is", "kind", asks_device=True)
        return
    yield _kind(bench, told)
    yield _alike(bench, told)


def _kind(bench: Bench, told: dict[str, bool]) -> ExaminedCase:
    claimed = [name for name in _KINDS.values() if told.get(name)]
    kind = getattr(bench.platform, "_enum", None)
    own = _KINDS.get(str(getattr(kind, "name", "")))
    if len(claimed) > 1:
        places = (bench.place_of(name) for name in claimed)
        place = next(filter(None, places), None)
        return broken(f"{' and '.join(claimed)} are true at once", "kind", place=place)
    if own is not None and not told.get(own, True):
        return broken(f"_enum is {kind}, and {own}() is false", "kind", place=bench.place_of(own))
    if not claimed and not told.get(_OUT_OF_TREE, True):
        place = bench.place_of(_OUT_OF_TREE)
        reason = "no predicate is true: vLLM's layers then take the branch for CUDA"
        return broken(reason, "kind", place=place)
    return kept("kind")


def _alike(bench: Bench, told: dict[str, bool]) -> ExaminedCase:
    real = [name for name in ("is_cuda", "is_rocm") if told.get(name)]
    if real and not told[_ALIKE]:
        reason = f"{real[0]}() is true and {_ALIKE}() is false"
        return broken(reason, "cuda-alike", place=bench.place_of(_ALIKE))
    if told[_ALIKE] and (told.get("is_cpu") or told.get("is_tpu") or told.get("is_xpu")):
        other = next(name for name in ("is_cpu", "is_tpu", "is_xpu") if told.get(name))
        reason = f"{_ALIKE}() is true and so is {other}()"
        return broken(reason, "cuda-alike", place=bench.place_of(_ALIKE))
    return kept("cuda-alike")


def constant(bench: Bench) -> Iterator[ExaminedCase]:
    """What modules read at import is the same later, and after configurations were made."""
    before = {name: _read(bench, name) for name in (*_CONSTANT_VALUES, *_CONSTANT_ANSWERS)}
    for shape in (Shape(enforce_eager=True), Shape()):
        made(shape, bench.attribution)
    for name, first in before.items():
        if first is None:
            yield not_applicable("it cannot be read here, or this vLLM does not have it", name)
            continue
        later = _read(bench, name)
        if later is None:
            yield not_measured("it can be read before a configuration is made, not after", name)
        elif later != first:
            reason = f"{name} is {first}, and {later} after a configuration was made"
            yield broken(reason, name, place=bench.place_of(name))
        else:
            yield kept(name)


def _read(bench: Bench, name: str) -> str | None:
    if not _has(bench.platform, name):
        return None
    try:
        value = getattr(bench.platform, name)
        return shown(value() if name in _CONSTANT_ANSWERS else value, _LONGEST)
    # What is wrong with it is told by the contract about the member.
    except BaseException:
        return None


def _has(platform: object, name: str) -> bool:
    # Not hasattr(): what is not defined comes back as None.
    return owner_of(type(platform), name) is not None


EXAMINATIONS: dict[str, Examination] = {
    "platform.constant": constant,
    "platform.predicates": predicates,
}
