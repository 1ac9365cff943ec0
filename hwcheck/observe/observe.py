"""All children of the probe for one plugin, and what they saw together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwcheck.contain.exchange import Limits
from hwcheck.hosts.members import Member, Read
from hwcheck.model.observation import Child, Observation, Step, StepName, StepState
from hwcheck.model.plugin import Group, Plugin
from hwcheck.observe.children import ChildPlan, StartedChild, start_child
from hwcheck.probe.messages import EntryPointRequest, MemberRequest, Request

__all__ = ["Subject", "getters_of", "observe"]

NO_PLUGIN = "__none__"
"""A value of ``VLLM_PLUGINS`` that no entry point is called."""

#: Takes a description of the layer, which the probe knows how to make.
ATTENTION_GETTER = "get_attn_backend_cls"

#: A death in one of these costs only itself: the child is started again without it.
_SEPARABLE = frozenset(
    {
        StepName.VALUE,
        StepName.CLASS_PATH,
        StepName.CONFIGURE,
        StepName.DTYPE,
        StepName.DEVICE,
        StepName.FORK,
        StepName.SPAWN,
        StepName.EXTENSION,
    }
)
#: The active child looks at the platform after these, and does without them.
_GENERAL = frozenset({StepName.LOAD, StepName.CALL})
#: The staged child goes on with the next platform entry point after these, where there is one.
_STAGES = frozenset(
    {
        StepName.LOAD,
        StepName.CALL,
        StepName.CALL_AGAIN,
        StepName.RESOLVE,
        StepName.INSTANTIATE,
    }
)
_MOST_RESTARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is observed, where, and under which conditions."""

    plugin: Plugin
    members: tuple[Member, ...]
    """The members of the host's platform class that vLLM relies on."""
    extensions: tuple[str, ...]
    """The plugin's compiled files."""
    python: str
    """The interpreter of the environment that holds the plugin and the host."""
    environment: Mapping[str, str]
    """What the children may see of ours."""
    directory: Path
    limits: Limits


def observe(subject: Subject) -> Observation:
    """Run the children, two at a time, and gather what they saw.

    Never raises for what the plugin does; `KeyboardInterrupt` ends the children and passes.
    """
    plans = [_plan(subject, "active"), _plan(subject, "staged")]
    if subject.extensions:
        plans.append(_plan(subject, "install"))
    started: list[StartedChild] = []
    children: list[Child] = []
    try:
        for plan in plans:
            started.append(start_child(plan))
        for running in started:
            children.append(_finish(running))
    except BaseException:
        for running in started:
            running.stop()
        raise
    return Observation(children=tuple(sorted(children, key=lambda child: child.name)))


def _plan(subject: Subject, child: str) -> ChildPlan:
    plugin = subject.plugin
    names = sorted({point.name for point in plugin.entry_points})
    environment = dict(subject.environment)
    environment["VLLM_PLUGINS"] = ",".join(names) if child == "active" else NO_PLUGIN
    # Not VLLM_CONFIGURE_LOGGING=0: plugins take vLLM's logging configuration for their own.
    environment.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    environment.setdefault("VLLM_NO_USAGE_STATS", "1")
    environment.setdefault("HF_HUB_OFFLINE", "1")
    # It would make vLLM choose its own CPU platform before it looks at any plugin.
    environment.pop("VLLM_TARGET_DEVICE", None)
    request = Request(
        child=child,
        plugin=plugin.name,
        reply="",
        stdout="",
        nonce="",
        entry_points=tuple(
            EntryPointRequest(group=point.group, name=point.name) for point in plugin.entry_points
        ),
        modules=tuple(point.value for point in plugin.entry_points),
        members=_wanted(subject.members),
        getters=getters_of(subject.members),
        extensions=subject.extensions if child == "install" else (),
        start_limit=subject.limits.start,
        step_limit=subject.limits.step,
    )
    return ChildPlan(
        request=request,
        python=subject.python,
        environment=environment,
        directory=subject.directory / child,
        limits=subject.limits,
    )


def getters_of(members: Sequence[Member]) -> tuple[str, ...]:
    """Select the members that answer with a class path and can be asked without a model."""
    return tuple(
        member.name
        for member in members
        if member.returns.startswith("class path")
        and (member.read is Read.CALL or member.name == ATTENTION_GETTER)
    )


def _wanted(members: Sequence[Member]) -> tuple[MemberRequest, ...]:
    return tuple(
        MemberRequest(name=member.name, call=member.read is Read.CALL)
        for member in members
        if member.read is not Read.NONE and not member.returns.startswith("class path")
    )


def _finish(running: StartedChild) -> Child:
    child = running.wait()
    deaths: list[Child] = []
    while len(deaths) < _MOST_RESTARTS:
        last = child.steps[-1] if child.steps else None
        if last is None or not _is_separable(running.plan.request, last):
            break
        deaths.append(child)
        plan = running.plan
        skip = (*plan.request.skip, (str(last.name), last.subject))
        again = replace(
            plan,
            request=replace(plan.request, skip=skip),
            directory=plan.directory.parent / f"{plan.request.child}-{len(deaths) + 1}",
        )
        running = start_child(again)
        child = _waited(running)
    return _with_deaths(child, deaths)


def _is_separable(request: Request, step: Step) -> bool:
    if step.state is not StepState.DIED:
        return False
    points = [point for point in request.entry_points if point.group == Group.PLATFORM]
    has_others = request.child == "staged" and len(points) > 1
    return (
        step.name in _SEPARABLE
        or (request.child == "active" and step.name in _GENERAL)
        or (has_others and step.name in _STAGES)
    )


def _waited(running: StartedChild) -> Child:
    try:
        return running.wait()
    except BaseException:
        running.stop()
        raise


def _with_deaths(child: Child, deaths: Sequence[Child]) -> Child:
    if not deaths:
        return child
    died = tuple(death.steps[-1] for death in deaths)
    return replace(
        child,
        steps=(*child.steps, *died),
        cause=child.cause or deaths[0].cause,
        ended=deaths[0].ended if child.cause is None else child.ended,
        tail=deaths[0].tail if child.cause is None else child.tail,
        seconds=round(child.seconds + sum(death.seconds for death in deaths), 3),
        peak_bytes=max(child.peak_bytes, *(death.peak_bytes for death in deaths)),
    )
