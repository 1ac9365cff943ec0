"""A static rule: its page, and the function that finds where it is broken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hwcheck.analyse.comparison import Comparison
from hwcheck.model.finding import Finding, Severity

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule."""

    id: str
    title: str
    """What is wrong when it is broken."""
    severity: Severity
    """The highest that its findings have."""
    explanation: str
    """Why it breaks, and when; whole sentences."""
    remedy: str
    bad: str
    """A short example that breaks it."""
    good: str
    """The same, mended."""
    find: Callable[[Comparison], Iterable[Finding]]
    needs_old: bool = False
    """It compares two hosts: it is run once with both and finds nothing without the old one."""
