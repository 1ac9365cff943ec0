"""What an observation holds of effects, patches and engines, each thing once."""

from collections.abc import Iterator

from hwcheck.model.effect import Effect, EffectKind
from hwcheck.model.observation import Observation, Step, StepName
from hwcheck.model.patch import Inventory, Patch
from hwcheck.model.served import EngineSeen, Served
from hwcheck.pytest_plugin.evidence import Evidence

__all__ = ["LIFE", "WATCHED_STEPS", "effects_of", "engines_of", "inventory", "life_effects"]

LIFE = "life"
"""The child that watches the plugin's lines."""

WATCHED_STEPS = frozenset({StepName.ACTIVATE, StepName.LOAD, StepName.CALL})
"""The steps of importing and activating that are taken by the life child."""

_LOADING = WATCHED_STEPS | {StepName.CALL_AGAIN, StepName.RESOLVE, StepName.INSTANTIATE}
_CHILDREN = ("staged", "active", LIFE)


def life_effects(evidence: Evidence) -> Iterator[tuple[Step, Effect]]:
    """What the life child's steps left behind while the plugin was activated."""
    for step in evidence.child(LIFE).steps:
        if step.name in WATCHED_STEPS:
            yield from ((step, effect) for effect in step.effects)


def effects_of(observation: Observation) -> tuple[Effect, ...]:
    """What loading and activating left behind, whichever child saw it first."""
    found: dict[tuple[EffectKind, str, str], Effect] = {}
    for name in _CHILDREN:
        child = observation.child(name)
        for step in () if child is None else child.steps:
            for effect in step.effects:
                # vLLM itself may speak while it chooses.
                is_hosts = effect.kind is EffectKind.OUTPUT and step.name is StepName.ACTIVATE
                # The same output has another time in it in each child.
                detail = "" if effect.kind is EffectKind.OUTPUT else effect.detail
                if step.name in _LOADING and not is_hosts:
                    found.setdefault((effect.kind, effect.subject, detail), effect)
    return tuple(found.values())


def inventory(observation: Observation) -> tuple[Patch, ...]:
    """The patches that are in place after activation."""
    child = observation.child(LIFE)
    answer = None if child is None else child.step(StepName.PATCHES).answer
    return answer.patches if isinstance(answer, Inventory) else ()


def engines_of(observation: Observation) -> tuple[EngineSeen, ...]:
    """What ran in the engines, each kind once."""
    steps = (step for child in observation.children for step in child.steps)
    answers = (step.answer for step in steps if step.name is StepName.SERVED)
    engines = (item for told in answers if isinstance(told, Served) for item in told.engines)
    return tuple(dict.fromkeys(engines))
