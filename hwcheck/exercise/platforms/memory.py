"""Whether a platform's figures of memory can all be true."""

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.device_presence import device_here
from hwcheck.exercise.failures import failed
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_TOTAL, _USAGE = "get_device_total_memory", "get_current_memory_usage"
_MIB = 1024**2
#: No device that serves a model has less; a smaller figure is not in bytes.
_LEAST = 64 * _MIB
#: Memory can be plugged in while a process runs, and drivers round.
_SLACK = 1.1
_GROWTH = 64 * _MIB


def memory(bench: Bench) -> Iterator[ExaminedCase]:
    """The total is in bytes and not more than there is; the usage is not more than the total."""
    before = _machine_total()
    total, case = _figure(bench, _TOTAL, "total")
    if total is not None:
        real = _real_total(bench, max(before, _machine_total()))
        judged = _total_case(bench, total, real)
        yield judged
        # Nothing can be held against a figure that is wrong.
        total = total if judged.state is CaseState.KEPT else None
    elif case is not None:
        yield case
    usage, case = _figure(bench, _USAGE, "usage")
    if usage is not None:
        yield _usage_case(bench, usage, total)
        yield _growth_case(bench)
    elif case is not None:
        yield case


def _figure(bench: Bench, member: str, name: str) -> tuple[float | None, ExaminedCase | None]:
    call: Callable[[], object] = getattr(bench.platform, member)
    try:
        told = call()
    except NotImplementedError:
        return None, not_applicable(f"{member}() is not offered", name)
    except BaseException as error:
        return None, failed(bench, error, f"{member}()", name, asks_device=True)
    if isinstance(told, bool) or not isinstance(told, int | float):
        reason = f"{member}() answers {told!r}, which is no number of bytes"
        return None, broken(reason, name, place=bench.place_of(member))
    return float(told), None


def _total_case(bench: Bench, total: float, real: float | None) -> ExaminedCase:
    limit = None if real is None else real * _SLACK
    figures = [Figure(name="total memory, bytes", value=total, limit=limit)]
    place = bench.place_of(_TOTAL)
    if total < _LEAST:
        reason = f"{_TOTAL}() answers {total:.0f}, which can be no number of bytes"
        return broken(reason, "total", place=place, figures=figures)
    if limit is not None and total > limit:
        reason = f"{_TOTAL}() answers {total:.0f} bytes; the device has {real:.0f}"
        return broken(reason, "total", place=place, figures=figures)
    return kept("total", figures=figures)


def _usage_case(bench: Bench, usage: float, total: float | None) -> ExaminedCase:
    limit = None if total is None else total * _SLACK
    figures = [Figure(name="used memory, bytes", value=usage, limit=limit)]
    place = bench.place_of(_USAGE)
    if usage < 0:
        return broken(f"{_USAGE}() answers {usage:.0f}", "usage", place=place, figures=figures)
    if limit is not None and usage > limit:
        reason = f"{_USAGE}() answers {usage:.0f} bytes, and {_TOTAL}() {total:.0f}"
        return broken(reason, "usage", place=place, figures=figures)
    return kept("usage", figures=figures)


def _growth_case(bench: Bench) -> ExaminedCase:
    """A tensor on the device makes the usage grow: vLLM reports a model's size that way."""
    platform: Any = bench.platform
    device = str(platform.device_type)
    if device == "cpu":
        return not_applicable("other processes use the machine's memory too", "growth")
    if not device_here(device):
        return not_measured("the device gives no memory here", "growth", needs_device=True)
    try:
        before = platform.get_current_memory_usage()
        held = import_module("torch").ones(_GROWTH // 4, device=device)
        after = platform.get_current_memory_usage()
        del held
    except BaseException as error:
        return failed(bench, error, f"{_USAGE}() around a tensor", "growth", asks_device=True)
    grown = float(after - before)
    figures = [Figure(name="growth, bytes", value=grown)]
    if grown < _GROWTH / 2:
        reason = f"{_USAGE}() grows by {grown:.0f} bytes when {_GROWTH} are taken"
        return broken(reason, "growth", place=bench.place_of(_USAGE), figures=figures)
    return kept("growth", figures=figures)


def _real_total(bench: Bench, machine: float) -> float | None:
    device = str(bench.platform.device_type)  # type: ignore[attr-defined]
    if device == "cpu":
        return machine
    if not device_here(device):
        return None
    module = getattr(import_module("torch"), device, None)
    try:
        return float(module.mem_get_info()[1])  # type: ignore[union-attr]
    # Few devices of torch's have it.
    except Exception:
        return None


def _machine_total() -> float:
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


EXAMINATIONS: dict[str, Examination] = {"platform.memory": memory}
