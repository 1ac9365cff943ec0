"""How a platform's device ids follow the variable that masks devices."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_MOST_DEVICES = 8
_PLACEHOLDER = "VLLM_DEVICE_CONTROL_ENV_VAR_PLACEHOLDER"
_LEGAL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TO_PHYSICAL = "device_id_to_physical_device_id"
_TO_VISIBLE = "logical_device_id_to_visible_device_id"
_FROM_VISIBLE = "visible_device_id_to_physical_device_id"
_CONTROL = "device_control_id_to_physical_device_id"
_ASSIGNED = "_assigned_physical_gpu_ids"

#: Ordered selections of up to eight devices.
_MASKS: SearchStrategy[list[int]] = st.lists(
    st.integers(0, _MOST_DEVICES - 1), min_size=1, max_size=_MOST_DEVICES, unique=True
)
#: Entries that are no numbers: ids that management tools print, and mistakes.
_WORDS = st.sampled_from(("GPU-3f2a", "MIG-1", "x", "1.5", "-"))


def device_mapping(bench: Bench) -> Iterator[ExaminedCase]:
    """With the mask set, ordinal i is its i-th physical device, and back."""
    variable = str(bench.platform.device_control_env_var)  # type: ignore[attr-defined]
    if not variable or variable == _PLACEHOLDER:
        yield not_applicable("the platform names no variable that masks devices")
        return
    if not _LEGAL.fullmatch(variable):
        yield broken(f"device_control_env_var is {variable!r}, which no shell can set")
        return
    for name, strategy, check in _cases(bench.platform, variable):
        found = bench.counterexample(check, strategy, examples=30)
        if found is None:
            yield kept(name)
        elif not found.in_plugin and found.fault.startswith("raises"):
            yield not_measured(f"vLLM's own {found.fault}", name)
        else:
            place = found.place or bench.place_of(_TO_PHYSICAL) or bench.place_of(_TO_VISIBLE)
            yield broken(found.fault, name, example=f"{variable}: {found.text}", place=place)
    if not hasattr(type(bench.platform), _TO_VISIBLE):
        yield not_applicable(f"this vLLM has no {_TO_VISIBLE}()", "round-trip")


_Case = tuple[str, SearchStrategy[Any], Callable[[Any], str | None]]


def _cases(platform: Any, variable: str) -> Iterator[_Case]:
    physical = getattr(platform, _TO_PHYSICAL)

    def mask(devices: list[int]) -> str | None:
        with _masked(variable, devices):
            told = [physical(number) for number in range(len(devices))]
        return None if told == devices else f"{variable}={_list(devices)} is mapped to {told}"

    def unset(count: int) -> str | None:
        for value in (None, ""):
            with _set(variable, value):
                told = [physical(number) for number in range(count)]
            if told != list(range(count)):
                return f"with {variable} {'unset' if value is None else 'empty'}: {told}"
        return None

    def out_of_range(devices: list[int]) -> str | None:
        with _masked(variable, devices):
            try:
                told = physical(len(devices))
            # Whatever it raises, nobody goes on with a device that is not there.
            except Exception:
                return None
        return f"{variable}={_list(devices)} has no ordinal {len(devices)}, and it is {told!r}"

    def word(entry: str) -> str | None:
        with _set(variable, entry):
            try:
                told = physical(0)
            except Exception:
                return None
        if isinstance(told, int):
            return None
        return f"{variable}={entry} gives the physical device {told!r}, which is no number"

    yield "mask", _MASKS, mask
    yield "unset", st.integers(1, _MOST_DEVICES), unset
    yield "out-of-range", _MASKS, out_of_range
    yield "non-integer", _WORDS, word
    if hasattr(type(platform), _TO_VISIBLE):
        yield "round-trip", _MASKS, _round_trip(platform, variable)
        if hasattr(import_module("vllm.platforms.interface"), _ASSIGNED):
            yield "assigned", _MASKS, _assigned(platform, variable)


def _round_trip(platform: Any, variable: str) -> Callable[[list[int]], str | None]:
    def check(devices: list[int]) -> str | None:
        with _masked(variable, devices):
            for number, physical in enumerate(devices):
                visible = getattr(platform, _TO_VISIBLE)(number)
                back = getattr(platform, _FROM_VISIBLE)(visible)
                entry = getattr(platform, _CONTROL)(str(physical))
                if (visible, back, entry) != (number, physical, physical):
                    return (
                        f"{variable}={_list(devices)}: logical {number} is visible {visible}, "
                        f"which is physical {back}; entry {physical} is {entry}"
                    )
        return None

    return check


def _assigned(platform: Any, variable: str) -> Callable[[list[int]], str | None]:
    """vLLM's own map of logical to physical devices goes before the mask."""

    def check(devices: list[int]) -> str | None:
        assigned = devices[::-1]
        with _masked(variable, devices), _assignment(assigned):
            for number, physical in enumerate(assigned):
                told = getattr(platform, _TO_PHYSICAL)(number)
                visible = getattr(platform, _TO_VISIBLE)(number)
                if (told, visible) != (physical, devices.index(physical)):
                    return (
                        f"{variable}={_list(devices)} and devices {assigned} assigned: logical "
                        f"{number} is physical {told} and visible {visible}"
                    )
        return None

    return check


def _masked(variable: str, mask: list[int]) -> Any:
    return _set(variable, _list(mask))


def _list(mask: list[int]) -> str:
    return ",".join(map(str, mask))


@contextmanager
def _set(variable: str, value: str | None) -> Iterator[None]:
    before = os.environ.pop(variable, None)
    if value is not None:
        os.environ[variable] = value
    try:
        yield
    finally:
        os.environ.pop(variable, None)
        if before is not None:
            os.environ[variable] = before


@contextmanager
def _assignment(devices: list[int]) -> Iterator[None]:
    interface = import_module("vllm.platforms.interface")
    before = getattr(interface, _ASSIGNED)
    setattr(interface, _ASSIGNED, devices)
    try:
        yield
    finally:
        setattr(interface, _ASSIGNED, before)


EXAMINATIONS: dict[str, Examination] = {"platform.device-mapping": device_mapping}
