"""Whether there are as many devices as workers are asked for."""

from collections.abc import Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.starts import around
from hwcheck.exercise.verdicts import not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["WORKERS", "known_devices", "with_devices"]

WORKERS = 2
"""As many workers as the engines of these families have."""


def known_devices(platform: object) -> int | None:
    """How many devices torch counts of the platform's kind; ``None`` where that is no limit."""
    kind = str(platform.device_type)  # type: ignore[attr-defined]
    # Any number of workers can share the processors.
    if kind == "cpu":
        return None
    count = getattr(getattr(import_module("torch"), kind, None), "device_count", None)
    try:
        return None if count is None else int(count())
    # A vendor's module of torch can raise anything where there is no driver.
    except Exception:
        return None


def with_devices(examination: Examination) -> Examination:
    """Make an examination not measured where there are fewer devices than workers."""

    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        found = known_devices(bench.platform)
        if found is not None and found < WORKERS:
            reason = f"torch counts {found} devices here, and {WORKERS} workers need one each"
            yield not_measured(reason, needs_device=True)
            return
        yield from examination(bench)

    return around(examination, whole)
