"""The plan of a pairwise cover in words."""

from collections.abc import Iterator

from hwcheck.model.pairs import PairPlan, PlannedEngine

__all__ = ["pair_lines"]

_MOST_LEFT = 6


def pair_lines(plan: PairPlan) -> Iterator[str]:
    """Say what is combined, in which engines, and what is left out."""
    if len(plan.partners) < 2:
        found = ", ".join(plan.partners) or "nothing that can be combined"
        yield f"pairs: {found} was demonstrated, and a pair takes two"
        return
    count = sum(len(engine.pairs) for engine in plan.engines)
    yield (
        f"pairs: {count} of {len(plan.partners)} abilities, in {len(plan.engines)} engines"
        f"{f', {len(plan.left)} left out' if plan.left else ''}"
    )
    for number, engine in enumerate(plan.engines, 1):
        yield f"  engine {number}: {_words(engine)}"
    if plan.left:
        more = ", ..." if len(plan.left) > _MOST_LEFT else ""
        yield f"  left out: {', '.join(plan.left[:_MOST_LEFT])}{more}"


def _words(engine: PlannedEngine) -> str:
    settings = ", ".join(engine.settings) or "nothing changed"
    kinds = f"; requests: {', '.join(engine.kinds)}" if engine.kinds else ""
    return f"{settings}{kinds} ({len(engine.pairs)} pairs)"
