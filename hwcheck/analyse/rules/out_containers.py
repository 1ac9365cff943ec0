"""Containers of vLLM's modules that became of another type: HW107, where methods are used."""

import builtins
from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ModuleEntity, Step
from hwcheck.analyse.rules.chains import UsedChain, step_before
from hwcheck.analyse.rules.place import Mismatch, found
from hwcheck.analyse.rules.wording import last_name
from hwcheck.analyse.world import World
from hwcheck.model.facts import BindingKind
from hwcheck.model.finding import Finding

__all__ = ["changed_containers"]

#: How facts write the values of literals.
_TYPES = {f"{name}()": name for name in ("dict", "list", "set", "tuple")}
_METHODS = frozenset(name for type_ in (dict, list, set, tuple) for name in dir(type_))


def changed_containers(
    comparison: Comparison, old: World, used: UsedChain, step: Step
) -> Iterator[Finding]:
    """Report methods of what was a list, say, and is a tuple, which does not have them."""
    holder, dot, name = step.prefix.rpartition(".")
    if not dot or name not in _METHODS or used.is_tested:
        return
    module, variable = _source(comparison.new, used, holder)
    was, now = _type(old, module, variable), _type(comparison.new, module, variable)
    if was is None or now is None or was == now:
        return
    if not hasattr(getattr(builtins, was), name) or hasattr(getattr(builtins, now), name):
        return
    mismatch = Mismatch(
        rule="HW107",
        symbol=f"{module}.{variable}",
        detail=name,
        plugin_side=f"uses {step.prefix}",
        host_side=f"{variable} is a {now}, which has no {name}",
        before=f"{variable} was a {was}",
    )
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


def _source(world: World, used: UsedChain, holder: str) -> tuple[str, str]:
    """Name the module and the variable that a chain stands for; nothing where it is no such."""
    here = step_before(world, used, holder)
    if here is not None and isinstance(here.container, ModuleEntity):
        return here.container.name, last_name(holder)
    for item in used.code.uses.imports:
        if item.name and holder == (item.alias or item.name) and item.scope in (0, used.scope):
            return item.module, item.name
    return "", ""


def _type(world: World, module: str, variable: str) -> str | None:
    """Tell the type of a literal that a module binds a name to, once and whatever happens."""
    facts = world.host.module(module) if module else None
    bound = [item for item in facts.bindings if item.name == variable] if facts else []
    if len(bound) != 1 or bound[0].kind is not BindingKind.VALUE or bound[0].guard:
        return None
    return _TYPES.get(bound[0].target)
