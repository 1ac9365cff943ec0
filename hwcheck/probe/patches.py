"""The patches that a plugin makes, in the order in which it makes them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, ModuleType

from hwcheck.model.outcome import Place
from hwcheck.model.patch import Inventory, Original, Patch, PatchKind
from hwcheck.probe.acceptance import refused_call
from hwcheck.probe.attributes import MISSING, Attributes, Difference, Owner
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.descriptions import described
from hwcheck.probe.line_watch import Line
from hwcheck.probe.originals import fate_of
from hwcheck.probe.own_objects import code_of, defines, function_of
from hwcheck.probe.resolve import source_place
from hwcheck.probe.stores import Stored, stores_of

__all__ = ["PatchWatch"]

_MOST_PATCHES = 2000
_MOST_SEARCHES = 200
#: What Python and vLLM keep in classes and modules for themselves.
_BOOKKEEPING = frozenset(
    {"__doc__", "__module__", "__abstractmethods__", "_abc_impl", "__annotations__", "__dict__"}
    | {"__weakref__", "__builtins__", "__warningregistry__", "__path__", "__spec__", "__loader__"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One attribute set once."""

    before: object
    after: object
    step: str
    place: Place | None


@dataclass(slots=True, kw_only=True)
class _Target:
    owner: Owner
    name: str
    changes: list[_Change] = field(default_factory=list)


class PatchWatch:
    """Notes which attributes the plugin's lines set, and what they were before."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution
        self._attributes = Attributes(attribution)
        self._targets: dict[tuple[int, str], _Target] = {}
        self._stores: dict[CodeType, dict[int, Stored]] = {}
        self._searches = 0
        self._step = ""

    def begin(self, step: str) -> None:
        """Start a step of the plugin's."""
        self._step = step
        self._attributes.learn()

    def before(self, code: CodeType, line: int) -> bool:
        """Look at what the plugin's next line may change; whether it sets anything at all."""
        names = self._stored(code).get(line)
        if names is None:
            return False
        self._attributes.learn()
        for name in names - {None}:
            # The first time, remembers who has such an attribute.
            self._note(self._attributes.stored(str(name)), None)
        return True

    def after(self, line: Line) -> bool:
        """Look at what the plugin's line has changed; whether it sets anything at all."""
        names = self._stored(line.code).get(line.number)
        if names is None:
            return False
        for name in names - {None}:
            self._note(self._attributes.stored(str(name)), line)
        # These go through everything, and the plugin may have a loop of such lines.
        if self._searches < _MOST_SEARCHES:
            self._searches += 1
            for name in names - {None}:
                self._note(self._attributes.added(str(name)), line)
            if None in names:
                self._note(self._attributes.differences(), line)
        return True

    def end(self) -> None:
        """End the step: what no line was seen to do is found by what it is."""
        self._note(self._attributes.differences(), None)

    def inventory(self, *, again: bool = False) -> Inventory:
        """All patches so far; `again` for those that were put around themselves since then."""
        found = []
        for target in list(self._targets.values())[:_MOST_PATCHES]:
            if again and not self._is_wrapped_again(target):
                continue
            patch = self._patch(target)
            if patch is not None:
                found.append(patch)
        return Inventory(patches=tuple(sorted(found, key=lambda item: item.target)))

    def _stored(self, code: CodeType) -> dict[int, Stored]:
        known = self._stores.get(code)
        if known is None:
            known = self._stores[code] = stores_of(code)
        return known

    def _note(self, found: Iterator[Difference], line: Line | None) -> None:
        for item in found:
            if item.name in _BOOKKEEPING or not self._is_plugins(item, line):
                continue
            key = id(item.owner), item.name
            target = self._targets.setdefault(key, _Target(owner=item.owner, name=item.name))
            target.changes.append(
                _Change(
                    before=item.before,
                    after=item.after,
                    step=self._step,
                    place=None if line is None else line.place(),
                )
            )

    def _is_plugins(self, item: Difference, line: Line | None) -> bool:
        if line is None:
            return item.after is not MISSING and defines(self._attribution, item.after)
        return line.is_alone or defines(self._attribution, item.after)

    def _patch(self, target: _Target) -> Patch | None:
        first, last = target.changes[0], target.changes[-1]
        if last.after is first.before:
            return None
        place = last.place or source_place(last.after, self._attribution)
        replaces = _can_be_called(first.before) and not issubclass(type(first.before), ModuleType)
        return Patch(
            target=f"{target.owner.name}.{target.name}",
            kind=_kind(last.after),
            before=None if first.before is MISSING else _told(first.before),
            after=_told(last.after),
            step=last.step,
            place=place,
            original=self._fate(target, first.before, last.after) if replaces else None,
            refused=self._refused(target, first.before, last.after),
            collision=self._collision(target),
            wrapped_again=self._is_wrapped_again(target),
        )

    def _fate(self, target: _Target, original: object, replacement: object) -> Original:
        if replacement is MISSING:
            return Original.LOST
        return fate_of(original, replacement, target.owner.thing, self._attribution)

    def _refused(self, target: _Target, original: object, replacement: object) -> str | None:
        if function_of(original) is None or function_of(replacement) is None:
            return None
        return refused_call(original, replacement, in_class=target.owner.is_class)

    def _collision(self, target: _Target) -> str | None:
        for earlier, later in zip(target.changes, target.changes[1:], strict=False):
            if not self._is_replaced(earlier, later, target):
                continue
            place = earlier.place or source_place(earlier.after, self._attribution)
            where = "" if place is None else f" of {place.file}:{place.line}"
            return f"{_told(earlier.after)}{where}"
        return None

    def _is_replaced(self, earlier: _Change, later: _Change, target: _Target) -> bool:
        is_first = later.after is target.changes[0].before
        if is_first or code_of(earlier.after) is None or _is_same_code(earlier, later):
            return False
        return self._fate(target, earlier.after, later.after) is Original.LOST

    def _is_wrapped_again(self, target: _Target) -> bool:
        return any(
            _is_same_code(earlier, later)
            # The same function, in a new property each time, is around nothing.
            and function_of(earlier.after) is not function_of(later.after)
            and self._fate(target, earlier.after, later.after) is Original.KEPT
            for earlier, later in zip(target.changes, target.changes[1:], strict=False)
        )


def _is_same_code(earlier: _Change, later: _Change) -> bool:
    left, right = code_of(earlier.after), code_of(later.after)
    if left is None or right is None:
        return False
    return (left.co_filename, left.co_firstlineno, left.co_name) == (
        right.co_filename,
        right.co_firstlineno,
        right.co_name,
    )


def _can_be_called(thing: object) -> bool:
    return issubclass(type(thing), type) or code_of(thing) is not None or callable(thing)


def _kind(thing: object) -> PatchKind:
    if thing is MISSING:
        return PatchKind.REMOVED
    if issubclass(type(thing), type):
        return PatchKind.CLASS
    if issubclass(type(thing), ModuleType):
        return PatchKind.MODULE
    return PatchKind.VALUE if code_of(thing) is None else PatchKind.FUNCTION


def _told(thing: object) -> str:
    return "nothing" if thing is MISSING else described(thing)
