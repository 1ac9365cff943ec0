"""All children of the probe for one plugin, and what they saw together."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from hwcheck.contain.exchange import Limits
from hwcheck.hosts.members import Member, Read
from hwcheck.model.observation import Child, Observation, Step, StepName, StepState
from hwcheck.model.plugin import Group, Plugin
from hwcheck.observe.children import ChildPlan, StartedChild, start_child
from hwcheck.observe.serving import SERVING, serving_environment, serving_limits
from hwcheck.probe.import_orders import PLAINEST_ORDER
from hwcheck.probe.messages import EntryPointRequest, MemberRequest, Request

__all__ = ["Subject", "getters_of", "observe"]

NO_PLUGIN = "__none__"
"""A value of ``VLLM_PLUGINS`` that no entry point is called."""

#: Takes a description of the layer, which the probe knows how to make.
ATTENTION_GETTER = "get_attn_backend_cls"

#: The children whose vLLM is not to find the plugin.
_UNPLUGGED = frozenset({"staged", "install", "life"})
#: The children that take general entry points, and go on without one in which they died.
_WITH_GENERAL = frozenset({"life"})
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
        StepName.NESTED,
        StepName.INSPECT,
        StepName.PATCHES,
        StepName.EXIT,
        StepName.EXTENSION,
        StepName.EXAMINE,
    }
)
#: The active child looks at the platform after these, and does without them.
_GENERAL = frozenset({StepName.LOAD, StepName.CALL, StepName.CALL_AGAIN})
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
    examinations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The contracts that children judge by themselves, by child."""
    brief: tuple[str, ...] = ()
    """Those of them for which a few examples are enough."""
    host_version: str = ""
    seed: int = 0
    life: bool = False
    """Whether the child is run that starts vLLM in several ways and watches the plugin's lines."""
    cache: Path | None = None
    """Where children keep what can be made again; ``None``: beside their other files."""
    control: bool = False
    """Whether the host's own platform takes the place of the plugin's; only examinations run."""


def observe(subject: Subject) -> Observation:
    """Run the children, a few at a time, and gather what they saw.

    Never raises for what the plugin does; `KeyboardInterrupt` ends the children and passes.
    """
    plans = [] if subject.control else [_plan(subject, "active"), _plan(subject, "staged")]
    if subject.extensions and not subject.control:
        plans.append(_plan(subject, "install"))
    if subject.life and not subject.control:
        plans.append(_plan(subject, "life"))
    plans += [_examining(subject, child) for child in sorted(subject.examinations)]
    crew = _Crew()
    # More at once than processors would only make each of them slower, up to its time limit.
    with ThreadPoolExecutor(max(2, _processors())) as pool:
        running = [pool.submit(crew.run, plan) for plan in plans]
        try:
            children = [future.result() for future in running]
        except BaseException:
            crew.dismiss()
            pool.shutdown(cancel_futures=True)
            raise
    return Observation(children=tuple(sorted(children, key=lambda child: child.name)))


class _Crew:
    """The children that run at a time, which end together when the run is interrupted."""

    def __init__(self) -> None:
        self._running: set[StartedChild] = set()
        self._is_dismissed = False
        self._lock = Lock()

    def run(self, plan: ChildPlan) -> Child:
        """Run one child, and start it again without a step in which it died."""
        child = self._wait(plan)
        deaths: list[Child] = []
        while not self._is_dismissed and _may_restart(plan.request, child, len(deaths)):
            deaths.append(child)
            plan = _after_death(plan, child, len(deaths) + 1)
            child = self._wait(plan)
        return _with_deaths(child, deaths)

    def dismiss(self) -> None:
        """End all that run; none is started any more."""
        with self._lock:
            self._is_dismissed = True
            running = tuple(self._running)
        for started in running:
            started.stop()

    def _wait(self, plan: ChildPlan) -> Child:
        with self._lock:
            if self._is_dismissed:
                raise CancelledError
            started = start_child(plan)
            self._running.add(started)
        try:
            return started.wait()
        except BaseException:
            started.stop()
            raise
        finally:
            self._running.discard(started)


def _processors() -> int:
    return len(os.sched_getaffinity(0))


def _examining(subject: Subject, child: str) -> ChildPlan:
    plan = _plan(subject, child)
    environment, limits = dict(plan.environment), plan.limits
    if child in SERVING:
        environment = serving_environment(environment, subject.cache, subject.host_version, child)
        limits = serving_limits(limits)
    if subject.control:
        environment["VLLM_PLUGINS"] = NO_PLUGIN
    request = replace(
        plan.request,
        members=(),
        getters=(),
        examinations=subject.examinations[child],
        brief=subject.brief,
        host_version=subject.host_version,
        seed=subject.seed,
        control=subject.control,
        entry_points=() if subject.control else plan.request.entry_points,
    )
    return replace(
        plan,
        request=request,
        environment=environment,
        limits=limits,
        module="hwcheck.exercise",
    )


def _plan(subject: Subject, child: str) -> ChildPlan:
    plugin = subject.plugin
    names = sorted({point.name for point in plugin.entry_points})
    environment = dict(subject.environment)
    environment["VLLM_PLUGINS"] = NO_PLUGIN if child in _UNPLUGGED else ",".join(names)
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


def _may_restart(request: Request, child: Child, restarts: int) -> bool:
    last = child.steps[-1] if child.steps else None
    if last is None or not _is_separable(request, last):
        return False
    # One that examines goes on where it died, so it comes to its end in any case.
    return last.name is StepName.EXAMINE or restarts < _MOST_RESTARTS


def _after_death(plan: ChildPlan, child: Child, number: int) -> ChildPlan:
    request, last = plan.request, child.steps[-1]
    begun = {step.subject for step in child.steps if step.name is StepName.EXAMINE}
    return replace(
        plan,
        request=replace(
            request,
            skip=(*request.skip, (str(last.name), last.subject)),
            examinations=tuple(item for item in request.examinations if item not in begun),
        ),
        directory=plan.directory.parent / f"{request.child}-{number}",
    )


def _is_separable(request: Request, step: Step) -> bool:
    if step.state is not StepState.DIED:
        return False
    points = [point for point in request.entry_points if point.group == Group.PLATFORM]
    has_others = request.child == "staged" and len(points) > 1
    return (
        step.name in _SEPARABLE
        # Where vLLM cannot choose the platform in the plainest way, nothing else is to be seen.
        or (step.name is StepName.IMPORT_ORDER and step.subject != PLAINEST_ORDER)
        or (_takes_general(request.child) and step.name in _GENERAL)
        or (has_others and step.name in _STAGES)
    )


def _takes_general(child: str) -> bool:
    return child in _WITH_GENERAL or child not in _UNPLUGGED


def _with_deaths(child: Child, deaths: Sequence[Child]) -> Child:
    if not deaths:
        return child
    died = tuple(death.steps[-1] for death in deaths)
    examined = tuple(
        step for death in deaths for step in death.steps[:-1] if step.name is StepName.EXAMINE
    )
    return replace(
        child,
        steps=(*child.steps, *examined, *died),
        cause=child.cause or deaths[0].cause,
        ended=deaths[0].ended if child.cause is None else child.ended,
        tail=deaths[0].tail if child.cause is None else child.tail,
        seconds=round(child.seconds + sum(death.seconds for death in deaths), 3),
        peak_bytes=max(child.peak_bytes, *(death.peak_bytes for death in deaths)),
    )
