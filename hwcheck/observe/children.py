"""One child of the probe: its folder, its environment, its start and its end."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import hwcheck
from hwcheck.contain.exchange import ChildEnd, Limits
from hwcheck.contain.launch import Contained, start_contained
from hwcheck.model.observation import Child, Death, StepState
from hwcheck.model.outcome import Cause
from hwcheck.observe.following import REPLY
from hwcheck.observe.kept_pieces import keep_child, keep_nonce
from hwcheck.observe.replies import Reply, read_reply
from hwcheck.probe.messages import Request, request_text

__all__ = ["ChildPlan", "StartedChild", "start_child"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """What one child is asked, and under which conditions."""

    request: Request
    python: str
    """The interpreter of the plugin's environment."""
    environment: Mapping[str, str]
    directory: Path
    limits: Limits
    module: str = "hwcheck.probe"
    """The program that the child runs."""
    kept: Path | None = None
    """Where its reply lies, when that is to outlive the run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartedChild:
    """A child that runs."""

    plan: ChildPlan
    request: Request
    contained: Contained

    def wait(self) -> Child:
        """Wait for its end and read what it said."""
        end = self.contained.wait()
        reply = read_reply(Path(self.request.reply), self.request.nonce)
        cause, ended = _cause(end, reply), _ended(end, reply)
        child = self._child(end, reply, cause, ended)
        if self.plan.kept is not None:
            keep_child(self.plan.kept, child)
        return child

    def _child(self, end: ChildEnd, reply: Reply, cause: Cause | None, ended: str) -> Child:
        death = Death(cause=cause or Cause.OTHER, ended=ended, tail=end.tail)
        return Child(
            name=self.request.child,
            steps=tuple(
                replace(step, death=death) if step.state is StepState.DIED else step
                for step in reply.steps
            ),
            cause=cause,
            ended=ended,
            seconds=round(end.seconds, 3),
            peak_bytes=end.peak_bytes,
            tail=end.tail,
            left_processes=end.left_processes,
        )

    def stop(self) -> None:
        """End it and everything that it started."""
        self.contained.stop()


def start_child(plan: ChildPlan) -> StartedChild:
    """Start a child in a folder of its own, with a home and a temporary folder of its own."""
    directory = plan.directory
    for name in ("home", "tmp"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    request = replace(
        plan.request,
        reply=str((plan.kept or directory) / REPLY),
        stdout=str(directory / "stdout.txt"),
        nonce=uuid4().hex,
    )
    if plan.kept is not None:
        keep_nonce(plan.kept, request.nonce)
    # Made here, so that a reply that is not there was removed.
    Path(request.reply).unlink(missing_ok=True)
    Path(request.reply).touch()
    question = directory / "probe.json"
    question.write_text(request_text(request), encoding="utf-8")
    contained = start_contained(
        (plan.python, "-P", "-m", plan.module, str(question)),
        environment=_environment(plan, directory),
        directory=directory,
        limits=plan.limits,
        progress=Path(request.reply),
    )
    return StartedChild(plan=plan, request=request, contained=contained)


def _environment(plan: ChildPlan, directory: Path) -> dict[str, str]:
    # The interpreter may be another one than ours, without hwcheck: it sees this package alone,
    # through a folder that holds nothing else, and none of our dependencies.
    path = directory / "path"
    path.mkdir(exist_ok=True)
    link = path / "hwcheck"
    if not link.is_symlink():
        link.symlink_to(Path(hwcheck.__file__).parent, target_is_directory=True)
    environment = dict(plan.environment)
    if plan.python != sys.executable and plan.module != "hwcheck.probe":
        _link_examples_library(path)
    # The child works in a folder of its own, so relative entries would lead elsewhere.
    before = [str(Path(entry).absolute()) for entry in _entries(environment.get("PYTHONPATH"))]
    environment["PYTHONPATH"] = os.pathsep.join([str(path), *before])
    environment["HOME"] = str(directory / "home")
    environment["TMPDIR"] = str(directory / "tmp")
    environment["PYTHONUNBUFFERED"] = "1"
    # Without bytecode each child would compile some five thousand modules again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _link_examples_library(path: Path) -> None:
    # What generates examples is ours, not the plugin's environment's.
    for name in ("hypothesis", "sortedcontainers", "_hypothesis_globals"):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        found = origin.parent if spec.submodule_search_locations else origin
        link = path / found.name
        if not link.is_symlink():
            link.symlink_to(found, target_is_directory=found.is_dir())


def _entries(path: str | None) -> list[str]:
    return [entry for entry in (path or "").split(os.pathsep) if entry]


def _cause(end: ChildEnd, reply: Reply) -> Cause | None:
    if end.cause is not None:
        return end.cause
    if reply.damage is not None:
        return Cause.CORRUPTED_REPLY
    if not reply.finished:
        return Cause.EXITED
    return Cause.FORKED if reply.forked_in is not None else None


def _ended(end: ChildEnd, reply: Reply) -> str:
    if end.cause is not None:
        return end.ended
    if reply.damage is not None:
        return f"{end.ended}, its reply damaged: {reply.damage}"
    if not reply.finished:
        return f"{end.ended} in the middle of a step"
    if reply.forked_in is not None:
        return f"a copy of the process was forked off in step {reply.forked_in!r} and went on"
    return end.ended
