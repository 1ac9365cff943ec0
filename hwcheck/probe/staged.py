"""The staged child: what vLLM does with a platform plugin, one step at a time."""

import sys
from functools import partial

from hwcheck.model.observation import Activated, Called, ClassSeen, Loaded, OptOut, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.host import import_host, load_entry_point, platform_base, watch_resolution
from hwcheck.probe.plain_text import plain, shown
from hwcheck.probe.reply import StepFailed
from hwcheck.probe.resolve import class_seen, qualified_name, resolve, source_place
from hwcheck.probe.session import Session

__all__ = ["called", "loaded", "run_staged"]

PLATFORM_GROUP = "vllm.platform_plugins"

_LONGEST_PATH = 1000


def run_staged(session: Session, watch: EffectWatch) -> None:
    """Load, call twice, resolve and instantiate each platform entry point.

    vLLM is imported first, with ``VLLM_PLUGINS`` naming nothing of the plugin, so that each
    effect can be charged to the step that has it.

    Raises StepFailed: vLLM cannot be imported.
    """
    request, attribution = session.request, session.attribution
    session.take(StepName.IMPORT_HOST, import_host, limit=request.start_limit)
    session.take(StepName.OPT_OUT, partial(_opt_out, attribution))
    watch_resolution(watch, attribution)
    for point in request.entry_points:
        if point.group == PLATFORM_GROUP:
            try:
                _take_platform(session, point.name)
            except StepFailed:
                continue


def loaded(function: object, attribution: Attribution) -> Loaded:
    """Describe what an entry point loaded to."""
    return Loaded(
        type=qualified_name(type(function)),
        callable=callable(function),
        place=source_place(function, attribution),
    )


def called(answer: object) -> Called:
    """Describe what an entry point answered."""
    path = plain(answer)
    return Called(
        type=type.__dict__["__qualname__"].__get__(type(answer)),
        text=shown(answer, 300),
        value=path if path is None or len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + "...",
    )


def _take_platform(session: Session, name: str) -> None:
    held: list[object] = []

    def load() -> Loaded:
        held.append(load_entry_point(session.request.plugin, PLATFORM_GROUP, name))
        return loaded(held[0], session.attribution)

    def call() -> Called:
        return called(held[0]())  # type: ignore[operator]

    session.take(StepName.LOAD, load, name)
    if not callable(held[0]):
        return
    first = session.take(StepName.CALL, call, name)
    session.take(StepName.CALL_AGAIN, call, name)
    if isinstance(first, Called) and first.value is not None:
        _take_class(session, name, first.value)


def _take_class(session: Session, name: str, path: str) -> None:
    held: list[object] = []

    def find() -> ClassSeen:
        held.append(resolve(path))
        return class_seen(path, held[0], session.attribution)

    def make() -> Activated:
        instance = held[0]()  # type: ignore[operator]
        return Activated(
            type=qualified_name(type(instance)), is_plugin=isinstance(instance, platform_base())
        )

    session.take(StepName.RESOLVE, find, name, session.import_limit)
    session.take(StepName.INSTANTIATE, make, name)


def _opt_out(attribution: Attribution) -> OptOut:
    return OptOut(
        modules=tuple(sorted(name for name in sys.modules if attribution.owns_module(name)))[:20]
    )
