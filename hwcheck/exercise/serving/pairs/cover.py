"""Which engines show all pairs: a few, each with as many partners at once as it can have."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from hwcheck.exercise.serving.pairs.partners import PARTNERS, Partner
from hwcheck.model.pairs import PairPlan, PlannedEngine, pair_name

__all__ = ["planned"]

#: More at once, and a failure takes more engines to trace.
_MOST_SETTINGS = 3
Pair = frozenset[str]


def planned(
    demonstrated: Iterable[str],
    most: int | None = None,
    partners: Mapping[str, Partner] = PARTNERS,
) -> PairPlan:
    """Plan the engines for all pairs of what was demonstrated, `most` at most.

    Each is the one that shows most of the pairs that are left; the same partners give the same
    plan. Greedy, so it may take an engine more than the fewest.
    """
    chosen = [partners[name] for name in sorted(set(demonstrated)) if name in partners]
    missing = {
        frozenset((one.id, other.id))
        for one, other in combinations(chosen, 2)
        if one.id not in other.never and other.id not in one.never
    }
    engines: list[PlannedEngine] = []
    while missing and (most is None or len(engines) < most):
        found = _best(chosen, missing, is_last_free=not _has_last(engines, partners))
        if found is None:
            break
        missing -= {frozenset(name.split("+")) for name in found.pairs}
        engines.append(found)
    return PairPlan(
        partners=tuple(partner.id for partner in chosen),
        engines=tuple(sorted(engines, key=lambda item: _is_last(item, partners))),
        left=tuple(sorted(map(_named, missing))),
    )


def _best(
    chosen: Sequence[Partner], missing: Collection[Pair], *, is_last_free: bool
) -> PlannedEngine | None:
    best: PlannedEngine | None = None
    for settings in _setting_groups(chosen):
        if any(item.is_last for item in settings) and not is_last_free:
            continue
        for kinds in _kind_groups(settings, chosen):
            pairs = _shown(settings, kinds) & set(missing)
            if pairs and (best is None or len(pairs) > len(best.pairs)):
                best = _engine(settings, kinds, pairs)
    return best


def _setting_groups(chosen: Sequence[Partner]) -> Iterator[tuple[Partner, ...]]:
    """Every group of settings that one engine can have, the smaller ones first."""
    settings = [item for item in chosen if item.is_setting]
    for size in range(_MOST_SETTINGS + 1):
        for group in combinations(settings, size):
            # Behind it nothing can be started, so what fails there could not be traced.
            is_alone = size == 1 or not any(item.is_last for item in group)
            if is_alone and not _excluded(group):
                yield group


def _kind_groups(
    settings: Sequence[Partner], chosen: Sequence[Partner]
) -> Iterator[tuple[Partner, ...]]:
    """All kinds of requests that go with the settings, and each that has to be apart."""
    kinds = [item for item in chosen if not item.is_setting]
    yield tuple(item for item in kinds if not _excluded((*settings, item)))
    yield from ((item,) for item in kinds if _excluded((*settings, item)) and len(settings) == 1)


def _excluded(group: Iterable[Partner]) -> bool:
    """Whether two of a group are not to be in an engine that shows more than them."""
    return any(
        one.id in (*other.apart, *other.never) or other.id in (*one.apart, *one.never)
        for one, other in combinations(group, 2)
    )


def _shown(settings: Sequence[Partner], kinds: Sequence[Partner]) -> set[Pair]:
    everything = [*settings, *kinds]
    found = {frozenset((one.id, other.id)) for one, other in combinations(everything, 2)}
    for hiding in (item for item in settings if item.hides_others):
        found = {pair for pair in found if hiding.id in pair}
    return found


def _engine(
    settings: Sequence[Partner], kinds: Sequence[Partner], pairs: Iterable[Pair]
) -> PlannedEngine:
    used = {name for pair in pairs for name in pair}
    return PlannedEngine(
        settings=tuple(item.id for item in settings),
        kinds=tuple(item.id for item in kinds if item.id in used),
        pairs=tuple(sorted(map(_named, pairs))),
    )


def _named(pair: Pair) -> str:
    return pair_name(*pair)


def _is_last(engine: PlannedEngine, partners: Mapping[str, Partner]) -> bool:
    return any(partners[name].is_last for name in engine.settings)


def _has_last(engines: Sequence[PlannedEngine], partners: Mapping[str, Partner]) -> bool:
    return any(_is_last(item, partners) for item in engines)
