"""How a test of a suite says what it found, apart from a plain assertion."""

from typing import NoReturn

# pytest offers these only as attributes of functions, which a type checker cannot derive from.
from _pytest.outcomes import Failed, Skipped

from hwcheck.model.outcome import Cause, Outcome, Place

__all__ = [
    "Broken",
    "Cases",
    "HarnessFault",
    "NotApplicable",
    "NotMeasured",
    "broken",
    "not_applicable",
    "not_measured",
]


class Broken(Failed):
    """The plugin breaks the contract; more exact than an `AssertionError`."""

    def __init__(self, reason: str, cause: Cause, place: Place | None, tail: str | None) -> None:
        super().__init__(_told(reason, place), pytrace=False)
        self.reason = reason
        self.cause = cause
        self.place = place
        self.tail = tail


class NotMeasured(Skipped):
    """The contract applies, and nothing is known about it."""

    def __init__(self, reason: str, cause: Cause, blocked_by: str | None) -> None:
        super().__init__(f"not measured: {reason}")
        self.reason = reason
        self.cause = cause
        self.blocked_by = blocked_by


class NotApplicable(Skipped):
    """The contract asks nothing of this plugin on this host."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not applicable: {reason}")
        self.reason = reason


class Cases(Exception):
    """The outcomes of the cases of one contract; what becomes of the test follows from them."""

    def __init__(self, outcomes: tuple[Outcome, ...]) -> None:
        super().__init__(", ".join(item.id for item in outcomes))
        self.outcomes = outcomes


class HarnessFault(Exception):
    """hwcheck could not do its work; says nothing of the plugin."""


def broken(
    reason: str,
    *,
    cause: Cause = Cause.VIOLATED,
    place: Place | None = None,
    tail: str | None = None,
) -> NoReturn:
    """End the test: the plugin breaks the contract.

    Raises Broken: always.
    """
    raise Broken(reason, cause, place, tail)


def not_measured(
    reason: str, *, cause: Cause = Cause.BLOCKED, blocked_by: str | None = None
) -> NoReturn:
    """End the test: it cannot be told whether the plugin keeps the contract.

    Raises NotMeasured: always.
    """
    raise NotMeasured(reason, cause, blocked_by)


def not_applicable(reason: str) -> NoReturn:
    """End the test: the contract asks nothing of this plugin on this host.

    Raises NotApplicable: always.
    """
    raise NotApplicable(reason)


def _told(reason: str, place: Place | None) -> str:
    if place is None:
        return reason
    where = f"{reason}\n  at {place.file}:{place.line}"
    return f"{where}: {place.text}" if place.text else where
