"""The active child: vLLM chooses the platform itself, and the platform is looked at in place."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from hwcheck.model.observation import WITH_MODEL, Configured, ProcessSeen, StepName
from hwcheck.probe.activation import resolve_platform, take_general
from hwcheck.probe.class_paths import take_class_paths
from hwcheck.probe.configure import configured
from hwcheck.probe.devices import device_seen, dtype_name, dtype_seen, supported_dtypes
from hwcheck.probe.host import platform_base
from hwcheck.probe.other_processes import (
    Spawned,
    forked_platform,
    nested_answer,
    spawned_answer,
    start_spawned,
)
from hwcheck.probe.session import Session
from hwcheck.probe.shapes import describe
from hwcheck.probe.values import read_value

__all__ = ["run_active"]


def run_active(session: Session) -> None:
    """Activate the plugin as vLLM does and describe the platform that results.

    Raises StepFailed: vLLM cannot be imported, or resolving the platform fails.
    """
    request = session.request
    platform = resolve_platform(session)
    # Started early: it imports vLLM once more while this process goes on.
    spawns = platform is not None and not session.skips(StepName.SPAWN)
    spawned = _start_spawned(session) if spawns else None
    take_general(session)
    if platform is None:
        # vLLM chose another platform; what that one is like is not this plugin's matter.
        return
    _take_members(session, platform)
    _take_devices(session, platform)
    # In vLLM's order: the worker's module is imported before what the platform names is looked up.
    _take_configuration(session)
    take_class_paths(session, platform)
    session.attempt(StepName.FORK, forked_platform)
    if spawned is not None:
        # It imports vLLM too, so it may take as long as that; a little less, to tell of it.
        limit = request.start_limit
        hear = partial(_hear_spawned, spawned_answer, spawned, limit * 0.9)
        session.attempt(StepName.SPAWN, hear, limit=limit)
        hear = partial(_hear_spawned, nested_answer, spawned, limit * 0.9)
        session.attempt(StepName.NESTED, hear, limit=limit)


def _take_configuration(session: Session) -> None:
    configure = partial(configured, session.attribution)
    limit = session.request.start_limit
    bare = session.attempt(
        StepName.CONFIGURE, partial(configure, with_model=False), limit=session.import_limit
    )
    if not isinstance(bare, Configured) or bare.worker is None:
        # Newer releases make no configuration without a model, so failing there says nothing.
        # vLLM imports transformers, and looks into the model's class in a process of its own.
        session.attempt(StepName.CONFIGURE, partial(configure, with_model=True), WITH_MODEL, limit)


def _start_spawned(session: Session) -> Spawned | BaseException:
    try:
        # Not in the temporary folder, which a plugin may have removed.
        return start_spawned(Path(session.request.reply).with_name("spawned.txt"))
    # Told in the step that wants its answer.
    except BaseException as error:
        return error


def _hear_spawned(
    answer: Callable[[Spawned, float], ProcessSeen],
    spawned: Spawned | BaseException,
    limit: float,
) -> ProcessSeen:
    if isinstance(spawned, BaseException):
        raise spawned
    return answer(spawned, limit)


def _take_members(session: Session, platform: object) -> None:
    wanted = [member.name for member in session.request.members]
    session.attempt(
        StepName.DESCRIBE,
        partial(describe, type(platform), platform_base(), wanted, session.attribution),
    )
    for member in session.request.members:
        session.attempt(
            StepName.VALUE,
            partial(read_value, platform, member.name, call=member.call),
            member.name,
        )


def _take_devices(session: Session, platform: object) -> None:
    # A member that ended an earlier child would end this one again.
    for member in ("device_type", "device_name"):
        if not session.skips(StepName.VALUE, member):
            session.attempt(StepName.DEVICE, partial(device_seen, platform, member), member)
    if any(session.skips(StepName.VALUE, name) for name in ("device_type", "supported_dtypes")):
        return
    for name, dtype in {dtype_name(item): item for item in supported_dtypes(platform)}.items():
        session.attempt(StepName.DTYPE, partial(dtype_seen, platform, dtype), name)
