"""The algebra of conditions, and guards: what stands above a statement."""

from collections.abc import Iterable

from hwcheck.model.facts import ALWAYS, Condition, ConditionKind

__all__ = ["NEVER", "UNKNOWN", "ConditionTable", "Guard", "all_of", "any_of", "negate", "tells"]

#: What never holds: none of nothing.
NEVER = Condition(ConditionKind.ANY)
UNKNOWN = Condition(ConditionKind.UNKNOWN)

_TELLING = frozenset(
    {ConditionKind.COMPARE, ConditionKind.CALL, ConditionKind.TRUTH, ConditionKind.HAS}
)


def all_of(parts: Iterable[Condition]) -> Condition:
    """Join conditions that must all hold."""
    return _joined(ConditionKind.ALL, parts, decides=NEVER)


def any_of(parts: Iterable[Condition]) -> Condition:
    """Join conditions of which one must hold."""
    return _joined(ConditionKind.ANY, parts, decides=ALWAYS)


def negate(condition: Condition) -> Condition:
    """Turn a condition round."""
    if condition.kind is ConditionKind.NOT:
        return condition.parts[0]
    if condition is UNKNOWN or condition.kind is ConditionKind.UNKNOWN:
        return UNKNOWN
    if condition == ALWAYS:
        return NEVER
    if condition == NEVER:
        return ALWAYS
    return Condition(ConditionKind.NOT, (condition,))


def tells(condition: Condition) -> bool:
    """Tell whether a condition is about something that a host can answer."""
    return condition.kind in _TELLING or any(map(tells, condition.parts))


class ConditionTable:
    """The conditions of one module, each once; the first always holds."""

    __slots__ = ("_indices", "conditions")

    def __init__(self) -> None:
        """Start with the condition that always holds."""
        self.conditions = [ALWAYS]
        self._indices = {ALWAYS: 0}

    def index(self, condition: Condition) -> int:
        """Return the place of a condition, which gets one when it has none."""
        found = self._indices.get(condition)
        if found is None:
            found = self._indices[condition] = len(self.conditions)
            self.conditions.append(condition)
        return found


class Guard:
    """Conditions that all hold where a statement stands.

    Guards of one module are shared and know their place in its table. Inside of functions a part
    that cannot be known is left out of the table: nearly all code stands under some of those.
    """

    __slots__ = ("_children", "_exact", "_known", "_table", "conditions")

    def __init__(self, table: ConditionTable, conditions: tuple[Condition, ...] = ()) -> None:
        """Guard by `conditions`."""
        self.conditions = conditions
        self._table = table
        self._children: dict[Condition, Guard] = {}
        self._exact = self._known = -1 if conditions else 0

    def also(self, condition: Condition) -> "Guard":
        """Return the guard of what stands under `condition` too."""
        found = self._children.get(condition)
        if found is None:
            parts = condition.parts if condition.kind is ConditionKind.ALL else (condition,)
            more = tuple(part for part in parts if part not in self.conditions)
            found = Guard(self._table, self.conditions + more) if more else self
            self._children[condition] = found
        return found

    def without(self, kind: ConditionKind) -> "Guard":
        """Return the guard without its parts of a kind."""
        kept = tuple(part for part in self.conditions if part.kind is not kind)
        return self if len(kept) == len(self.conditions) else Guard(self._table, kept)

    @property
    def condition(self) -> Condition:
        """All parts as one condition."""
        return all_of(self.conditions)

    @property
    def exact(self) -> int:
        """The place in the table, with what cannot be known."""
        if self._exact < 0:
            self._exact = self._table.index(self.condition)
        return self._exact

    @property
    def known(self) -> int:
        """The place in the table, without what cannot be known."""
        if self._known < 0:
            kept = (part for part in self.conditions if part.kind is not ConditionKind.UNKNOWN)
            self._known = self._table.index(all_of(kept))
        return self._known


def _joined(kind: ConditionKind, parts: Iterable[Condition], *, decides: Condition) -> Condition:
    """Join conditions into one of a kind, without nesting; `decides` makes the others idle."""
    found: dict[Condition, None] = {}
    for part in parts:
        if part == decides:
            return decides
        if part.kind is kind:
            found.update(dict.fromkeys(part.parts))
        else:
            found[part] = None
    return next(iter(found)) if len(found) == 1 else Condition(kind, tuple(found))
