"""Capabilities, the rungs of the evidence ladder, and what a run shows of them."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

__all__ = ["Capability", "Claim", "ClaimTest", "Mark", "MemberReading", "Rung", "Standing"]


class Rung(IntEnum):
    """How well a capability is proven."""

    E0 = 0
    E1 = 1
    E2 = 2
    E3 = 3
    E4 = 4
    E5 = 5

    @property
    def title(self) -> str:
        """The name of the rung."""
        return ("unknown", "declared", "resolved", "constructed", "demonstrated", "in combination")[
            self.value
        ]


class Mark(StrEnum):
    """What else is to be said of a rung."""

    NATIVE = "native"
    FALLBACK = "fallback"
    CONTRADICTED = "contradicted"
    UNDECLARED = "undeclared"
    REFUSED_CLEANLY = "refused-cleanly"
    IGNORED_SILENTLY = "ignored-silently"
    CRASHED = "crashed"
    WAIVED = "waived"
    FLAKY = "flaky"
    NOT_APPLICABLE = "not-applicable"
    NOT_MEASURED = "not-measured"
    NOT_DECLARED = "not-declared"
    STALE = "stale"


class ClaimTest(StrEnum):
    """How a platform member is read as a claim."""

    OVERRIDDEN = "overridden"
    """The plugin defines the member itself."""
    TRUE = "true"
    """The member's value, or what it returns, is true."""
    NON_EMPTY = "non-empty"
    """The value is a non-empty string or sequence."""
    CONTAINS = "contains"
    """The value is a sequence that contains the operand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One way in which a plugin declares a capability."""

    member: str
    test: ClaimTest
    operand: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReading:
    """What a platform says through one member: the raw material of claims."""

    name: str
    overridden: bool
    """Whether the plugin defines the member itself."""
    read: bool = False
    """Whether its value is known; the fields below mean nothing otherwise."""
    truth: bool = False
    text: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """An optional ability with an id, and what counts as evidence for it."""

    id: str
    title: str
    area: str
    gate: str
    """Whether vLLM lets a plugin supply it at all: open, plugin, partial or closed."""
    note: str = ""
    claims: tuple[Claim, ...] = ()
    """Any one that holds declares the capability; with none, the platform cannot declare it."""
    resolved_by: tuple[str, ...] = ()
    """Outcome ids that must all pass for E2; ``contract[*]`` stands for all cases of a run."""
    constructed_by: tuple[str, ...] = ()
    """Outcome ids that must all pass for E3; ``contract[*]`` stands for all cases of a run."""
    demonstrated_by: str = ""
    """In words: what would show it (E4)."""
    shown_by: tuple[str, ...] = ()
    """Outcome ids that must all pass for E4; ``contract[*]`` stands for all cases of a run."""
    runs_on: str = ""
    """The part of an engine that is the plugin's own where the capability is native."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one run shows of one capability."""

    capability: str
    rung: Rung
    marks: tuple[Mark, ...]
    why: str
    """One line: what raised it to this rung, and what kept it from the next."""
    evidence: tuple[str, ...] = ()
    """Outcome ids that were counted."""
