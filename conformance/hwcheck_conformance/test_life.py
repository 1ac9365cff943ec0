"""Profile P1: the plugin in the processes and the order of vLLM, and what it changes for others."""

from collections.abc import Callable

import pytest

from hwcheck.model.effect import Effect, EffectKind
from hwcheck.model.observation import (
    Called,
    ExitSeen,
    Loaded,
    ProcessSeen,
    Step,
    StepName,
    StepState,
)
from hwcheck.model.outcome import Cause
from hwcheck.model.patch import Inventory, Patch
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.inventory import LIFE, WATCHED_STEPS, inventory, life_effects
from hwcheck.pytest_plugin.verdicts import broken, not_applicable, not_measured
from hwcheck_conformance import life_contracts as contracts
from hwcheck_conformance.active_platform import activated

_ORDERS = ("current-platform-first", "llm-first", "config-first")
_MOST_TOLD = 5


@pytest.mark.contract(contracts.NESTED)
def test_nested(evidence: Evidence) -> None:
    """A daemon of a spawned process, as a worker is one of the engine core."""
    parent = activated(evidence)
    spawned = evidence.needed("active", StepName.SPAWN, "", ProcessSeen)
    if spawned.type != parent.type:
        not_measured(f"the spawned process has {spawned.type}", blocked_by="load.spawn")
    _is_same(evidence.judged("active", StepName.NESTED, "", ProcessSeen), parent.type)


@pytest.mark.contract(contracts.IMPORT_ORDER)
@pytest.mark.parametrize("order", _ORDERS)
def test_import_order(evidence: Evidence, order: str) -> None:
    """In a process that has imported nothing of vLLM's but its choice of platforms."""
    parent = activated(evidence)
    _without_host_fault(evidence, StepName.IMPORT_ORDER, order)
    _is_same(evidence.judged(LIFE, StepName.IMPORT_ORDER, order, ProcessSeen), parent.type)


@pytest.mark.contract(contracts.INSPECTION)
def test_inspection(evidence: Evidence) -> None:
    """vLLM's own function, with a question about one of its own models."""
    parent = activated(evidence)
    for step in evidence.child(LIFE).steps:
        # What a general plugin does in every process is charged to it once.
        if step.name is StepName.LOAD:
            evidence.needed(LIFE, step.name, step.subject, Loaded)
        if step.name is StepName.CALL:
            evidence.needed(LIFE, step.name, step.subject, Called)
    _without_host_fault(evidence, StepName.INSPECT, "")
    _is_same(evidence.judged(LIFE, StepName.INSPECT, "", ProcessSeen), parent.type)


@pytest.mark.contract(contracts.REPEAT)
def test_repeat(evidence: Evidence) -> None:
    """Each of them once more, after all were called."""
    activated(evidence)
    called = _called(evidence)
    for point in called:
        evidence.judged(LIFE, StepName.CALL_AGAIN, point, Called)


@pytest.mark.contract(contracts.PROCESS_STATE)
def test_process_state(evidence: Evidence) -> None:
    """What is left after each step, charged to the plugin's line."""
    harmful = [(step, effect) for step, effect in life_effects(evidence) if effect.harm]
    if harmful:
        told = [f"{_told(effect)} (step {str(step.name)!r})" for step, effect in harmful]
        broken(_list(told), place=harmful[0][1].place)
    _judge_exit_handlers(evidence)
    activated(evidence)
    if not any(step.state is StepState.DONE for step in _watched(evidence)):
        evidence.not_reached(LIFE)


@pytest.mark.contract(contracts.COLLISION)
def test_collision(evidence: Evidence) -> None:
    """Two values of one attribute, one after the other."""
    found = [patch for patch in _patches(evidence) if patch.collision is not None]
    _break_by(found, lambda patch: f"{patch.target}: it replaces {patch.collision}")


@pytest.mark.contract(contracts.SIGNATURE)
def test_patch_signature(evidence: Evidence) -> None:
    """Positions, names, defaults, and how it is bound."""
    found = [patch for patch in _patches(evidence) if patch.refused is not None]
    _break_by(found, lambda patch: f"{patch.target} no longer accepts {patch.refused}")


@pytest.mark.contract(contracts.AGAIN)
def test_patch_repeat(evidence: Evidence) -> None:
    """A wrapper around a wrapper of the same code."""
    patches = _patches(evidence)
    again = evidence.child(LIFE).step(StepName.PATCHES, "again").answer
    found = [patch for patch in patches if patch.wrapped_again]
    if isinstance(again, Inventory):
        found += list(again.patches)
    _break_by(found, lambda patch: f"{patch.target} is wrapped once more by {patch.after}")
    for point in _called(evidence):
        evidence.needed(LIFE, StepName.CALL_AGAIN, point, Called)


def _is_same(seen: ProcessSeen, expected: str) -> None:
    if seen.type != expected:
        broken(f"it has {seen.type}, and not {expected}")


def _without_host_fault(evidence: Evidence, name: StepName, subject: str) -> None:
    """Charge the plugin only with what arises in its own lines."""
    raised = evidence.child(LIFE).step(name, subject).raised
    if raised is not None and not raised.in_plugin:
        not_measured(f"{raised.type}: {raised.message}", cause=Cause.HOST)


def _called(evidence: Evidence) -> list[str]:
    """The general entry points that were called, and so can be called again."""
    steps = [step for step in evidence.child(LIFE).steps if step.name is StepName.CALL]
    if not steps:
        evidence.needed(LIFE, StepName.PATCHES, "", Inventory)
        not_applicable("the plugin has no general entry point that can be called")
    for step in steps:
        evidence.needed(LIFE, StepName.CALL, step.subject, Called)
    return [step.subject for step in steps]


def _judge_exit_handlers(evidence: Evidence) -> None:
    step = evidence.child(LIFE).step(StepName.EXIT)
    if isinstance(step.answer, ExitSeen) and step.answer.failures:
        failure = step.answer.failures[0]
        broken(
            f"an exit handler fails: {failure.type}: {failure.message}",
            cause=Cause.RAISED,
            place=failure.place,
        )

    registers = [
        effect for _, effect in life_effects(evidence) if effect.kind is EffectKind.EXIT_HANDLER
    ]
    if step.state is StepState.DIED and registers:
        broken(
            "the exit handlers come to no end in a copy of the process",
            cause=Cause.TIMED_OUT,
            place=registers[0].place,
        )


def _watched(evidence: Evidence) -> list[Step]:
    return [step for step in evidence.child(LIFE).steps if step.name in WATCHED_STEPS]


def _patches(evidence: Evidence) -> tuple[Patch, ...]:
    activated(evidence)
    evidence.needed(LIFE, StepName.PATCHES, "", Inventory)
    patches = inventory(evidence.observation)
    if not patches:
        not_applicable("the plugin patches nothing")
    return patches


def _break_by(found: list[Patch], tell: Callable[[Patch], str]) -> None:
    if found:
        broken(_list([tell(patch) for patch in found]), place=found[0].place)


def _told(effect: Effect) -> str:
    return f"{effect.subject}: {effect.detail}: {effect.harm}"


def _list(told: list[str]) -> str:
    more = f"; and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return "; ".join(told[:_MOST_TOLD]) + more
