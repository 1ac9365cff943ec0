"""Where something went that a host no longer has: moved to another module, or renamed."""

from collections import Counter
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Entity, FunctionEntity
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.model.facts import BindingKind, Class, Function, Module

__all__ = ["fix_for_member", "fix_for_module", "fix_for_name", "homes_of", "nearest_name"]

_ALIKE = 0.75
_FEW_HOMES = 3
_SHARED_METHODS = 0.5
_SHARED_PARAMETERS = 0.5


def fix_for_name(comparison: Comparison, module: str, name: str) -> str | None:
    """Write the import that gives a name which a module no longer has."""
    homes = homes_of(comparison, module, name)
    if homes:
        return f"from {homes[0]} import {name}"
    renamed = _renamed_in_module(comparison, module, name)
    return f"from {module} import {renamed} as {name}" if renamed else None


def homes_of(comparison: Comparison, module: str, name: str) -> tuple[str, ...]:
    """Tell the host's modules that define a name now, the most probable first.

    Nothing is told of a name that too many define, or that is another kind of thing there.
    """
    host = comparison.new.host
    kind = _kind_before(comparison, module, name)
    homes = [
        home
        for home in host.defining([name])[name]
        if home != module and (kind is None or isinstance(comparison.new.lookup(home, name), kind))
    ]
    before = comparison.old.lookup(module, name) if comparison.old else None
    if isinstance(before, FunctionEntity):
        homes = [
            home for home in homes if _takes_as_much(before, comparison.new.lookup(home, name))
        ]
    homes.sort(key=lambda home: (-_alike(module, home), home))
    return tuple(homes) if len(homes) <= _FEW_HOMES else ()


def fix_for_module(comparison: Comparison, module: str, names: Iterable[str]) -> str | None:
    """Write the imports that replace one of a module that is gone."""
    fixes = [fix for name in names if (fix := fix_for_name(comparison, module, name))]
    if fixes:
        return "; ".join(dict.fromkeys(fixes))
    moved = _same_last_part(comparison.new.host, comparison.old, module)
    return f"import {moved}" if moved else None


def fix_for_member(before: ClassEntity, now: ClassEntity, name: str) -> str | None:
    """Tell the name that a member of a class has now, where that is plain."""
    old, new = _members(before.facts), _members(now.facts)
    added = {key: value for key, value in new.items() if key not in old}
    function = old.get(name)
    if function is not None:
        same = [key for key, value in added.items() if value and _same(function, value)]
        return same[0] if len(same) == 1 else nearest_name(name, added)
    gone = [key for key, value in old.items() if value is None and key not in new]
    values = [key for key, value in added.items() if value is None]
    if gone == [name] and len(values) == 1:
        return values[0]
    return nearest_name(name, values)


def _kind_before(comparison: Comparison, module: str, name: str) -> type | None:
    if comparison.old is None:
        return None
    before = comparison.old.lookup(module, name)
    return type(before) if isinstance(before, ClassEntity | FunctionEntity) else None


def _renamed_in_module(comparison: Comparison, module: str, name: str) -> str | None:
    now = comparison.new.host.module(module)
    before = comparison.old.host.module(module) if comparison.old else None
    if now is None:
        return None
    known = _names(before) if before else frozenset[str]()
    added = sorted(_names(now) - known - {name})
    if before is not None:
        for candidate in added:
            if _same_thing(before, now, name, candidate):
                return candidate
        added = [item for item in added if _may_replace(before, now, name, item)]
    return nearest_name(name, added)


def _may_replace(before: Module, now: Module, name: str, candidate: str) -> bool:
    """Whether a name is of the same kind as the one that is gone and can be called like it."""
    one, other = _function(before, name), _function(now, candidate)
    if one is None or other is None:
        return one is other
    return _is_like(one, other)


def _takes_as_much(before: FunctionEntity, entity: Entity) -> bool:
    return not isinstance(entity, FunctionEntity) or _is_like(before.facts, entity.facts)


def _is_like(one: Function, other: Function) -> bool:
    """Whether two functions share most parameters, so that one can be the other, moved."""
    left, right = ({item.name for item in function.parameters} for function in (one, other))
    return left == right or len(left & right) / len(left | right) >= _SHARED_PARAMETERS


def _same_thing(before: Module, now: Module, name: str, candidate: str) -> bool:
    functions = _function(before, name), _function(now, candidate)
    if functions[0] is not None and functions[1] is not None:
        return _same(functions[0], functions[1])
    classes = _class(before, name), _class(now, candidate)
    if classes[0] is not None and classes[1] is not None:
        return _share_methods(classes[0], classes[1])
    return False


def _same(one: Function, other: Function) -> bool:
    return bool(one.digest) and one.digest == other.digest and one.parameters == other.parameters


def _share_methods(one: Class, other: Class) -> bool:
    left = {function.name for function in one.functions if not function.name.startswith("__")}
    right = {function.name for function in other.functions if not function.name.startswith("__")}
    both = left & right
    return bool(both) and len(both) / len(left | right) >= _SHARED_METHODS


def _same_last_part(host: HostFacts, old: World | None, module: str) -> str | None:
    last = module.rpartition(".")[2]
    known = old.host.module_names() if old else frozenset[str]()
    candidates = [name for name in host.module_names() - known if name.rpartition(".")[2] == last]
    return candidates[0] if len(candidates) == 1 else None


def _names(module: Module) -> frozenset[str]:
    own = (BindingKind.CLASS, BindingKind.FUNCTION, BindingKind.VALUE, BindingKind.LAZY)
    return frozenset(binding.name for binding in module.bindings if binding.kind in own)


def _function(module: Module, name: str) -> Function | None:
    return next((item for item in module.functions if item.name == name), None)


def _class(module: Module, name: str) -> Class | None:
    return next((item for item in module.classes if item.name == name), None)


def _members(cls: Class) -> dict[str, Function | None]:
    members: dict[str, Function | None] = {item.name: None for item in cls.attributes}
    members.update((item.name, item) for item in cls.functions)
    return members


def nearest_name(name: str, candidates: Collection[str], *, alike: float = _ALIKE) -> str | None:
    """Tell the most similar name, if it is similar enough to be the same thing renamed."""
    best: tuple[float, str] | None = None
    letters = _letters(name)
    for other in sorted(candidates):
        least = max(alike, best[0]) if best else alike
        # What has too few letters in common, or at all, cannot be alike enough; that is cheaper.
        both = len(name) + len(other)
        if 2.0 * min(len(name), len(other)) < least * both:
            continue
        if 2.0 * (letters & _letters(other)).total() / both < least:
            continue
        found = _alike(name, other)
        if found >= least:
            best = (found, other)
    return best[1] if best else None


@lru_cache(maxsize=8192)
def _letters(name: str) -> Counter[str]:
    return Counter(name)


@lru_cache(maxsize=4096)
def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
