"""The page of a static rule: what it says to people, apart from how it finds."""

from dataclasses import dataclass

from hwcheck.model.finding import Severity

__all__ = ["RulePage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """What is told of one rule; its id is permanent."""

    id: str
    title: str
    """What is wrong when it is broken."""
    severity: Severity
    """The highest that its findings have."""
    explanation: str = ""
    """Why it breaks, and when; whole sentences."""
    remedy: str = ""
    bad: str = ""
    """A short example that breaks it."""
    good: str = ""
    """The same, mended."""
