"""Activation as vLLM does it: the platform resolved by vLLM, then the general plugins called."""

from functools import partial

from hwcheck.model.observation import Activated, Called, Loaded, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.host import current_platform, import_host, load_entry_point
from hwcheck.probe.resolve import module_of, qualified_name
from hwcheck.probe.session import Session
from hwcheck.probe.staged import called, loaded

__all__ = ["GENERAL_GROUP", "activate", "platform_chosen", "resolve_platform", "take_general"]

GENERAL_GROUP = "vllm.general_plugins"


def activate(session: Session) -> object | None:
    """Activate the plugin; ``None`` when vLLM chose another platform.

    Raises StepFailed: vLLM cannot be imported, or resolving the platform fails.
    """
    platform = resolve_platform(session)
    take_general(session)
    return platform


def resolve_platform(session: Session) -> object | None:
    """Import vLLM and let it choose; ``None`` when it chose another platform.

    Raises StepFailed: vLLM cannot be imported, or resolving the platform fails.
    """
    session.take(StepName.IMPORT_HOST, import_host, limit=session.request.start_limit)
    found: list[object] = []
    activated = session.take(
        StepName.ACTIVATE, partial(platform_chosen, session.attribution, found)
    )
    is_plugin = isinstance(activated, Activated) and activated.is_plugin
    return found[0] if is_plugin else None


def platform_chosen(attribution: Attribution, found: list[object]) -> Activated:
    """Let vLLM choose, and put the platform into `found`."""
    found.append(current_platform())
    cls = type(found[0])
    return Activated(type=qualified_name(cls), is_plugin=attribution.owns_module(module_of(cls)))


def take_general(session: Session) -> None:
    """Load and call the general entry points, one step each; nothing depends on them."""
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
