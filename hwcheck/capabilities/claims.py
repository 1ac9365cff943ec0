"""What a platform says of a capability, read from its members."""

from collections.abc import Mapping
from dataclasses import dataclass

from hwcheck.model.capability import Claim, ClaimTest, MemberReading

__all__ = ["Declaration", "read_claims"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The claims of one capability, sorted into those that hold, do not hold, and are unknown."""

    held: tuple[Claim, ...]
    denied: tuple[Claim, ...]
    unread: tuple[Claim, ...]

    @property
    def is_made(self) -> bool:
        """Whether the platform declares the capability."""
        return bool(self.held)

    @property
    def is_known(self) -> bool:
        """Whether every claim could be read, or one that holds makes the others irrelevant."""
        return self.is_made or not self.unread

    @property
    def unheld_members(self) -> frozenset[str]:
        """The members that stand for claims which are not known to hold."""
        unheld = {claim.member for claim in (*self.denied, *self.unread)}
        return frozenset(unheld - {claim.member for claim in self.held})


def read_claims(claims: tuple[Claim, ...], readings: Mapping[str, MemberReading]) -> Declaration:
    """Sort claims by what the members say."""
    answers = [(claim, _holds(claim, readings.get(claim.member))) for claim in claims]
    return Declaration(
        held=tuple(claim for claim, answer in answers if answer is True),
        denied=tuple(claim for claim, answer in answers if answer is False),
        unread=tuple(claim for claim, answer in answers if answer is None),
    )


def _holds(claim: Claim, reading: MemberReading | None) -> bool | None:
    # What was not read is unknown: a blank is never "no".
    if reading is None:
        return None
    if claim.test is ClaimTest.OVERRIDDEN:
        return reading.overridden
    if not reading.read:
        return None
    match claim.test:
        case ClaimTest.TRUE:
            return reading.truth
        case ClaimTest.NON_EMPTY:
            # Strings and sequences are true unless empty; the text of an empty one need not be.
            return reading.truth or bool(reading.items)
        case ClaimTest.CONTAINS:
            return claim.operand in reading.items
