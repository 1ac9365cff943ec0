"""Methods that are known by their name alone, where no type tells whose they are."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Member, Side, Unknown
from hwcheck.analyse.rules.place import Spot
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import ParameterKind
from hwcheck.model.use import Call, Code

__all__ = ["GoneMethod", "gone_methods"]

#: Of a shorter name it cannot be told that it is the host's.
_DISTINCT = 12


class GoneMethod(NamedTuple):
    """A call of a method that only classes of the old host have."""

    spot: Spot
    chain: str
    owner: ClassEntity
    """The class that had it."""
    name: str


def gone_methods(comparison: Comparison) -> Iterator[GoneMethod]:
    """Find calls on untyped parameters of methods that the host called on itself, and has lost.

    That the host's own calls of the name have gone, and the classes around them have lost it, says
    as much as a type would.
    """
    old = comparison.old
    if old is None:
        return
    calls = list(_untyped_calls(comparison))
    names = {name for _, _, name in calls} - _own_names(comparison)
    now = comparison.new.host.calls_of(names)
    left = {name for name in names if not now[name]}
    before = old.host.calls_of(left)
    owners = {name: _owner(comparison.new, old, before[name]) for name in sorted(left)}
    for code, call, name in calls:
        owner = owners.get(name)
        if owner is not None:
            spot = Spot(code, call.line, call.scope, call.guard)
            yield GoneMethod(spot, call.callee, owner, name)


def _untyped_calls(comparison: Comparison) -> Iterator[tuple[Code, Call, str]]:
    """Collect the calls of distinct names on parameters of which nothing is known."""
    world = comparison.new
    for code, call, root, name in _calls_on_parameters(comparison.plugin):
        if isinstance(world.infer(code, call.scope, root, call.line), Unknown):
            yield code, call, name


@lru_cache(maxsize=1)
def _calls_on_parameters(plugin: PluginCode) -> tuple[tuple[Code, Call, str, str], ...]:
    """Collect the calls of distinct names on parameters, with both names."""
    return tuple(
        (code, call, root, name)
        for code in plugin.files.values()
        for call in code.uses.calls
        for root, _, name in [call.callee.partition(".")]
        if _is_distinct(name) and _is_parameter(code, call.scope, root)
    )


def _is_distinct(name: str) -> bool:
    is_special = name.startswith("__")
    return name.isidentifier() and not is_special and (name[0] == "_" or len(name) >= _DISTINCT)


def _is_parameter(code: Code, index: int, name: str) -> bool:
    while index:
        scope = code.uses.scopes[index]
        named = (ParameterKind.POSITIONAL, ParameterKind.EITHER, ParameterKind.KEYWORD)
        if any(item.name == name and item.kind in named for item in scope.parameters):
            return True
        index = scope.parent
    return False


def _own_names(comparison: Comparison) -> frozenset[str]:
    """Name the methods and functions that the plugin defines."""
    files = comparison.new.plugin.files.values()  # all of them, where few are looked at
    modules = [code.module for code in files]
    own = {item.name for module in modules for item in module.functions}
    own.update(item.name for module in modules for cls in module.classes for item in cls.functions)
    own.update(store.target.rpartition(".")[2] for code in files for store in code.uses.stores)
    return frozenset(own)


def _owner(new: World, old: World, calls: tuple[LocatedCall, ...]) -> ClassEntity | None:
    """Find the class that had a method which it called on itself, if every such class lost it."""
    found: ClassEntity | None = None
    for call in calls:
        name, scope = call.site.name, call.site.scope.rpartition(".")[0]
        cls = old.resolve_path(f"{call.module}.{scope}") if scope else None
        if call.site.receiver != "self" or not isinstance(cls, ClassEntity):
            return None
        member = old.member(cls, name, instance=True)
        if not isinstance(member, Member) or member.owner.side is not Side.HOST:
            return None
        now = new.resolve_path(cls.symbol)
        if isinstance(now, ClassEntity):
            if isinstance(new.member(now, name, instance=True), Member):
                return None
            found = member.owner
    return found
