"""The active child: vLLM chooses the platform itself, and the platform is looked at in place."""

from functools import partial
from pathlib import Path

from hwcheck.model.observation import (
    WITH_MODEL,
    Activated,
    Called,
    Configured,
    Loaded,
    ProcessSeen,
    StepName,
)
from hwcheck.probe.class_paths import take_class_paths
from hwcheck.probe.configure import configured
from hwcheck.probe.devices import device_seen, dtype_name, dtype_seen, supported_dtypes
from hwcheck.probe.host import current_platform, import_host, load_entry_point, platform_base
from hwcheck.probe.other_processes import (
    Spawned,
    forked_platform,
    spawned_answer,
    start_spawned,
)
from hwcheck.probe.resolve import module_of, qualified_name
from hwcheck.probe.session import Session
from hwcheck.probe.shapes import describe
from hwcheck.probe.staged import called, loaded
from hwcheck.probe.values import read_value

__all__ = ["run_active"]

GENERAL_GROUP = "vllm.general_plugins"


def run_active(session: Session) -> None:
    """Activate the plugin as vLLM does and describe the platform that results.

    Raises StepFailed: vLLM cannot be imported, or resolving the platform fails.
    """
    request = session.request
    session.take(StepName.IMPORT_HOST, import_host, limit=request.start_limit)
    found: list[object] = []
    activated = session.take(StepName.ACTIVATE, partial(_activate, session, found))
    is_plugin = isinstance(activated, Activated) and activated.is_plugin
    # Started early: it imports vLLM once more while this process goes on.
    spawned = _start_spawned(session) if is_plugin and not session.skips(StepName.SPAWN) else None
    _take_general(session)
    if not is_plugin:
        # vLLM chose another platform; what that one is like is not this plugin's matter.
        return
    platform = found[0]
    _take_members(session, platform)
    _take_devices(session, platform)
    take_class_paths(session, platform)
    _take_configuration(session)
    session.attempt(StepName.FORK, forked_platform)
    if spawned is not None:
        # It imports vLLM too, so it may take as long as that; a little less, to tell of it.
        limit = request.start_limit
        session.attempt(StepName.SPAWN, partial(_hear_spawned, spawned, limit * 0.9), limit=limit)


def _take_configuration(session: Session) -> None:
    configure = partial(configured, session.attribution)
    limit = session.request.start_limit
    bare = session.attempt(
        StepName.CONFIGURE, partial(configure, with_model=False), limit=session.import_limit
    )
    if isinstance(bare, Configured) and bare.worker is None:
        # vLLM imports transformers, and looks into the model's class in a process of its own.
        session.attempt(StepName.CONFIGURE, partial(configure, with_model=True), WITH_MODEL, limit)


def _activate(session: Session, found: list[object]) -> Activated:
    found.append(current_platform())
    cls = type(found[0])
    return Activated(
        type=qualified_name(cls), is_plugin=session.attribution.owns_module(module_of(cls))
    )


def _start_spawned(session: Session) -> Spawned | BaseException:
    try:
        # Not in the temporary folder, which a plugin may have removed.
        return start_spawned(Path(session.request.reply).with_name("spawned.txt"))
    # Told in the step that wants its answer.
    except BaseException as error:
        return error


def _hear_spawned(spawned: Spawned | BaseException, limit: float) -> ProcessSeen:
    if isinstance(spawned, BaseException):
        raise spawned
    return spawned_answer(spawned, limit)


def _take_general(session: Session) -> None:
    limit = session.import_limit
    for point in session.request.entry_points:
        if point.group != GENERAL_GROUP:
            continue
        held: list[object] = []
        answer = session.attempt(
            StepName.LOAD, partial(_load, session, point.name, held), point.name, limit
        )
        if isinstance(answer, Loaded) and answer.callable:
            session.attempt(StepName.CALL, partial(_call, held), point.name, limit)


def _load(session: Session, name: str, held: list[object]) -> Loaded:
    held.append(load_entry_point(session.request.plugin, GENERAL_GROUP, name))
    return loaded(held[0], session.attribution)


def _call(held: list[object]) -> Called:
    return called(held[0]())  # type: ignore[operator]


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
