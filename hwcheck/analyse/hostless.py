"""A plugin without any host: what can be told of it is the same on all of them."""

from collections.abc import Collection
from typing import Any

from hwcheck.analyse.entities import ClassEntity, Entity
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import HostFacts, LocatedCall
from hwcheck.model.facts import Module
from hwcheck.model.use import Code

__all__ = ["HostAskedError", "Hostless"]


class HostAskedError(Exception):
    """The answer depends on the host."""


class Hostless(World):
    """A world whose host refuses every question, and that unlearns what led to one.

    What it answers at all, every world of the plugin answers alike. Questions about all of the
    plugin at once are refused too: some of its code always leads to the host.
    """

    def __init__(self, plugin: PluginCode, gates: frozenset[str]) -> None:
        """See `World`."""
        super().__init__(plugin, _NoHost(), gates)
        self._learnt: list[tuple[dict[Any, Any], object]] = []
        for part in tuple(vars(self).values()):
            if type(part).__module__.startswith("hwcheck.analyse."):
                self._keep_journal(part)
        self._frames = _Frames(self._learnt)
        self._chains.share(self._frames, _Receivers())

    def _keep_journal(self, part: object) -> None:
        for name, kept in tuple(getattr(part, "__dict__", {}).items()):
            if type(kept) is dict and not kept:
                setattr(part, name, _Journaled(self._learnt))

    def begin(self) -> None:
        """Start a question: what was learnt before it is certain."""
        self._learnt.clear()
        self._frames.seen.clear()

    def unlearn(self) -> None:
        """Forget what was learnt since the question began, which was refused on the way.

        Some of it may rest on answers that were only begun.
        """
        for key in self._frames.seen:
            if (frame := self._frames.get(key)) is not None:
                frame.found.clear()
                frame.settled.clear()
        for kept, name in self._learnt:
            kept.pop(name, None)
        self.begin()

    def subclasses(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Refuse."""
        raise HostAskedError

    def replacements(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Refuse."""
        raise HostAskedError

    def replaced(self, symbol: str) -> bool:
        """Refuse."""
        raise HostAskedError

    def is_patched(self, symbol: str) -> bool:
        """Refuse."""
        raise HostAskedError

    def is_stored(self, name: str, container: ClassEntity | None = None) -> bool:
        """Refuse."""
        raise HostAskedError

    def is_given(self, name: str, container: ClassEntity) -> bool:
        """Refuse."""
        raise HostAskedError

    @property
    def reached_modules(self) -> frozenset[str]:
        """Refuse."""
        raise HostAskedError


class _Receivers:
    """Refuses to tell what functions become methods of: all stores would have to be followed."""

    def receiver(self, code: Code, index: int, name: str) -> Entity:
        raise HostAskedError


class _Journaled(dict[Any, Any]):
    """Answers, with a journal of what was put in first."""

    def __init__(self, learnt: list[tuple[dict[Any, Any], object]]) -> None:
        super().__init__()
        self._learnt = learnt

    def __setitem__(self, key: object, value: object) -> None:
        if key not in self:
            self._learnt.append((self, key))
        super().__setitem__(key, value)


class _Frames(_Journaled):
    """Scopes, with a journal of which were looked into."""

    def __init__(self, learnt: list[tuple[dict[Any, Any], object]]) -> None:
        super().__init__(learnt)
        self.seen: set[object] = set()

    def get(self, key: object, default: object = None) -> Any:
        self.seen.add(key)
        return super().get(key, default)


class _NoHost(HostFacts):
    """Refuses all questions."""

    def __init__(self) -> None:
        """Know nothing."""

    @property
    def version(self) -> str:
        raise HostAskedError

    def module(self, name: str) -> Module | None:
        raise HostAskedError

    def has_module(self, name: str) -> bool:
        raise HostAskedError

    def module_names(self) -> frozenset[str]:
        raise HostAskedError

    def calls_of(self, names: Collection[str]) -> dict[str, tuple[LocatedCall, ...]]:
        raise HostAskedError

    def called_names(self) -> frozenset[str]:
        raise HostAskedError

    def defining(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        raise HostAskedError
