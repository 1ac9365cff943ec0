"""What the plugin puts onto objects of the host, and in place of the host's own."""

import re
from collections import defaultdict

from hwcheck.analyse.chains import Chains
from hwcheck.analyse.entities import ClassEntity, Entity, Instance, ModuleEntity, Side
from hwcheck.analyse.infer import cut
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.use import Code, Store

__all__ = ["Stores"]

_FIRST_WORD = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z0-9]+)")

_RECEIVER = "self"


class Stores:
    """Knows attributes that the plugin stores, and symbols of the host that it replaces."""

    def __init__(self, resolver: Resolver, chains: Chains) -> None:
        """Tell what stores are made onto through `chains`."""
        self._resolver = resolver
        self._chains = chains
        self._by_name: dict[str, list[tuple[Code, Store]]] | None = None
        self._targets: dict[int, Entity] = {}
        self._replaced: frozenset[str] | None = None
        self._classes: dict[str, list[ClassEntity]] = defaultdict(list)
        self._in_place: dict[str, bool] = {}
        self._named_classes: tuple[ClassEntity, ...] | None = None

    def _stores(self) -> dict[str, list[tuple[Code, Store]]]:
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for code in self._resolver.plugin.files.values():
                for store in code.uses.stores:
                    step = cut(store.target)[1]
                    if step.startswith("."):
                        self._by_name[step[1:]].append((code, store))
        return self._by_name

    def _target(self, code: Code, store: Store) -> Entity:
        found = self._targets.get(id(store))
        if found is None:
            prefix = cut(store.target)[0]
            found = self._chains.infer(code, store.scope, prefix, store.line)
            self._targets[id(store)] = found
        return found

    def is_stored(self, name: str, container: ClassEntity | None = None) -> bool:
        """Tell whether the plugin sets this attribute on an object that may be of the class."""
        for code, store in self._stores().get(name, ()):
            if store.is_deleted:
                continue
            target = self._target(code, store)
            if isinstance(target, ModuleEntity):
                continue
            if container is None or not isinstance(target, Instance | ClassEntity):
                return True
            cls = target.of if isinstance(target, Instance) else target
            if self._are_related(cls, container):
                return True
        return False

    def is_given(self, name: str, container: ClassEntity) -> bool:
        """Tell whether a function stored onto the class, or one beside it, sets this on `self`."""
        for code, store in self._stores().get(name, ()):
            scope = code.uses.scopes[store.scope]
            if store.is_deleted or scope.owner or store.target != f"{_RECEIVER}.{name}":
                continue
            target = self._target(code, store)
            if isinstance(target, Instance) and self._are_related(target.of, container):
                return True
        return False

    def _are_related(self, one: ClassEntity, other: ClassEntity) -> bool:
        mro = self._resolver.mro
        return other in mro(one).classes or one in mro(other).classes

    def replaced(self, symbol: str) -> bool:
        """Tell whether the plugin puts something in place of a host's symbol, or around it."""
        patched = self._known()
        while symbol.count(".") > 1:
            if symbol in patched or self._is_displaced(symbol):
                return True
            symbol = symbol.rpartition(".")[0]
        return False

    def replacements(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Tell the plugin's classes that a patch puts in the place of a host's class."""
        self._known()
        return tuple(self._classes.get(cls.symbol, ()))

    def is_patched(self, symbol: str) -> bool:
        """Tell whether a patch puts something in place of just this symbol."""
        return symbol in self._known()

    def _known(self) -> frozenset[str]:
        if self._replaced is None:
            self._replaced = frozenset()  # until it is known: patches can go in circles
            self._replaced = self._patched()
        return self._replaced

    def _patched(self) -> frozenset[str]:
        found: set[str] = set()
        for name, stores in self._stores().items():
            for code, store in stores:
                target = self._target(code, store)
                if isinstance(target, ModuleEntity) and target.side == Side.HOST:
                    found.add(f"{target.name}.{name}")
                    self._note_class(code, store, target.name, name)
                elif isinstance(target, ClassEntity) and target.side == Side.HOST:
                    found.add(f"{target.symbol}.{name}")
        return frozenset(found)

    def _note_class(self, code: Code, store: Store, module: str, name: str) -> None:
        """Keep which class is put in the place of which, whatever module it is patched in."""
        value = self._chains.infer(code, store.scope, store.value, store.line)
        before = self._resolver.find(module, name)
        if isinstance(value, ClassEntity) and isinstance(before, ClassEntity):
            self._classes[before.symbol].append(value)

    def _is_displaced(self, symbol: str) -> bool:
        """Whether a class that the plugin names by string stands where this host class would."""
        found = self._in_place.get(symbol)
        if found is None:
            found = self._in_place[symbol] = self._find_displaced(symbol)
        return found

    def _find_displaced(self, symbol: str) -> bool:
        entity = self._resolver.resolve_path(symbol)
        if not isinstance(entity, ClassEntity) or entity.side != Side.HOST:
            return False
        own = set(self._resolver.mro(entity).classes)
        for cls in self._named():
            others = self._resolver.mro(cls).classes
            if entity not in others and own.intersection(others):
                return True
        return self._is_rivalled(entity, own)

    def _is_rivalled(self, entity: ClassEntity, own: set[ClassEntity]) -> bool:
        """Whether the plugin uses a class beside this one, of the same bases and with its name.

        ``XModelRunner`` of the same mixins stands where ``GPUModelRunner`` would, unless some
        class of the plugin inherits from that.
        """
        role = _FIRST_WORD.sub("", entity.facts.name)
        if not _FIRST_WORD.sub("", role) or self._resolver.subclasses(entity):
            return False
        return any(
            facts.name.endswith(role)
            and own.intersection(
                self._resolver.mro(self._resolver.class_entity(code.module, facts)).classes
            )
            for code in self._resolver.plugin.files.values()
            if code.module.name in self._resolver.reached_modules
            for facts in code.module.classes
        )

    def _named(self) -> tuple[ClassEntity, ...]:
        """The plugin's classes that are named by strings: the host makes them by their paths."""
        if self._named_classes is None:
            found: dict[ClassEntity, None] = {}
            tops = self._resolver.plugin.tops
            for code in self._resolver.plugin.files.values():
                for text in code.uses.texts:
                    if text.text.partition(".")[0] in tops:
                        entity = self._resolver.resolve_path(text.text)
                        if isinstance(entity, ClassEntity):
                            found[entity] = None
            self._named_classes = tuple(found)
        return self._named_classes
