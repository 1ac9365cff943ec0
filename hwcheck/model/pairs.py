"""The plan of a pairwise cover: which engines are started, and which pairs each is to show."""

from dataclasses import dataclass

__all__ = ["PAIRS_CONTRACT", "PairPlan", "PlannedEngine", "pair_name", "partners_of"]

PAIRS_CONTRACT = "pairs.combined"
"""The contract whose cases are pairs."""
_BETWEEN = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEngine:
    """One engine, with what holds for all its requests, and what single requests ask for."""

    settings: tuple[str, ...]
    kinds: tuple[str, ...]
    pairs: tuple[str, ...]
    """The names of the pairs that it is to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPlan:
    """A pairwise cover over what a run has demonstrated."""

    partners: tuple[str, ...]
    engines: tuple[PlannedEngine, ...]
    left: tuple[str, ...] = ()
    """The names of pairs that no engine of the plan shows."""


def pair_name(*partners: str) -> str:
    """Name what is combined, whatever the order: ``lora+prefix-caching``."""
    return _BETWEEN.join(sorted(partners))


def partners_of(name: str) -> tuple[str, ...]:
    """Tell what a name combines."""
    return tuple(name.split(_BETWEEN))
