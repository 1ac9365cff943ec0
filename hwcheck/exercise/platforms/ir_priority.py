"""The implementations of vLLM's IR operators that a platform prefers."""

from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.config_snapshot import differences, snapshot
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

_MEMBER, _IMPORT = "get_default_ir_op_priority", "import_ir_kernels"
#: vLLM's own, which takes every argument.
_NATIVE = "native"


def ir_priority(bench: Bench) -> Iterator[ExaminedCase]:
    """Each operator's list names registered providers, has vLLM's own in it, and stays the same."""
    platform: Any = bench.platform
    if owner_of(type(platform), _MEMBER) is None:
        yield not_applicable(f"this vLLM has no {_MEMBER}()")
        return
    config = made(Shape(), bench.attribution).config
    if config is None:
        yield not_measured("no configuration can be made")
        return
    before = snapshot(config)
    try:
        getattr(platform, _IMPORT)()
        first = platform.get_default_ir_op_priority(config)
        second = platform.get_default_ir_op_priority(config)
    except BaseException as error:
        yield failed(bench, error, f"{_IMPORT}() and {_MEMBER}()")
        return
    place = bench.place_of(_MEMBER)
    fault = _fault(first, second)
    changed = differences(before, snapshot(config))
    if fault is None and changed:
        fault = f"{_MEMBER}() changes the configuration: {changed[0].text}"
    yield kept() if fault is None else broken(fault, place=place)


def _fault(first: Any, second: object) -> str | None:
    expected = import_module("vllm.config.kernel").IrOpPriorityConfig
    if not isinstance(first, expected):
        return f"{_MEMBER}() answers {first!r}, no IrOpPriorityConfig"
    if first != second:
        return f"{_MEMBER}() answers {first!r}, and then {second!r}"
    registry = import_module("vllm.ir.op").IrOp.registry
    for item in fields(expected):
        order = getattr(first, item.name)
        if item.name not in registry or order is None:
            continue
        unknown = [name for name in order if name not in {*registry[item.name].impls, _NATIVE}]
        if unknown:
            known = sorted({*registry[item.name].impls, _NATIVE})
            return f"{item.name} prefers {unknown[0]!r}; registered are {', '.join(known)}"
        impls = registry[item.name].impls
        if order and not any(getattr(impls.get(name), "supports_all_args", True) for name in order):
            return f"{item.name} has only {order}: what they refuse, nobody computes"
    return None


EXAMINATIONS: dict[str, Examination] = {"platform.ir-priority": ir_priority}
