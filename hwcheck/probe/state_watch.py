"""What a step changes for everybody in the process, and the plugin's line that does it."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from hwcheck.model.effect import Effect, EffectKind
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.descriptions import described
from hwcheck.probe.line_watch import Line
from hwcheck.probe.own_objects import content_of, defines
from hwcheck.probe.plain_text import plain
from hwcheck.probe.process_state import Change, ProcessState, changes, process_state
from hwcheck.probe.resolve import source_place

__all__ = ["StateWatch"]

_MOST_LINES = 5000
_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    change: Change
    place: Place | None
    """The line that is to be charged, ``None`` when it is somebody else's doing."""


class StateWatch:
    """Compares the process before and after each line, and tells what is left at the end."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution
        self._start: ProcessState = process_state()
        self._last = self._start
        self._modules: dict[str, object] = {}
        self._known: dict[str, object] = {}
        self._seen: list[_Seen] = []
        self._module_places: dict[str, Place] = {}
        self._replaced: dict[str, object] = {}
        self._lines = 0

    def begin(self) -> None:
        """Start a step."""
        self._start = self._last = process_state()
        self._modules = dict(sys.modules)
        self._known = dict(self._modules)
        self._seen, self._module_places, self._replaced, self._lines = [], {}, {}, 0

    def before(self) -> None:
        """Look at the process before a line of the plugin's: others may have changed it since."""
        self._lines += 1
        if self._lines <= _MOST_LINES:
            self._last = process_state()

    def after(self, line: Line) -> None:
        """Look at what a line of the plugin's has changed."""
        if self._lines > _MOST_LINES:
            return
        now = process_state()
        for change in changes(self._last, now):
            is_own = line.is_alone or (change.kind is EffectKind.TORCH and line.is_with_torch)
            place = line.place() if is_own or self._puts_its_own(change) else None
            self._seen.append(_Seen(change=change, place=place))
        self._last = now

    def before_store(self) -> None:
        """Look at the loaded modules before a line that sets something."""
        self._known = dict(sys.modules)

    def after_store(self, line: Line) -> None:
        """Look at what a line that sets something has put among the loaded modules."""
        if not line.is_alone:
            return
        for name, module in list(sys.modules.items()):
            if self._known.get(name) is not module:
                self._module_places[name] = line.place()
                # It may have been imported in the same step.
                self._replaced.setdefault(name, self._known.get(name))

    def end(self) -> Iterator[Effect]:
        """End the step and tell what the plugin's lines left behind in it."""
        for change in changes(self._start, process_state()):
            is_own, place = self._charged(change)
            if is_own:
                yield Effect(
                    kind=change.kind,
                    subject=change.subject,
                    detail=change.detail,
                    place=place,
                    harm=change.harm,
                )
        yield from self._module_effects()

    def _charged(self, change: Change) -> tuple[bool, Place | None]:
        """Whether the plugin did it, and with which line."""
        like = [seen for seen in self._seen if _key(seen.change) == _key(change)]
        same = [seen for seen in like if seen.change.detail == change.detail] or like
        if same and same[-1].place is not None:
            return True, same[-1].place
        for thing in change.by:
            if self._is_own(thing):
                return True, source_place(thing, self._attribution)
        return False, None

    def _puts_its_own(self, change: Change) -> bool:
        return any(map(self._is_own, change.by))

    def _is_own(self, thing: object) -> bool:
        return defines(self._attribution, thing) or defines(self._attribution, type(thing))

    def _module_effects(self) -> Iterator[Effect]:
        for name, module in list(sys.modules.items()):
            before = self._modules.get(name, self._replaced.get(name))
            text = plain(name) or ""
            if before is module or not text or self._attribution.owns_module(text):
                continue
            place = self._module_places.get(name)
            if place is None and not self._is_own(module):
                continue
            if before is None and not self._is_own(module) and _was_imported(module):
                continue
            yield Effect(
                kind=EffectKind.MODULE,
                subject=text,
                detail=f"{'set to' if before is None else 'replaced by'} {described(module)}",
                place=place,
                harm=_harm_of_module(before, module),
            )


def _key(change: Change) -> tuple[str, str]:
    return str(change.kind), change.subject


def _was_imported(module: object) -> bool:
    # One that somebody made by hand has no such thing.
    return (content_of(module) or {}).get("__spec__") is not None


def _harm_of_module(before: object, after: object) -> str | None:
    if not issubclass(type(before), ModuleType) or not issubclass(type(after), ModuleType):
        return None
    old, new = content_of(before) or {}, content_of(after) or {}
    if "__getattr__" in new:
        return None
    gone = sorted(name for name in map(plain, old) if name and name[0] != "_" and name not in new)
    if not gone:
        return None
    shown_names = ", ".join(gone[:_NAMES_SHOWN])
    more = f" and {len(gone) - _NAMES_SHOWN} more" if len(gone) > _NAMES_SHOWN else ""
    return f"who imports it from now on does not find {shown_names}{more}"
