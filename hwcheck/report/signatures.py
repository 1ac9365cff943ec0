"""Long signatures, shortened to what sets two of them apart."""

import re
from collections.abc import Collection

__all__ = ["elided"]

_SIGNATURE = re.compile(r"^(?P<head>[^()]*\()(?P<parameters>[^()]*)(?P<tail>\).*)$", re.DOTALL)
#: Parameters of a signature that is short enough to be shown whole.
_FEW = 6
_GAP = "…"


def elided(text: str, other: str) -> str:
    """Leave out the parameters that the signature in `text` shares with the one in `other`.

    The neighbours of those that differ stay, to show the place. A text without a signature, or
    with a short one, stays as it is.
    """
    mine, theirs = _SIGNATURE.match(text), _SIGNATURE.match(other)
    if mine is None or theirs is None:
        return text
    parameters = mine["parameters"].split(", ")
    if len(parameters) <= _FEW:
        return text
    kept = _kept(parameters, theirs["parameters"].split(", "))
    shown = [
        name if number in kept else _GAP
        for number, name in enumerate(parameters)
        if number in kept or number - 1 in kept or number == 0
    ]
    return mine["head"] + ", ".join(shown) + mine["tail"]


def _kept(parameters: list[str], others: list[str]) -> Collection[int]:
    """Give the numbers of the parameters that differ or stand elsewhere, and their neighbours."""
    shared = set(parameters) & set(others)
    left = [name for name in parameters if name in shared]
    right = [name for name in others if name in shared]
    moved = {name for name, there in zip(left, right, strict=False) if name != there}
    differing = [
        number for number, name in enumerate(parameters) if name not in shared or name in moved
    ]
    # What the other one has between two that both have is seen from its neighbours.
    differing += [
        parameters.index(others[number - 1])
        for number, name in enumerate(others)
        if name not in shared and number and others[number - 1] in shared
    ]
    return {near for number in differing for near in (number - 1, number, number + 1)}
