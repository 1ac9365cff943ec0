"""Whether a replacement leads to what it replaces: a look at its code, which is not run."""

from collections.abc import Iterator
from functools import partial, partialmethod
from types import CodeType, FunctionType, ModuleType

from hwcheck.model.patch import Original
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.own_objects import content_of, defines, function_of
from hwcheck.probe.resolve import bases_of, namespace_of

__all__ = ["fate_of"]

_MOST_OBJECTS = 3000
_MOST_ITEMS = 500
_CONTAINERS = (list, tuple, set, frozenset)
#: Where names are looked up as the code runs, not finding one says nothing.
_BY_NAME = frozenset({"globals", "vars", "__dict__", "eval", "import_module", "super"})


def fate_of(
    original: object, replacement: object, owner: object, attribution: Attribution
) -> Original:
    """Whether the original can be reached from the replacement.

    Looked at are bases, closures, defaults, wrapped functions, and the globals and attributes
    that the code names; `owner` is the module or class that both were put into.
    """
    if _core(replacement) is _core(original):
        return Original.KEPT
    search = _Search(_core(original), owner, attribution)
    found = search.run(replacement)
    if found:
        return Original.KEPT
    return Original.UNKNOWN if search.is_blind else Original.LOST


def _core(thing: object) -> object:
    return function_of(thing) or thing


class _Search:
    def __init__(self, wanted: object, owner: object, attribution: Attribution) -> None:
        self._wanted = wanted
        self._owner = owner
        self._attribution = attribution
        self._seen: set[int] = set()
        #: Keeps what was seen alive, so that no other object has its id.
        self._kept: list[object] = []
        self.is_blind = False

    def run(self, start: object) -> bool:
        waiting = [start]
        while waiting:
            thing = waiting.pop()
            if _core(thing) is self._wanted:
                return True
            if id(thing) in self._seen:
                continue
            self._seen.add(id(thing))
            self._kept.append(thing)
            if len(self._seen) > _MOST_OBJECTS:
                self.is_blind = True
                return False
            waiting += self._next(thing)
        return False

    def _next(self, thing: object) -> Iterator[object]:
        # Types are compared by identity: a plugin's metaclass can raise when it is asked.
        kind, core = type(thing), _core(thing)
        if core is not thing:
            yield core
        if kind is FunctionType:
            yield from self._from_function(thing)  # type: ignore[arg-type]
        elif issubclass(kind, type):
            yield from self._from_class(thing)  # type: ignore[arg-type]
        elif any(kind is container for container in _CONTAINERS):
            yield from list(thing)[:_MOST_ITEMS]  # type: ignore[call-overload]
        elif kind is dict:
            yield from list(thing.values())[:_MOST_ITEMS]  # type: ignore[attr-defined]
        elif issubclass(kind, property):
            yield from (thing.fset, thing.fdel)  # type: ignore[attr-defined]
        elif issubclass(kind, partial | partialmethod):
            yield from (*thing.args, *thing.keywords.values())  # type: ignore[attr-defined]
        elif defines(self._attribution, kind):
            # An object that can be called: its method, and what it holds.
            yield kind
            yield from list((content_of(thing) or {}).values())[:_MOST_ITEMS]
        elif core is thing and len(self._seen) == 1 and callable(thing):
            # Written in C, or somebody else's: there is nothing to look into.
            self.is_blind = True

    def _from_function(self, function: FunctionType) -> Iterator[object]:
        for cell in function.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:
                continue
        yield from function.__defaults__ or ()
        yield from (function.__kwdefaults__ or {}).values()
        yield from (content_of(function) or {}).values()
        # Whatever vLLM's own functions lead to says nothing of the plugin.
        if self._attribution.owns_file(function.__code__.co_filename):
            yield from self._named(function)

    def _named(self, function: FunctionType) -> Iterator[object]:
        names = _names(function.__code__)
        if not _BY_NAME.isdisjoint(names):
            self.is_blind = True
        own = function.__globals__
        for name in names:
            if name in own:
                thing = own[name]
                yield from self._attributes(thing, names)
                if not issubclass(type(thing), ModuleType):
                    yield thing
        yield from self._attributes(self._owner, names)

    def _attributes(self, thing: object, names: frozenset[str]) -> Iterator[object]:
        """What the code may read as attributes of a module or class."""
        if issubclass(type(thing), ModuleType):
            spaces = [content_of(thing) or {}]
        elif issubclass(type(thing), type):
            spaces = [dict(namespace_of(base)) for base in bases_of(thing)[:1]]  # type: ignore[arg-type]
        else:
            return
        for space in spaces:
            yield from (space[name] for name in names if name in space)

    def _from_class(self, cls: type) -> Iterator[object]:
        if not defines(self._attribution, cls):
            return
        yield from bases_of(cls)
        yield from list(namespace_of(cls).values())[:_MOST_ITEMS]


def _names(code: CodeType) -> frozenset[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            found |= _names(constant)
        elif type(constant) is str:
            # What `getattr` is given.
            found.add(constant)
    return frozenset(found)
