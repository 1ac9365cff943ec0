"""Classes: their order of inheritance, and who gives a member."""

from hwcheck.analyse.entities import (
    Absence,
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Instance,
    Member,
    Missing,
    Mro,
    Side,
    Unknown,
    Value,
)
from hwcheck.analyse.kinds import NOTHING, UNKNOWN, unite
from hwcheck.analyse.outside import is_enum, is_plain_decorator, names_of
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import Attribute, Class, Function

__all__ = ["Classes"]

#: Metaclasses that add no attributes.
_PLAIN_METACLASSES = frozenset({"abc.ABCMeta", "enum.EnumMeta", "enum.EnumType", "builtins.type"})

#: What fits such a class may have more than it says.
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})

_ANSWERS_ALL = ("__getattr__", "__getattribute__")

_OBJECT = frozenset(dir(type)) | frozenset(dir(object)) | {"__dataclass_fields__", "__slots__"}


class _Own:
    """What one class's own body says, by name."""

    __slots__ = ("attributes", "functions", "nested")

    def __init__(self, cls: Class) -> None:
        self.functions: dict[str, list[Function]] = {}
        self.attributes: dict[str, list[Attribute]] = {}
        for function in cls.functions:
            self.functions.setdefault(function.name, []).append(function)
        for attribute in cls.attributes:
            self.attributes.setdefault(attribute.name, []).append(attribute)


class _Line:
    """One inheritance: the order, and what comes from outside."""

    __slots__ = ("is_enum", "mro", "names")

    def __init__(self, mro: Mro, names: frozenset[str], *, is_enum: bool) -> None:
        self.mro = mro
        self.names = names
        self.is_enum = is_enum


class Classes:
    """Finds members by inheritance through both sides."""

    def __init__(self, resolver: Resolver) -> None:
        """Look names up through `resolver`."""
        self._resolver = resolver
        self._lines: dict[ClassEntity, _Line] = {}
        self._owns: dict[ClassEntity, _Own] = {}
        self._own_found: dict[tuple[ClassEntity, str, bool], Member | None] = {}
        self._found: dict[tuple[ClassEntity, str, bool], Member | Missing | Unknown] = {}
        self._methods: dict[int, FunctionEntity] = {}
        self._bound: dict[FunctionEntity, FunctionEntity] = {}
        self._subclasses: dict[ClassEntity, tuple[ClassEntity, ...]] | None = None

    # Inheritance

    def mro(self, cls: ClassEntity) -> Mro:
        """Tell the classes of an inheritance, nearest first."""
        return self._line(cls).mro

    def inherited_names(self, cls: ClassEntity) -> frozenset[str]:
        """Name what comes from bases of the standard library."""
        return self._line(cls).names

    def _line(self, cls: ClassEntity) -> _Line:
        found = self._lines.get(cls)
        if found is None:
            self._lines[cls] = _Line(Mro((cls,), True), frozenset(), is_enum=False)
            found = self._lines[cls] = self._make_line(cls)
        return found

    def _make_line(self, cls: ClassEntity) -> _Line:
        is_open = self._is_open_itself(cls)
        names: frozenset[str] = frozenset()
        makes_members = False
        orders: list[list[ClassEntity]] = []
        direct: list[ClassEntity] = []
        for chain in cls.facts.bases:
            base = self._base(cls, chain)
            if isinstance(base, ClassEntity):
                line = self._line(base)
                orders.append(list(line.mro.classes))
                direct.append(base)
                is_open = is_open or line.mro.is_open
                names |= line.names
                makes_members = makes_members or line.is_enum
                continue
            given = names_of(base.symbol) if isinstance(base, External) else None
            if given is None or not isinstance(base, External):
                is_open = True
                continue
            names |= given
            is_open = is_open or base.symbol in _PROTOCOLS
            makes_members = makes_members or is_enum(base.symbol)
        merged = _merge([*orders, direct])
        if merged is None:
            merged, is_open = list(dict.fromkeys(item for order in orders for item in order)), True
        return _Line(Mro((cls, *merged), is_open), names, is_enum=makes_members)

    def _base(self, cls: ClassEntity, chain: str) -> Entity:
        return self._resolver.value_in(cls.module, chain, self._around(cls)) if chain else UNKNOWN

    def _around(self, cls: ClassEntity) -> ClassEntity | None:
        outer = cls.facts.name.rpartition(".")[0]
        for other in cls.module.classes if outer else ():
            if other.name == outer:
                return self._resolver.class_entity(cls.module, other)
        return None

    def _is_open_itself(self, cls: ClassEntity) -> bool:
        facts = cls.facts
        if any(function.name in _ANSWERS_ALL for function in facts.functions):
            return True
        if any(attribute.name == "*" for attribute in facts.attributes):
            return True
        if not all(is_plain_decorator(chain) for chain in facts.decorators):
            return True
        if not facts.metaclass:
            return False
        meta = self._base(cls, facts.metaclass)
        return not (isinstance(meta, External) and meta.symbol in _PLAIN_METACLASSES)

    def subclasses(self, cls: ClassEntity) -> tuple[ClassEntity, ...]:
        """Tell the plugin's classes that inherit from a class, directly or not."""
        if self._subclasses is None:
            made: dict[ClassEntity, list[ClassEntity]] = {}
            for code in self._resolver.plugin.files.values():
                for facts in code.module.classes:
                    lower = self._resolver.class_entity(code.module, facts)
                    for upper in self.mro(lower).classes[1:]:
                        made.setdefault(upper, []).append(lower)
            self._subclasses = {upper: tuple(lower) for upper, lower in made.items()}
        return self._subclasses.get(cls, ())

    # Members

    def own_member(self, cls: ClassEntity, name: str, *, instance: bool = True) -> Member | None:
        """Find a member in a class's own body; with `instance`, also set by its methods."""
        key = (cls, name, instance)
        if key not in self._own_found:
            self._own_found[key] = Member(Value(f"{cls.symbol}.{name}", cls.side), cls)
            self._own_found[key] = self._own_member(cls, name, instance=instance)
        return self._own_found[key]

    def _own_member(self, cls: ClassEntity, name: str, *, instance: bool) -> Member | None:
        own = self._own(cls)
        function = self._live_function(cls, own.functions.get(name, []))
        if isinstance(function, FunctionEntity):
            return Member(function, cls)
        if function is not None:
            return Member(Value(f"{cls.symbol}.{name}", cls.side), cls)
        attributes = [
            item
            for item in own.attributes.get(name, ())
            if (instance or not item.method) and self._is_live(cls, item.guard)
        ]
        if attributes and any(map(_is_there, attributes)):
            return Member(self._attribute(cls, name, attributes), cls)
        nested = f"{cls.facts.name}.{name}"
        for facts in cls.module.classes:
            if facts.name == nested and self._is_live(cls, facts.guard):
                return Member(self._resolver.class_entity(cls.module, facts), cls)
        if attributes:
            # Declared without a value: a statement behind the class sets it, or a subclass does.
            return Member(self._attribute(cls, name, attributes), cls)
        return None

    def _own(self, cls: ClassEntity) -> _Own:
        found = self._owns.get(cls)
        if found is None:
            found = self._owns[cls] = _Own(cls.facts)
        return found

    def _is_live(self, cls: ClassEntity, guard: int) -> bool:
        return guard == 0 or self._resolver.holds_in(cls.module, guard) is not False

    def _live_function(
        self, cls: ClassEntity, functions: list[Function]
    ) -> FunctionEntity | Unknown | None:
        """Choose among the definitions of a method; Unknown when several may be the one."""
        live: list[Function] = []
        for function in reversed(functions):
            state = self._resolver.holds_in(cls.module, function.guard) if function.guard else True
            if state is False:
                continue
            live.append(function)
            if state is True:
                break
        if not live:
            return None
        if len(live) > 1:
            return UNKNOWN
        return self.method_entity(cls, live[0])

    def method_entity(self, cls: ClassEntity, function: Function) -> FunctionEntity:
        """Give the one entity of a method that a class defines."""
        found = self._methods.get(id(function))
        if found is None:
            found = FunctionEntity(cls.module, function, cls.side, cls)
            self._methods[id(function)] = found
        return found

    def _attribute(self, cls: ClassEntity, name: str, attributes: list[Attribute]) -> Entity:
        unknown = Value(f"{cls.symbol}.{name}", cls.side)
        if self._line(cls).is_enum and not attributes[0].method and attributes[0].has_default:
            return Instance(cls)
        for attribute in attributes:
            if attribute.annotation:
                found = self._resolver.annotation(cls.module, attribute.annotation, cls)
                return unknown if isinstance(found, Unknown | Missing) else found
        values = [self._value(cls, attribute) for attribute in attributes]
        found = unite(values)
        if found == NOTHING or isinstance(found, Unknown | Missing):
            return unknown
        return found

    def _value(self, cls: ClassEntity, attribute: Attribute) -> Entity:
        if not attribute.value:
            return UNKNOWN
        functions = self._own(cls).functions.get(attribute.method, ())
        function = functions[-1] if functions else None
        return self._resolver.value_in(cls.module, attribute.value, cls, function)

    def member(self, cls: ClassEntity, name: str, *, instance: bool) -> Member | Missing | Unknown:
        """Find a member of a class; with `instance`, also what methods set on the receiver."""
        key = (cls, name, instance)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._member(cls, self.mro(cls).classes, name, instance)
        return found

    def bases_member(
        self, cls: ClassEntity, name: str, *, instance: bool = False
    ) -> Member | Missing | Unknown:
        """Find a member as ``super()`` does: past the class itself."""
        return self._member(cls, self.mro(cls).classes[1:], name, instance)

    def _member(
        self, cls: ClassEntity, classes: tuple[ClassEntity, ...], name: str, instance: bool
    ) -> Member | Missing | Unknown:
        declared: Member | None = None
        for owner in classes:
            found = self.own_member(owner, name, instance=instance)
            if found is None:
                continue
            if type(found.entity) is not Value:
                return found
            declared = declared or found
            break
        if declared is not None:
            return declared
        line = self._line(cls)
        if name in line.names:
            return Member(Value(f"{cls.symbol}.{name}", cls.side), cls)
        is_dunder = name.startswith("__") and name.endswith("__")
        if line.mro.is_open or name in _OBJECT or is_dunder:
            return UNKNOWN
        # It is missing on the host's side as soon as the host takes part.
        side = Side.HOST if any(item.side == Side.HOST for item in classes) else cls.side
        return Missing(Absence.MEMBER, f"{cls.symbol}.{name}", cls, side)

    def bound(self, function: FunctionEntity) -> FunctionEntity:
        """Give the same function with its receiver."""
        found = self._bound.get(function)
        if found is None:
            found = FunctionEntity(
                function.module, function.facts, function.side, function.owner, is_bound=True
            )
            self._bound[function] = found
        return found


def _is_there(attribute: Attribute) -> bool:
    """Whether the attribute has a value, or will have: fields and what methods set do."""
    return bool(attribute.method) or attribute.has_default or bool(attribute.value)


def _merge(orders: list[list[ClassEntity]]) -> list[ClassEntity] | None:
    """Merge as Python does (C3); ``None`` when there is no order."""
    merged: list[ClassEntity] = []
    left = [order for order in orders if order]
    while left:
        for order in left:
            head = order[0]
            if not any(head in other[1:] for other in left):
                break
        else:
            return None
        merged.append(head)
        left = [rest for order in left if (rest := order[1:] if order[0] is head else order)]
    return merged
