"""Functions that the plugin stores onto classes: what their first parameter is."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TypeAlias

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Instance,
    Member,
    Side,
)
from hwcheck.analyse.kinds import UNKNOWN, unite
from hwcheck.analyse.resolver import Resolver
from hwcheck.extract.split import root_of
from hwcheck.model.facts import Chain, Form
from hwcheck.model.use import Code, Store

__all__ = ["PatchedFunctions"]

_RECEIVER = "self"

_Place: TypeAlias = tuple[str, str]
"""A module, and the qualified name of a function in it."""


class PatchedFunctions:
    """Knows the classes that functions of the plugin become methods of."""

    def __init__(
        self, resolver: Resolver, infer: Callable[[Code, int, Chain, int], Entity]
    ) -> None:
        """Tell by `infer` what functions are stored onto."""
        self._resolver = resolver
        self._infer = infer
        self._owners: dict[_Place, Entity] | None = None

    def receiver(self, code: Code, index: int, name: str) -> Entity:
        """Tell what a parameter is by the class that its function is stored onto."""
        scope = code.uses.scopes[index]
        if scope.owner or not scope.parameters or scope.parameters[0].name != name:
            return UNKNOWN
        if self._owners is None:
            self._owners = {}  # until it is known: no store leads to itself
            self._owners = self._found()
        return self._owners.get((code.module.name, scope.name), UNKNOWN)

    def _found(self) -> dict[_Place, Entity]:
        found: dict[_Place, list[Entity]] = defaultdict(list)
        for code in self._resolver.plugin.files.values():
            for store in code.uses.stores:
                for place, cls in self._owner(code, store):
                    found[place].append(Instance(cls))
        return {place: unite(owners) for place, owners in found.items()}

    def _owner(self, code: Code, store: Store) -> Iterator[tuple[_Place, ClassEntity]]:
        container, _, name = store.target.rpartition(".")
        if not container or not store.value.replace(".", "").isidentifier():
            return
        if not _is_fixed(code, store.scope, root_of(container)):
            return
        cls = self._infer(code, store.scope, container, store.line)
        if not isinstance(cls, ClassEntity) or not self._is_method(cls, name):
            return
        place = self._place(code, store)
        if place is not None:
            yield place, cls

    def _is_method(self, cls: ClassEntity, name: str) -> bool:
        """Whether what is stored there is given the object: not in place of a static method."""
        member = self._resolver.member(cls, name, instance=False)
        entity = member.entity if isinstance(member, Member) else None
        return not isinstance(entity, FunctionEntity) or entity.facts.form is Form.METHOD

    def _place(self, code: Code, store: Store) -> _Place | None:
        """Find the function that is stored: one of the functions around, or of a module."""
        scopes = code.uses.scopes
        index = store.scope
        while index:
            name = f"{scopes[index].name}.{store.value}"
            if any(_takes_receiver(code, at, name) for at in range(len(scopes))):
                return code.module.name, name
            if _is_bound(code, index, store.value):
                return None
            index = scopes[index].parent
        if not _is_fixed(code, store.scope, root_of(store.value)):
            return None
        entity = self._infer(code, store.scope, store.value, store.line)
        if not isinstance(entity, FunctionEntity) or entity.owner or entity.side is not Side.PLUGIN:
            return None
        parameters = entity.facts.parameters
        if entity.facts.decorators or not parameters or parameters[0].name != _RECEIVER:
            return None
        return entity.module.name, entity.facts.name


def _takes_receiver(code: Code, index: int, name: str) -> bool:
    scope = code.uses.scopes[index]
    is_function = scope.kind == "function" and scope.name == name and not scope.owner
    return is_function and bool(scope.parameters) and scope.parameters[0].name == _RECEIVER


def _is_bound(code: Code, index: int, name: str) -> bool:
    scope = code.uses.scopes[index]
    names = {item.name for item in scope.locals} | {item.name for item in scope.parameters}
    return name in names


def _is_fixed(code: Code, index: int, root: str) -> bool:
    """Whether a name stands for what is imported or defined by a module, whatever is passed."""
    scopes = code.uses.scopes
    while index:
        scope = scopes[index]
        if any(item.name == root for item in scope.parameters):
            return False
        bound = [item for item in scope.locals if item.name == root and item.how != "narrow"]
        if bound:
            return all(item.how == "import" for item in bound)
        index = scope.parent
    return True
