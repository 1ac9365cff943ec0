"""Single steps of inference: an attribute is taken, something is called, an item taken."""

from collections.abc import Iterator
from functools import cache

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Instance,
    Member,
    Missing,
    ModuleEntity,
    Side,
    Unknown,
    Value,
)
from hwcheck.analyse.kinds import UNKNOWN, Ancestors, Container, ContainerMethod, unite
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import Form

__all__ = ["Steps"]

_MAPPINGS = frozenset(
    {"DefaultDict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "dict"}
)
_TUPLES = frozenset({"Tuple", "tuple"})
_AWAITED = {"Awaitable": 0, "Coroutine": 2}
#: What a slice of a container still has; the item itself would be no such thing.
_SLICE_NAMES = frozenset(dir(list)) | frozenset(dir(tuple)) | frozenset(dir(str))

#: Decorators of functions that change neither what they take nor what they give.
_PLAIN_DECORATORS = frozenset(
    {
        "abstractmethod",
        "cache",
        "cached",
        "cached_property",
        "compile",
        "contextmanager",
        "asynccontextmanager",
        "deprecated",
        "disable",
        "final",
        "inference_mode",
        "jit",
        "lru_cache",
        "no_grad",
        "override",
        "property",
        "wraps",
    }
)
_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


@cache
def _last(chain: str) -> str:
    return chain.removesuffix("()").rpartition(".")[2]


class Steps:
    """Takes one step from an entity to the next."""

    def __init__(self, resolver: Resolver) -> None:
        """Look names up through `resolver`."""
        self._resolver = resolver
        self._attributes: dict[tuple[ClassEntity, str, bool], Entity] = {}
        self._returned: dict[FunctionEntity, Entity] = {}

    # Attributes

    def attribute(self, entity: Entity, name: str) -> Entity:
        """Take an attribute of something."""
        match entity:
            case ModuleEntity():
                return self._resolver.find(entity.name, name)
            case Instance(of=cls):
                return self._member(cls, name, instance=True)
            case ClassEntity():
                return self._member(entity, name, instance=False)
            case External(symbol):
                return External(f"{symbol}.{name}")
            case Ancestors(of=cls, is_instance=instance):
                return self._inherited(cls, name, instance=instance)
            case Container():
                return ContainerMethod(f"{entity.symbol}.{name}", entity.side, entity, name)
        return UNKNOWN

    def _inherited(self, cls: ClassEntity, name: str, *, instance: bool) -> Entity:
        """Take what ``super()`` finds; in a class that is mixed in, that is for others to give."""
        found = self._resolver.bases_member(cls, name, instance=instance)
        if isinstance(found, Missing):
            for lower in self._resolver.subclasses(cls):
                mro = self._resolver.mro(lower)
                later = mro.classes[mro.classes.index(cls) + 1 :]
                if mro.is_open or any(self._resolver.own_member(item, name) for item in later):
                    return UNKNOWN
        return self._read(found, instance=instance)

    def _member(self, cls: ClassEntity, name: str, *, instance: bool) -> Entity:
        key = (cls, name, instance)
        entity = self._attributes.get(key)
        if entity is None:
            self._attributes[key] = UNKNOWN
            entity = self._attributes[key] = self._taken(cls, name, instance=instance)
        return entity

    def _taken(self, cls: ClassEntity, name: str, *, instance: bool) -> Entity:
        if name == "__class__" and instance:
            return cls
        found = self._resolver.member(cls, name, instance=instance)
        if isinstance(found, Missing) and any(
            not isinstance(self._resolver.member(other, name, instance=True), Missing)
            for other in self._others(cls)
        ):
            return UNKNOWN
        return self._read(found, instance=instance)

    def others_have(self, cls: ClassEntity, name: str) -> bool:
        """Tell whether a class that a value of a class may be of too surely has a member."""
        return any(
            isinstance(self._resolver.member(other, name, instance=True), Member)
            for other in self._others(cls)
        )

    def _others(self, cls: ClassEntity) -> Iterator[ClassEntity]:
        """Give the plugin's classes that a value of a class may be of at run time.

        It may be of a subclass (of the host's, those beside it count), the class may be mixed
        into one, or a patch may have put another in the place of a base.
        """
        yield from self._resolver.subclasses(cls)
        if cls.side == Side.HOST:
            for facts in cls.module.classes:
                other = self._resolver.class_entity(cls.module, facts)
                if cls in self._resolver.mro(other).classes:
                    yield other
        for base in self._resolver.mro(cls).classes:
            if base.side == Side.HOST:
                yield from self._resolver.replacements(base)

    def _read(self, found: Member | Missing | Unknown, *, instance: bool) -> Entity:
        if not isinstance(found, Member):
            return found
        entity = found.entity
        if not isinstance(entity, FunctionEntity) or entity.owner is None:
            return entity
        form = entity.facts.form
        if form == Form.PROPERTY:
            return self._property(entity) if instance else Value(entity.symbol, entity.side)
        if form == Form.CLASS_METHOD or (instance and form == Form.METHOD):
            return self._resolver.bound(entity)
        return entity

    def _property(self, entity: FunctionEntity) -> Entity:
        found = self._resolver.returns(entity)
        return Value(entity.symbol, entity.side) if isinstance(found, Unknown) else found

    # Calls

    def called(self, entity: Entity) -> Entity:
        """Call something."""
        match entity:
            case ClassEntity():
                return Instance(entity)
            case FunctionEntity():
                return self._resolver.returns(entity)
            case ContainerMethod():
                return _from_container(entity.container, entity.name)
            case Instance():
                method = self.attribute(entity, "__call__")
                return (
                    self._resolver.returns(method)
                    if isinstance(method, FunctionEntity)
                    else UNKNOWN
                )
        return UNKNOWN

    def returns(self, function: FunctionEntity) -> Entity:
        """Tell what a call gives, or reading a property."""
        found = self._returned.get(function)
        if found is None:
            self._returned[function] = UNKNOWN
            found = self._returned[function] = self._returns(function)
        return found

    def _returns(self, function: FunctionEntity) -> Entity:
        facts = function.facts
        names = [_last(chain) for chain in facts.decorators]
        if any(name not in _PLAIN_DECORATORS for name in names):
            return UNKNOWN
        found: Entity = UNKNOWN
        if facts.returns:
            found = self._resolver.annotation(function.module, facts.returns, function.owner)
        elif facts.returned and not facts.is_generator:
            values = [
                self._resolver.value_in(function.module, chain, function.owner, facts)
                for chain in facts.returned
            ]
            found = unite(values)
        if isinstance(found, Missing):
            return UNKNOWN
        if _MANAGERS.intersection(names):
            return Container("contextmanager", function.side, (self.iterated(found),))
        if facts.is_async and not facts.is_generator:
            return Container("Awaitable", function.side, (found,))
        return found

    # Items

    def item(self, entity: Entity) -> Entity:
        """Take an item by a key or index that is not known."""
        match entity:
            case Container(symbol=symbol, arguments=arguments) if arguments:
                if symbol in _TUPLES:
                    return unite(list(arguments))
                return arguments[-1] if symbol in _MAPPINGS else arguments[0]
            case ClassEntity():
                return entity
            case FunctionEntity():
                return entity
            case Instance():
                method = self.attribute(entity, "__getitem__")
                return (
                    self._resolver.returns(method)
                    if isinstance(method, FunctionEntity)
                    else UNKNOWN
                )
        return UNKNOWN

    def iterated(self, entity: Entity) -> Entity:
        """Take what a loop over something gives."""
        match entity:
            case Container(symbol=symbol, arguments=arguments) if arguments:
                return unite(list(arguments)) if symbol in _TUPLES else arguments[0]
            case Instance():
                method = self.attribute(entity, "__iter__")
                if isinstance(method, FunctionEntity):
                    return self.iterated(self._resolver.returns(method))
        return UNKNOWN

    def unpacked(self, entity: Entity, position: int) -> Entity:
        """Take one of the values that something is unpacked into."""
        match entity:
            case Container(symbol=symbol, arguments=arguments) if arguments:
                if symbol not in _TUPLES:
                    return self.iterated(entity)
                return arguments[position] if position < len(arguments) else UNKNOWN
        return UNKNOWN

    def entered(self, entity: Entity) -> Entity:
        """Take what ``with`` binds."""
        match entity:
            case Container(arguments=arguments) if arguments:
                return arguments[0]
            case Instance():
                method = self.attribute(entity, "__enter__")
                if isinstance(method, FunctionEntity):
                    return self._resolver.returns(method)
        return UNKNOWN

    def awaited(self, entity: Entity) -> Entity:
        """Take what ``await`` gives."""
        match entity:
            case Container(symbol=symbol, arguments=arguments) if symbol in _AWAITED:
                position = _AWAITED[symbol]
                return arguments[position] if position < len(arguments) else UNKNOWN
        return UNKNOWN

    def take(self, entity: Entity, step: str, prefix: str) -> Entity:
        """Take the step as it is written in a chain; `prefix` is what stands before it."""
        if step == "()":
            return self.called(entity)
        if step == "[]":
            return self.item(entity)
        if step == "~":
            return self.awaited(entity)
        name = step[1:]
        found = self.attribute(entity, name)
        if isinstance(found, Missing) and prefix.endswith("[]") and name in _SLICE_NAMES:
            return UNKNOWN
        return found


def _from_container(container: Container, name: str) -> Entity:
    """Tell what a method of a container gives."""
    symbol, arguments = container.symbol, container.arguments
    if not arguments:
        return UNKNOWN
    if symbol in _MAPPINGS:
        value = arguments[-1]
        match name:
            case "get" | "pop" | "setdefault":
                return value
            case "values":
                return Container("Iterable", Side.HOST, (value,))
            case "keys":
                return Container("Iterable", Side.HOST, arguments[:1])
            case "items":
                return Container("Iterable", Side.HOST, (Container("tuple", Side.HOST, arguments),))
            case "copy":
                return container
        return UNKNOWN
    if name in {"pop", "popleft"} and symbol not in _TUPLES:
        return arguments[0]
    return container if name in {"copy", "union"} else UNKNOWN
