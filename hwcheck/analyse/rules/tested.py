"""Code that tests first whether something is there: dead where the host does not have it."""

from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Entity, Instance, Member, Missing
from hwcheck.analyse.rules.inheritance import is_as_open
from hwcheck.model.facts import Chain, Condition, ConditionKind
from hwcheck.model.use import Code

__all__ = ["Place", "is_tested_away"]


class Place(NamedTuple):
    """Where a condition is asked."""

    code: Code
    line: int
    scope: int
    guard: int


def is_tested_away(comparison: Comparison, place: Place) -> bool:
    """Tell whether ``hasattr`` of something local, ``self`` say, keeps code from running.

    What modules bind is answered with the other conditions, which know no scope.
    """
    condition = place.code.uses.conditions[place.guard]
    return _answer(comparison, place, condition) is False


def _answer(comparison: Comparison, place: Place, condition: Condition) -> bool | None:
    if condition.kind is ConditionKind.HAS and not condition.operator:
        is_gone = condition.value and _is_gone(comparison, place, condition.chain, condition.value)
        return False if is_gone else None
    answers = [_answer(comparison, place, part) for part in condition.parts]
    if condition.kind is ConditionKind.ALL:
        return False if False in answers else None
    if condition.kind is ConditionKind.ANY:
        return False if set(answers) == {False} else None
    return None


def _is_gone(comparison: Comparison, place: Place, chain: Chain, name: str) -> bool:
    world, old = comparison.new, comparison.old
    entity = world.infer(place.code, place.scope, chain, place.line)
    cls = entity.of if isinstance(entity, Instance) else entity
    if not isinstance(cls, ClassEntity) or world.is_stored(name):
        return False
    now: Entity = world.attribute(entity, name)
    if isinstance(now, Missing):
        return True
    # Of a class with unseen bases what it has lost is known by comparison only.
    is_there = isinstance(world.member(cls, name, instance=True), Member)
    if old is None or is_there or not is_as_open(comparison, cls):
        return False
    before = old.infer(place.code, place.scope, chain, place.line)
    was = before.of if isinstance(before, Instance) else before
    return isinstance(was, ClassEntity) and isinstance(old.member(was, name, instance=True), Member)
