"""What can be said of waivers without a run."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.model.waiver import Waiver, WaiverStanding, WaiverUse
from hwcheck.waivers.apply import WaiverBook, unknown_contract
from hwcheck.waivers.matching import is_expired

__all__ = ["check_waivers"]


def check_waivers(book: WaiverBook, known: frozenset[str], host: str = "") -> tuple[WaiverUse, ...]:
    """Find the waivers that every run would call wrong; `known` are the contracts of all suites.

    Without a `host`, an end that is a release has not come.
    """
    return tuple(_uses(book, known, host))


def _uses(book: WaiverBook, known: frozenset[str], host: str) -> Iterator[WaiverUse]:
    seen: dict[Waiver, int] = {}
    for number, waiver in enumerate(book.waivers, start=1):
        # What a waiver covers does not depend on why, by whom and until when.
        first = seen.setdefault(replace(waiver, reason="", owner="", issue="", created=""), number)
        unknown = unknown_contract(waiver, known)
        if is_expired(waiver, host, book.today):
            standing = WaiverStanding.EXPIRED
            detail = (
                f"it ended with {waiver.expires}: repair what it waives, or agree on another end"
            )
        elif unknown is not None:
            standing, detail = WaiverStanding.MATCHES_NOTHING, unknown
        elif first != number:
            standing = WaiverStanding.MATCHES_NOTHING
            detail = f"waiver {first} of the file covers the same: join them"
        else:
            standing, detail = WaiverStanding.NOT_JUDGED, f"until {waiver.expires}"
        yield WaiverUse(waiver=waiver, standing=standing, detail=detail)
