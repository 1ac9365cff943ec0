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
from hwcheck.observe.kept_pieces import kept_pieces, piece_folder
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
#: What a child that is started again does not repeat.
_LASTING = frozenset({StepName.EXAMINE, StepName.SERVED})
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
    demonstrated: tuple[str, ...] = ()
    """What is combined in pairs."""
    most_engines: int | None = None
    """How many engines may be started for the pairs."""
    model: Path | None = None
    """A checkpoint in the place of the tiny dense model."""
    head_size: int | None = None
    """The size of the heads of the tiny models; ``None`` for the usual one."""
    only_examinations: bool = False
    """Whether the other children have run before."""
    staged: bool = True
    """Whether the child is run that takes vLLM's steps one at a time."""
    host_version: str = ""
    seed: int = 0
    life: bool = False
    """Whether the child is run that starts vLLM in several ways and watches the plugin's lines."""
    spawned: bool = True
    """Whether the active child starts the processes that load the plugin once more."""
    cache: Path | None = None
    """Where children keep what can be made again; ``None``: beside their other files."""
    kept: Path | None = None
    """Where what the children find is kept while they find it, and taken from first."""
    control: bool = False
    """Whether the host's own platform takes the place of the plugin's; only examinations run."""


def observe(subject: Subject) -> Observation:
    """Run the children, a few at a time, and gather what they saw.

    Never raises for what the plugin does; `KeyboardInterrupt` ends the children and passes.
    """
    examines_only = subject.control or subject.only_examinations
    plans = [] if examines_only else [_plan(subject, "active")]
    if subject.staged and not examines_only:
        plans.append(_plan(subject, "staged"))
    if subject.extensions and not examines_only:
        plans.append(_plan(subject, "install"))
    if subject.life and not examines_only:
        plans.append(_plan(subject, "life"))
    plans += [_examining(subject, child) for child in sorted(subject.examinations)]
    crew = _Crew(subject.kept)
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

    def __init__(self, kept: Path | None) -> None:
        self._kept = kept
        self._running: set[StartedChild] = set()
        self._is_dismissed = False
        self._lock = Lock()

    def run(self, plan: ChildPlan) -> Child:
        """Run one child, and start it again without a step in which it died.

        What an earlier run has kept of it is taken first.
        """
        child_name, parts = plan.request.child, list[Child]()
        for piece in kept_pieces(self._kept, child_name) if self._kept is not None else ():
            parts.append(piece.child)
            is_done = piece.is_whole and not _goes_on(plan, parts)
            if is_done and not _lacks_examinations(plan, piece.child):
                return _together(parts)
            plan = _behind(plan, piece.child)
        while True:
            place = None
            if self._kept is not None:
                place = piece_folder(self._kept, child_name, len(parts) + 1)
            parts.append(self._wait(_numbered(plan, len(parts) + 1, place)))
            if self._is_dismissed or not _goes_on(plan, parts):
                return _together(parts)
            plan = _behind(plan, parts[-1])

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
        demonstrated=subject.demonstrated,
        most_engines=subject.most_engines,
        model="" if subject.model is None else str(subject.model),
        head_size=subject.head_size,
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
        skip=() if subject.spawned else ((str(StepName.SPAWN), ""),),
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


def _goes_on(plan: ChildPlan, parts: Sequence[Child]) -> bool:
    """Whether a child is started once more behind the last of its starts."""
    last = parts[-1].steps[-1] if parts[-1].steps else None
    if last is None or not _is_separable(plan.request, last):
        return False
    if last.name is not StepName.EXAMINE:
        return sum(_died(part) is not None for part in parts) <= _MOST_RESTARTS
    # It goes on where it died and comes to its end, unless it hangs in one contract after another.
    return sum(part.seconds for part in parts) < plan.limits.total


def _lacks_examinations(plan: ChildPlan, child: Child) -> bool:
    """Whether a child came to its end, and was asked for less than is wanted now."""
    seen = {step.subject for step in child.steps}
    return child.cause is None and not seen.issuperset(plan.request.examinations)


def _behind(plan: ChildPlan, child: Child) -> ChildPlan:
    """Plan what a start has left over; a step in which it died is not taken again."""
    request, died = plan.request, _died(child)
    begun = {step.subject for step in child.steps if step.name is StepName.EXAMINE}
    skip = () if died is None else ((str(died.name), died.subject),)
    return replace(
        plan,
        request=replace(
            request,
            skip=(*request.skip, *skip),
            examinations=tuple(item for item in request.examinations if item not in begun),
        ),
    )


def _numbered(plan: ChildPlan, number: int, kept: Path | None) -> ChildPlan:
    return replace(
        plan,
        directory=piece_folder(plan.directory.parent, plan.request.child, number),
        kept=kept,
    )


def _died(child: Child) -> Step | None:
    last = child.steps[-1] if child.steps else None
    return last if last is not None and last.state is StepState.DIED else None


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


def _together(parts: Sequence[Child]) -> Child:
    """Make one child of all starts: the last one, with what the others do not leave to it."""
    *before, child = parts
    if not before:
        return child
    died = tuple(filter(None, map(_died, before)))
    lasting = tuple(
        step
        for part in before
        for step in part.steps
        if step.name in _LASTING and step.state is not StepState.DIED
    )
    first = next((part for part in parts if part.cause is not None), child)
    return replace(
        child,
        steps=(*child.steps, *lasting, *died),
        cause=child.cause or first.cause,
        ended=first.ended if child.cause is None else child.ended,
        tail=first.tail if child.cause is None else child.tail,
        seconds=round(sum(part.seconds for part in parts), 3),
        peak_bytes=max(part.peak_bytes for part in parts),
    )
