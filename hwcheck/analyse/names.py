"""Names of modules: who binds them, followed through imports, re-exports and lazy tables."""

from collections import defaultdict

from hwcheck.analyse.entities import (
    Absence,
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Missing,
    ModuleEntity,
    Side,
    Value,
)
from hwcheck.analyse.kinds import NOTHING, UNKNOWN, unite
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import (
    Binding,
    BindingKind,
    Class,
    Condition,
    ConditionKind,
    Function,
    Module,
)

__all__ = ["HOST_TOP", "Names", "imported_name", "mentions"]

HOST_TOP = "vllm"

#: What every module has.
_MODULE_NAMES = frozenset(
    {
        "__annotations__",
        "__builtins__",
        "__cached__",
        "__dict__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__path__",
        "__spec__",
    }
)

#: Names that a module's ``__getattr__`` makes, with the class of what they are.
_MADE = {("vllm.platforms", "current_platform"): ("vllm.platforms.interface", "Platform")}


class _Index:
    """The names of one module, by name."""

    __slots__ = ("bindings", "classes", "entities", "functions", "is_handler", "keys", "stars")

    def __init__(self, facts: Module) -> None:
        self.bindings: dict[str, list[Binding]] = defaultdict(list)
        self.functions: dict[str, list[Function]] = defaultdict(list)
        self.classes: dict[str, list[Class]] = defaultdict(list)
        self.stars: list[Binding] = []
        self.keys = frozenset(facts.keys)
        self.entities: dict[int, ClassEntity | FunctionEntity] = {}
        self.is_handler = [mentions(item, ConditionKind.HANDLER) for item in facts.conditions]
        for binding in facts.bindings:
            if binding.kind == BindingKind.STAR:
                self.stars.append(binding)
            else:
                self.bindings[binding.name].append(binding)
        for function in facts.functions:
            self.functions[function.name].append(function)
        for cls in facts.classes:
            self.classes[cls.name].append(cls)


def mentions(condition: Condition, kind: ConditionKind) -> bool:
    """Tell whether a condition rests on one of a kind."""
    return condition.kind == kind or any(mentions(part, kind) for part in condition.parts)


def imported_name(name: str, target: str) -> str:
    """Tell which module ``import a.b.c`` binds: the first part, unless it is given a name."""
    top = target.partition(".")[0]
    return top if name == top else target


class Names:
    """Looks up modules and their names."""

    def __init__(self, resolver: Resolver) -> None:
        """Look up for `resolver`, which holds the two sides."""
        self._resolver = resolver
        self._files = resolver.plugin.files
        self._tops = resolver.plugin.tops
        self._host = resolver.host
        self._modules: dict[str, ModuleEntity | Missing | External] = {}
        self._indexes: dict[str, _Index] = {}
        self._found: dict[tuple[str, str, bool], Entity] = {}
        self._plugin_names = _with_packages((*self._files, *resolver.plugin.compiled))

    # Modules

    def module(self, name: str) -> ModuleEntity | Missing | External:
        """Find a module: the plugin's own first, then the host's; all others are external."""
        found = self._modules.get(name)
        if found is None:
            found = self._modules[name] = self._module(name)
        return found

    def _module(self, name: str) -> ModuleEntity | Missing | External:
        top = name.partition(".")[0]
        if top in self._tops and top != HOST_TOP:
            if name in self._plugin_names:
                code = self._files.get(name)
                return ModuleEntity(name, Side.PLUGIN, code.module if code else None)
            return Missing(Absence.MODULE, name, self._parent(name), Side.PLUGIN)
        if top != HOST_TOP:
            return External(name)
        if self._host.has_module(name):
            return ModuleEntity(name, Side.HOST, self._host.module(name))
        return Missing(Absence.MODULE, name, self._parent(name), Side.HOST)

    def _parent(self, name: str) -> ModuleEntity | None:
        while "." in name:
            name = name.rpartition(".")[0]
            found = self.module(name)
            if isinstance(found, ModuleEntity):
                return found
        return None

    def side(self, module: Module) -> Side:
        """Tell whose module it is."""
        return Side.PLUGIN if module.name in self._files else Side.HOST

    # Names

    def find(self, module_name: str, name: str, *, typing: bool = False) -> Entity:
        """Find a name of a module; with `typing`, as type checkers see it."""
        key = (module_name, name, typing)
        found = self._found.get(key)
        if found is None:
            self._found[key] = UNKNOWN  # until it is known: names can go in circles
            found = self._found[key] = self._find(module_name, name, typing=typing)
        return found

    def _find(self, module_name: str, name: str, *, typing: bool) -> Entity:
        module = self.module(module_name)
        if isinstance(module, External):
            return External(f"{module_name}.{name}")
        if isinstance(module, Missing):
            return module
        facts = module.facts
        if facts is None:
            inner = self.module(f"{module_name}.{name}")
            return inner if isinstance(inner, ModuleEntity) else UNKNOWN
        if made := _MADE.get((module_name, name)):
            cls = self.find(*made)
            return self._resolver.called(cls) if isinstance(cls, ClassEntity) else UNKNOWN
        return self._in_facts(module, facts, name, typing=typing)

    def _in_facts(self, module: ModuleEntity, facts: Module, name: str, *, typing: bool) -> Entity:
        index = self.index(facts)
        bound = index.bindings.get(name)
        if bound:
            found = self._bound(facts, index, bound, typing=typing)
            if found is not None:
                return found
        inner = self.module(f"{facts.name}.{name}")
        if isinstance(inner, ModuleEntity):
            return inner
        if name in index.keys or name in _MODULE_NAMES:
            return Value(f"{facts.name}.{name}", module.side)
        starred = self._starred(facts, index, name, typing=typing)
        if starred is not None:
            return starred
        if facts.is_dynamic and not (name.startswith("__") and name.endswith("__")):
            return UNKNOWN
        absence = Absence.NAME
        if bound and not typing and self._bound(facts, index, bound, typing=True) is not None:
            absence = Absence.TYPING_ONLY
        return Missing(absence, f"{facts.name}.{name}", module, module.side)

    def _starred(self, facts: Module, index: _Index, name: str, *, typing: bool) -> Entity | None:
        """Look into the modules of star imports: ``None`` when none of them has the name."""
        is_open = False
        for star in reversed(index.stars):
            if self._state(facts, star.guard, typing=typing) is False:
                continue
            target = self.module(star.target)
            if not isinstance(target, ModuleEntity):
                is_open = True
                continue
            exports = target.facts.exports if target.facts else None
            if exports is None and name.startswith("_"):
                continue
            if exports is not None and name not in exports:
                continue
            found = self.find(star.target, name, typing=typing)
            if not isinstance(found, Missing):
                if found != UNKNOWN:
                    return found
                is_open = True
        return UNKNOWN if is_open else None

    def star_names(self, module_name: str) -> frozenset[str] | None:
        """Tell what ``from module import *`` binds; ``None`` when that is not certain."""
        module = self.module(module_name)
        if not isinstance(module, ModuleEntity) or module.facts is None:
            return None
        if module.facts.exports is not None:
            return frozenset(module.facts.exports)
        if self.index(module.facts).stars:
            return None
        return frozenset(
            item.name for item in module.facts.bindings if not item.name.startswith("_")
        )

    # Bindings

    def _bound(
        self, facts: Module, index: _Index, bound: list[Binding], *, typing: bool
    ) -> Entity | None:
        """Choose among the bindings of a name; ``None`` when none of them is live."""
        chosen: list[Entity] = []
        handled: list[Entity] = []
        is_live = False
        for position in range(len(bound) - 1, -1, -1):
            binding = bound[position]
            state = self._state(facts, binding.guard, typing=typing)
            if state is False or (binding.kind == BindingKind.DECLARED and not typing):
                continue
            is_live = True
            occurrence = sum(item.kind == binding.kind for item in bound[:position])
            entity = self._entity(facts, index, binding, occurrence, typing=typing)
            if index.is_handler[binding.guard]:
                handled.append(entity)
                continue
            if handled and isinstance(entity, Missing):
                continue  # caught: what the handler binds counts
            chosen.append(entity)
            if state is True:
                break
        if not is_live:
            return None
        return self._united(chosen or handled)

    def _united(self, entities: list[Entity]) -> Entity:
        """Agree on one; what an import does not find is that import's own matter."""
        return unite([UNKNOWN if isinstance(item, Missing) else item for item in entities])

    def _state(self, facts: Module, guard: int, *, typing: bool) -> bool | None:
        if guard == 0:
            return True
        return self._resolver.holds_in(facts, guard, typing=typing)

    def _entity(
        self, facts: Module, index: _Index, binding: Binding, occurrence: int, *, typing: bool
    ) -> Entity:
        match binding.kind:
            case BindingKind.IMPORT:
                return self.module(imported_name(binding.name, binding.target))
            case BindingKind.FROM | BindingKind.LAZY:
                return self._imported(facts, binding, typing=typing)
            case BindingKind.CLASS:
                return self._definition(index.classes, facts, index, binding.name, occurrence)
            case BindingKind.FUNCTION:
                return self._definition(index.functions, facts, index, binding.name, occurrence)
            case BindingKind.VALUE:
                return self._value(facts, binding)
            case _:
                return Value(f"{facts.name}.{binding.name}", self.side(facts))

    def _imported(self, facts: Module, binding: Binding, *, typing: bool) -> Entity:
        if not binding.member:
            return self.module(binding.target)
        if binding.target == facts.name and binding.member == binding.name:
            inner = self.module(f"{binding.target}.{binding.member}")
            return inner if isinstance(inner, ModuleEntity) else UNKNOWN
        return self.find(binding.target, binding.member, typing=typing)

    def _definition(
        self,
        table: dict[str, list[Class]] | dict[str, list[Function]],
        facts: Module,
        index: _Index,
        name: str,
        occurrence: int,
    ) -> Entity:
        found = table.get(name)
        if not found:
            return Value(f"{facts.name}.{name}", self.side(facts))
        record = found[min(occurrence, len(found) - 1)]
        if isinstance(record, Class):
            return self.class_entity(facts, record)
        return self.function_entity(facts, record)

    def class_entity(self, facts: Module, cls: Class) -> ClassEntity:
        """Give the one entity of a class."""
        entities = self.index(facts).entities
        found = entities.get(id(cls))
        if not isinstance(found, ClassEntity):
            found = ClassEntity(facts, cls, self.side(facts))
            entities[id(cls)] = found
        return found

    def function_entity(self, facts: Module, function: Function) -> FunctionEntity:
        """Give the one entity of a module's function."""
        entities = self.index(facts).entities
        found = entities.get(id(function))
        if not isinstance(found, FunctionEntity):
            found = FunctionEntity(facts, function, self.side(facts))
            entities[id(function)] = found
        return found

    def _value(self, facts: Module, binding: Binding) -> Entity:
        found: Entity = UNKNOWN
        if binding.target:
            found = self._resolver.value_in(facts, binding.target)
        if binding.annotation and found in {UNKNOWN, NOTHING}:
            found = self._resolver.annotation(facts, binding.annotation)
        if found == UNKNOWN or isinstance(found, Missing):
            return Value(f"{facts.name}.{binding.name}", self.side(facts))
        return found

    def index(self, facts: Module) -> _Index:
        """Give the names of a module, by name."""
        found = self._indexes.get(facts.name)
        if found is None:
            found = self._indexes[facts.name] = _Index(facts)
        return found

    # Paths

    def resolve_path(self, dotted: str) -> Entity:
        """Find what ``a.b.C.m`` or ``a.b:C.m`` names."""
        module_name, colon, rest = dotted.partition(":")
        parts = rest.split(".") if colon else []
        if not colon:
            found = self.module(dotted)
            if isinstance(found, ModuleEntity | External):
                return found
            names = dotted.split(".")
            for cut in range(len(names) - 1, 0, -1):
                module_name, parts = ".".join(names[:cut]), names[cut:]
                if isinstance(self.module(module_name), ModuleEntity):
                    break
            else:
                return found
        if not isinstance(module := self.module(module_name), ModuleEntity):
            return module
        entity: Entity = module
        for part in parts:
            if isinstance(entity, Missing):
                break
            entity = self._resolver.attribute(entity, part)
        return entity


def _with_packages(names: tuple[str, ...]) -> frozenset[str]:
    found = set(names)
    for name in names:
        while "." in name:
            name = name.rpartition(".")[0]  # noqa: PLW2901 - the packages around it
            found.add(name)
    return frozenset(found)
