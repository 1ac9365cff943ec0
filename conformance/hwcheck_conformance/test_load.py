"""Profile P0: the plugin is found, loaded, asked twice, and becomes vLLM's current platform."""

from __future__ import annotations

import pytest

from hwcheck.model.observation import (
    Activated,
    Called,
    ClassSeen,
    EffectKind,
    Loaded,
    OptOut,
    ProcessSeen,
    StepName,
    StepState,
)
from hwcheck.model.outcome import Cause
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.options import Settings
from hwcheck.pytest_plugin.verdicts import broken, not_measured
from hwcheck_conformance import contracts
from hwcheck_conformance.active_platform import activated


def _child_of(evidence: Evidence, point: str) -> str:
    return "staged" if point in evidence.platform_points else "active"


@pytest.mark.contract(contracts.ENTRY_POINT)
def test_entry_point(evidence: Evidence, point: str) -> None:
    """The module is imported and the attribute is there."""
    evidence.judged(_child_of(evidence, point), StepName.LOAD, point, Loaded)


@pytest.mark.contract(contracts.CALLABLE)
def test_callable(evidence: Evidence, point: str) -> None:
    """What the entry point names can be called."""
    seen = evidence.needed(_child_of(evidence, point), StepName.LOAD, point, Loaded)
    if not seen.callable:
        broken(f"the entry point names an object of type {seen.type}", place=seen.place)


@pytest.mark.contract(contracts.CALL)
def test_call(evidence: Evidence, point: str) -> None:
    """A call without arguments returns."""
    child = _child_of(evidence, point)
    if not evidence.needed(child, StepName.LOAD, point, Loaded).callable:
        not_measured("the entry point is not callable", blocked_by="load.callable")
    evidence.judged(child, StepName.CALL, point, Called)


@pytest.mark.contract(contracts.ANSWER)
def test_answer(evidence: Evidence, platform_point: str) -> None:
    """None, or a string with a module and a class."""
    seen = _answer(evidence, platform_point)
    if seen.type == "NoneType":
        return
    if seen.value is None:
        broken(f"it answers {seen.text}, of type {seen.type}")
    module, dot, name = seen.value.rpartition(".")
    if not (dot and name.isidentifier() and all(p.isidentifier() for p in module.split("."))):
        broken(f"it answers {seen.value!r}, which is no path of the form 'package.module.Class'")


@pytest.mark.contract(contracts.REENTRANT)
def test_reentrant(evidence: Evidence, platform_point: str) -> None:
    """The second call answers what the first did."""
    first = _answer(evidence, platform_point)
    second = evidence.judged("staged", StepName.CALL_AGAIN, platform_point, Called)
    if (first.type, first.value) != (second.type, second.value):
        broken(f"it answers {first.text} first and {second.text} when called again")


@pytest.mark.contract(contracts.CLASS_PATH)
def test_class_path(evidence: Evidence, platform_point: str) -> None:
    """The module is imported and the class is there."""
    _path(evidence, platform_point)
    seen = evidence.judged("staged", StepName.RESOLVE, platform_point, ClassSeen)
    if not seen.is_class:
        broken(f"{seen.path!r} is an object of type {seen.type}, not a class", place=seen.place)


@pytest.mark.contract(contracts.INSTANTIATE)
def test_instantiate(evidence: Evidence, platform_point: str) -> None:
    """A call of the class without arguments gives a platform."""
    _path(evidence, platform_point)
    if not evidence.needed("staged", StepName.RESOLVE, platform_point, ClassSeen).is_class:
        not_measured("the class path names no class", blocked_by=contracts.CLASS_PATH.id)
    evidence.judged("staged", StepName.INSTANTIATE, platform_point, Activated)


@pytest.mark.contract(contracts.ACTIVATE)
def test_activate(evidence: Evidence) -> None:
    """vLLM itself comes to the same platform, with no other plugin in its way."""
    evidence.require_device()
    for point in evidence.platform_points:
        if _answer(evidence, point).type != "NoneType":
            _path(evidence, point)
            evidence.needed("staged", StepName.INSTANTIATE, point, Activated)
    seen = evidence.judged("active", StepName.ACTIVATE, "", Activated)
    if not seen.is_plugin:
        breach = evidence.activation_breach()
        if breach != contracts.ACTIVATE.id:
            not_measured(f"vLLM chose {seen.type}", blocked_by=breach)
        broken(
            f"vLLM chose {seen.type} although VLLM_PLUGINS names the plugin alone",
            tail=evidence.child("active").tail or None,
        )


@pytest.mark.contract(contracts.ABSENT_DEVICE)
def test_absent_device(evidence: Evidence, platform_point: str) -> None:
    """Without the vendor's library the answer is None, not a failure."""
    if evidence.stubbed:
        not_measured("stand-ins take the place of what would be absent", cause=Cause.OTHER)
    failed = evidence.unusable_library()
    if failed is not None:
        step, raised = failed
        broken(
            f"it fails in step {str(step.name)!r} instead of answering None: "
            f"{raised.type}: {raised.message}",
            cause=Cause.RAISED,
            place=raised.place,
        )
    _answer(evidence, platform_point)


@pytest.mark.contract(contracts.OPT_OUT)
def test_opt_out(evidence: Evidence) -> None:
    """With VLLM_PLUGINS naming others, importing vLLM imports nothing of the plugin."""
    child = evidence.child("staged")
    step = child.step(StepName.IMPORT_HOST)
    if step.raised is not None and step.raised.in_plugin:
        evidence.break_by_exception("staged", step)
    seen = evidence.needed("staged", StepName.OPT_OUT, "", OptOut)
    if seen.modules:
        broken("imported although it is not named: " + ", ".join(seen.modules))


@pytest.mark.contract(contracts.EARLY_PLATFORM)
def test_early_platform(evidence: Evidence) -> None:
    """The entry points are asked which platform to use; they cannot ask back."""
    _effects_free(evidence, EffectKind.EARLY_PLATFORM, steps=_ENTRY_STEPS)


@pytest.mark.contract(contracts.DEVICE_CONTEXT)
def test_device_context(evidence: Evidence) -> None:
    """torch has no initialised device afterwards that it did not have before."""
    _effects_free(evidence, EffectKind.DEVICE_CONTEXT, steps=_LOAD_STEPS)


@pytest.mark.contract(contracts.OUTPUT)
def test_output(evidence: Evidence) -> None:
    """Standard output belongs to the program that uses vLLM."""
    steps = _LOAD_STEPS - {StepName.ACTIVATE}  # in which vLLM itself may speak
    _effects_free(evidence, EffectKind.OUTPUT, steps=steps)


@pytest.mark.contract(contracts.ENVIRONMENT)
def test_environment(evidence: Evidence, settings: Settings) -> None:
    """Variables that the plugin's own lines set, change or remove."""
    _effects_free(
        evidence, EffectKind.ENVIRONMENT, steps=_LOAD_STEPS, allowed=settings.conditions.announced
    )


@pytest.mark.contract(contracts.WRITES)
def test_files_written(evidence: Evidence) -> None:
    """Files that the plugin's own lines open for writing, the temporary folder left out."""
    _effects_free(evidence, EffectKind.FILE, steps=_LOAD_STEPS, allowed_prefix="$TMPDIR")


@pytest.mark.contract(contracts.LEFTOVERS)
def test_leftovers(evidence: Evidence) -> None:
    """Processes that outlive the child, copies of it that go on, threads that stay."""
    for name in ("staged", "active"):
        child = evidence.child(name)
        if child.cause is Cause.FORKED:
            broken(child.ended, cause=Cause.FORKED, tail=child.tail or None)
        if child.left_processes:
            broken("left behind: " + "; ".join(child.left_processes), cause=Cause.LEFT_PROCESSES)
    _effects_free(evidence, EffectKind.THREAD, steps=_LOAD_STEPS)


@pytest.mark.contract(contracts.SPAWN)
def test_spawn(evidence: Evidence) -> None:
    """multiprocessing's spawn, from the process that holds the platform."""
    _same_platform(evidence, StepName.SPAWN)


@pytest.mark.contract(contracts.FORK)
def test_fork(evidence: Evidence) -> None:
    """os.fork, from the process that holds the platform."""
    _same_platform(evidence, StepName.FORK)


_ENTRY_STEPS = frozenset({StepName.LOAD, StepName.CALL, StepName.CALL_AGAIN})
_LOAD_STEPS = _ENTRY_STEPS | {StepName.RESOLVE, StepName.INSTANTIATE, StepName.ACTIVATE}


def _answer(evidence: Evidence, point: str) -> Called:
    if not evidence.needed("staged", StepName.LOAD, point, Loaded).callable:
        not_measured("the entry point is not callable", blocked_by=contracts.CALLABLE.id)
    return evidence.needed("staged", StepName.CALL, point, Called)


def _path(evidence: Evidence, point: str) -> str:
    seen = _answer(evidence, point)
    if seen.type == "NoneType":
        not_measured(
            "the plugin says that its device is not here (it answers None)", cause=Cause.NO_DEVICE
        )
    if seen.value is None or "." not in seen.value:
        not_measured(f"it answers {seen.text}", blocked_by=contracts.ANSWER.id)
    return seen.value


def _effects_free(
    evidence: Evidence,
    kind: EffectKind,
    *,
    steps: frozenset[StepName],
    allowed: tuple[str, ...] = (),
    allowed_prefix: str | None = None,
) -> None:
    found = [
        (step, effect)
        for _, step, effect in evidence.effects(kind)
        if step.name in steps
        and effect.subject not in allowed
        and not (allowed_prefix and effect.subject.startswith(allowed_prefix))
    ]
    if found:
        told = "; ".join(
            f"{effect.subject}: {effect.detail} (step {str(step.name)!r})"
            for step, effect in found[:5]
        )
        more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
        broken(told + more, place=found[0][1].place)
    reached = any(
        step.name is StepName.LOAD and step.state is not StepState.DIED
        for name in ("staged", "active")
        for step in evidence.child(name).steps
    )
    if not reached:
        evidence.not_reached("staged")


def _same_platform(evidence: Evidence, step: StepName) -> None:
    parent = activated(evidence)
    seen = evidence.judged("active", step, "", ProcessSeen)
    if seen.type != parent.type:
        broken(f"the parent has {parent.type}, the {step}ed process {seen.type}")
