"""What a platform says of its device's capability."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_GETTER = "get_device_capability"
#: What vLLM asks for, as a pair or as a number; ten and more are newer devices.
_ASKED = st.tuples(st.integers(0, 15), st.integers(0, 9))


def capability(bench: Bench) -> Iterator[ExaminedCase]:
    """The value is one that vLLM can compare, and the questions about it agree with it."""
    platform: Any = bench.platform
    try:
        told = [platform.get_device_capability() for _ in range(2)]
        told.append(platform.get_device_capability(device_id=0))
    except BaseException as error:
        yield failed(bench, error, f"{_GETTER}()", "value", asks_device=True)
        return
    fault = _value_fault(told)
    if fault is not None:
        yield broken(fault, "value", place=bench.place_of(_GETTER))
        return
    yield kept("value")
    yield from _agreements(bench, told[0])


def _value_fault(told: list[object]) -> str | None:
    value: Any = told[0]
    if any(other != value for other in told[1:]):
        return f"{_GETTER}() answers {told[0]!r}, then {told[1]!r}, and for device 0 {told[2]!r}"
    if value is None:
        return None
    cls = import_module("vllm.platforms.interface").DeviceCapability
    if not isinstance(value, cls):
        return f"{_GETTER}() answers {value!r}, which is neither None nor a DeviceCapability"
    if not (isinstance(value.major, int) and isinstance(value.minor, int)):
        return f"{_GETTER}() answers {value!r}, whose parts are not both int"
    if value.major < 0 or not 0 <= value.minor < 10:
        return f"{_GETTER}() answers {value!r}: the minor number has to be one digit"
    return None


def _agreements(bench: Bench, value: Any) -> Iterator[ExaminedCase]:
    """One case for each question that vLLM asks."""
    platform: Any = bench.platform

    def at_least(asked: tuple[int, int]) -> bool:
        return value is not None and tuple(value) >= asked

    def exactly(asked: tuple[int, int]) -> bool:
        return value is not None and tuple(value) == asked

    def family(asked: tuple[int, int]) -> bool:
        return value is not None and value[0] == asked[0]

    for name, right in (
        ("has_device_capability", at_least),
        ("is_device_capability", exactly),
        ("is_device_capability_family", family),
    ):
        if not hasattr(type(platform), name):
            yield not_applicable(f"this vLLM has no {name}()", name)
            continue
        question = getattr(platform, name)

        def check(
            asked: tuple[int, int], question: Any = question, right: Any = right
        ) -> str | None:
            number = asked[0] * 10 + asked[1]
            forms = (number,) if right is family else (asked, number)
            for form in forms:
                if bool(question(form)) is not right(asked):
                    return f"is {question(form)!r} for {form!r}, and the capability is {value!r}"
            return None

        near = _ASKED if value is None else _around(*value) | _ASKED
        found = bench.counterexample(check, near, examples=40)
        if found is None:
            yield kept(name)
        elif not found.in_plugin:
            yield not_measured(f"vLLM's own {name}() {found.fault}", name)
        else:
            place = found.place or bench.place_of(name)
            yield broken(f"{name}() {found.fault}", name, example=found.text, place=place)


def _around(major: int, minor: int) -> SearchStrategy[tuple[int, int]]:
    """The device's own numbers and their neighbours, which matter most."""
    same = [(major, other) for other in sorted({0, max(minor - 1, 0), minor, min(minor + 1, 9)})]
    return st.sampled_from([*same, (max(major - 1, 0), minor), (major + 1, minor), (10, 0)])


EXAMINATIONS: dict[str, Examination] = {"platform.capability": capability}
