"""Whether a waiver is about an outcome, and about this failure of it."""

import re
from datetime import date
from fnmatch import fnmatchcase

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from hwcheck.config import expiry_of
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.waiver import Signature, Waiver

__all__ = ["contract_pattern", "is_expired", "is_in_scope", "names", "recognises"]

_USUAL = frozenset({OutcomeState.BROKEN, OutcomeState.FLAKY})


def contract_pattern(waiver: Waiver) -> str:
    """The part of a waiver's id that names contracts."""
    return waiver.id.partition("[")[0]


def names(waiver: Waiver, outcome: Outcome) -> bool:
    """Whether the id of a waiver is, or matches, that of an outcome."""
    contract, bracket, case = waiver.id.partition("[")
    if not fnmatchcase(outcome.contract, contract):
        return False
    wanted = case.removesuffix("]")
    # A case can itself hold the characters of patterns.
    return not bracket or outcome.case == wanted or fnmatchcase(outcome.case or "", wanted)


def recognises(signature: Signature, outcome: Outcome) -> bool:
    """Whether an outcome fails in the way that a signature tells."""
    states = _USUAL if signature.state is None else {signature.state}
    reason = outcome.reason or ""
    return (
        outcome.state in states
        and (not signature.exception or _has_word(signature.exception, reason))
        and (not signature.message or _holds(signature.message, reason))
    )


def is_in_scope(waiver: Waiver, host: str, device: str) -> bool:
    """Whether a waiver holds on this host and device; on an unknown one only without a limit."""
    if waiver.scope.host:
        version = _version(host)
        # A candidate of a release is what the release is going to be.
        if version is None or not SpecifierSet(waiver.scope.host).contains(
            version, prereleases=True
        ):
            return False
    return not waiver.scope.device or fnmatchcase(device, waiver.scope.device)


def is_expired(waiver: Waiver, host: str, today: date) -> bool:
    """Whether a waiver has come to its end."""
    end = expiry_of(waiver.expires)
    if isinstance(end, date):
        return today > end
    version = _version(host)
    return version is not None and version >= end


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _has_word(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w]){re.escape(word)}(?!\w)", text) is not None


def _holds(pattern: str, text: str) -> bool:
    # Messages are full of square brackets, which shell patterns give a meaning of their own.
    return re.search(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None
