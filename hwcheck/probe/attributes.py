"""The attributes of the host's and its libraries' modules and classes, and which of them change."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from hwcheck.probe.attribution import Attribution
from hwcheck.probe.own_objects import content_of, defines
from hwcheck.probe.plain_text import plain
from hwcheck.probe.resolve import module_of, namespace_of

__all__ = ["MISSING", "Attributes", "Difference", "Owner"]

#: What plugins patch: the host, and the libraries that it hands its work to.
WATCHED = frozenset({"vllm", "torch", "transformers"})
_MOST_OWNERS = 60_000
_MOST_ATTRIBUTES = 20_000


class _Missing:
    """Stands for an attribute that is not there."""


MISSING = _Missing()


@dataclass(slots=True, kw_only=True, eq=False)
class Owner:
    """A module or class, and what its attributes were when it was last looked at."""

    name: str
    thing: object
    known: dict[str, object]

    @property
    def is_class(self) -> bool:
        """Whether it is a class."""
        return issubclass(type(self.thing), type)

    def value(self, name: str) -> object:
        """What the attribute is now."""
        return _space(self.thing).get(name, MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One attribute that is another object than it was."""

    owner: Owner
    name: str
    before: object
    after: object


class Attributes:
    """Remembers attributes and tells which have become another object."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution
        self._owners: list[Owner] = []
        self._modules: set[int] = set()
        self._holders: dict[str, list[Owner]] = {}
        self._kept: list[ModuleType] = []
        self._count = 0

    def learn(self) -> None:
        """Remember the modules that were loaded since the last time, with their classes."""
        if len(sys.modules) == self._count:
            return
        self._count = len(sys.modules)
        for name, module in list(sys.modules.items()):
            if id(module) not in self._modules and self._is_watched(name, module):
                self._modules.add(id(module))
                self._kept.append(module)
                self._add(plain(name) or "", module)

    def stored(self, name: str) -> Iterator[Difference]:
        """Tell which owners have another attribute of that name, and remember what it is now."""
        holders = self._holders.get(name)
        if holders is None:
            holders = self._holders[name] = [item for item in self._owners if name in item.known]
        for owner in holders:
            if (found := self._difference(owner, name)) is not None:
                yield found

    def added(self, name: str) -> Iterator[Difference]:
        """Tell which owners have an attribute of that name that they did not have."""
        for owner in self._owners:
            if name not in owner.known and (found := self._difference(owner, name)) is not None:
                yield found

    def differences(self) -> Iterator[Difference]:
        """Tell the attributes that have become what the plugin defines."""
        self.learn()
        for owner in self._owners:
            for name in self._news(owner):
                if (found := self._difference(owner, name)) is not None:
                    yield found

    def _news(self, owner: Owner) -> list[str]:
        space, known = _space(owner.thing), owner.known
        try:
            return [
                name
                for name, value in list(space.items())
                if known.get(name, MISSING) is not value and defines(self._attribution, value)
            ]
        # Names need not be text, and can do anything when they are compared.
        except BaseException:
            return []

    def _difference(self, owner: Owner, name: str) -> Difference | None:
        before, after = owner.known.get(name, MISSING), owner.value(name)
        if before is after:
            return None
        owner.known[name] = after
        return Difference(owner=owner, name=name, before=before, after=after)

    def _is_watched(self, name: str, module: object) -> bool:
        if not issubclass(type(module), ModuleType) or len(self._owners) > _MOST_OWNERS:
            return False
        text = plain(name) or ""
        is_watched = text.partition(".")[0] in WATCHED
        return is_watched and not defines(self._attribution, module)

    def _add(self, name: str, module: ModuleType) -> None:
        space = _space(module)
        self._remember(name, module, space)
        for value in list(space.values()):
            if issubclass(type(value), type) and module_of(value) == name:  # type: ignore[arg-type]
                cls_name = type.__dict__["__qualname__"].__get__(value)
                self._remember(f"{name}.{cls_name}", value, _space(value))

    def _remember(self, name: str, thing: object, space: Mapping[str, object]) -> None:
        if len(space) > _MOST_ATTRIBUTES:
            return
        owner = Owner(name=name, thing=thing, known=dict(space))
        self._owners.append(owner)
        for attribute, holders in self._holders.items():
            if attribute in space:
                holders.append(owner)


def _space(thing: object) -> Mapping[str, object]:
    """The attributes that a module or class has itself."""
    if issubclass(type(thing), type):
        return namespace_of(thing)  # type: ignore[arg-type]
    return content_of(thing) or {}
