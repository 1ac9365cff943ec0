"""The life child: how the plugin starts, what it changes for others, and that it may repeat."""

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import CodeType
from typing import TypeVar

from hwcheck.model.observation import Called, Loaded, StepName
from hwcheck.probe.activation import GENERAL_GROUP, platform_chosen
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.exit_handlers import exit_handlers_run
from hwcheck.probe.host import forget_resolution, import_host, load_entry_point
from hwcheck.probe.import_orders import ORDERS, PLAINEST_ORDER, platform_in_order
from hwcheck.probe.inspection import inspected
from hwcheck.probe.line_watch import Line, LineWatch
from hwcheck.probe.patches import PatchWatch
from hwcheck.probe.session import Session
from hwcheck.probe.staged import called, loaded
from hwcheck.probe.state_watch import StateWatch

__all__ = ["AGAIN", "run_life"]

AGAIN = "again"
"""The subject of the step that looks at patches after the general plugins were called again."""

T = TypeVar("T")


def run_life(session: Session, watch: EffectWatch) -> None:
    """Start vLLM in several ways, then activate the plugin while its lines are watched.

    Raises StepFailed: vLLM cannot be imported, or resolving the platform fails.
    """
    limit = session.import_limit
    session.take(StepName.IMPORT_HOST, import_host, limit=session.request.start_limit)
    # vLLM was imported without the plugin, because some releases choose while they are imported.
    names = sorted({point.name for point in session.request.entry_points})
    os.environ["VLLM_PLUGINS"] = ",".join(names)
    forget_resolution(import_module("vllm.platforms"))
    for order in ORDERS:
        ask = partial(platform_in_order, session.attribution, order)
        is_plainest = order == PLAINEST_ORDER
        session.attempt(StepName.IMPORT_ORDER, ask, order, None if is_plainest else limit)
    lines = _Watched(session.attribution, watch)
    choose = partial(platform_chosen, session.attribution, [])
    session.take(StepName.ACTIVATE, lines.of("activate", choose))
    session.attempt(StepName.INSPECT, partial(inspected, session.attribution), limit=limit)
    points = _take_general(session, lines)
    session.attempt(StepName.PATCHES, lines.patches.inventory, limit=limit)
    session.attempt(StepName.EXIT, partial(exit_handlers_run, session.attribution))
    _call_again(session, lines, points)
    again = partial(lines.patches.inventory, again=True)
    session.attempt(StepName.PATCHES, again, AGAIN, limit)


class _Watched:
    """Watches the plugin's lines through several steps."""

    def __init__(self, attribution: Attribution, watch: EffectWatch) -> None:
        self.patches = PatchWatch(attribution)
        self._states = StateWatch(attribution)
        self._watch = watch
        self._lines = LineWatch(attribution=attribution, before=self._before, after=self._after)

    def of(self, step: str, action: Callable[[], T]) -> Callable[[], T]:
        """The action, watched."""
        return partial(self._watching, step, action)

    def _watching(self, step: str, action: Callable[[], T]) -> T:
        self.patches.begin(step)
        self._states.begin()
        try:
            return self._lines.watching(action)
        finally:
            self.patches.end()
            for effect in self._states.end():
                self._watch.note(effect)

    def _before(self, code: CodeType, line: int) -> None:
        self._states.before()
        if self.patches.before(code, line):
            self._states.before_store()

    def _after(self, line: Line) -> None:
        self._states.after(line)
        if self.patches.after(line):
            self._states.after_store(line)


def _take_general(session: Session, lines: _Watched) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {}
    for point in session.request.entry_points:
        if point.group != GENERAL_GROUP:
            continue
        held: list[Callable[[], object]] = []
        name, limit = point.name, session.import_limit
        load = lines.of(f"load {name}", partial(_load, session, name, held))
        answer = session.attempt(StepName.LOAD, load, name, limit)
        if isinstance(answer, Loaded) and answer.callable:
            call = lines.of(f"call {name}", partial(_call, held[0]))
            if isinstance(session.attempt(StepName.CALL, call, name, limit), Called):
                found[name] = held[0]
    return found


def _call_again(session: Session, lines: _Watched, points: dict[str, Callable[[], object]]) -> None:
    for name, function in points.items():
        call = lines.of(f"call {name} again", partial(_call, function))
        session.attempt(StepName.CALL_AGAIN, call, name, session.import_limit)


def _load(session: Session, name: str, held: list[Callable[[], object]]) -> Loaded:
    held.append(load_entry_point(session.request.plugin, GENERAL_GROUP, name))  # type: ignore[arg-type]
    return loaded(held[0], session.attribution)


def _call(function: Callable[[], object]) -> Called:
    return called(function())
