"""Patches onto what vLLM no longer has."""

from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Missing,
    ModuleEntity,
    Side,
)
from hwcheck.analyse.patches import Patch, Way, patches
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.inheritance import same_class
from hwcheck.analyse.rules.moved import fix_for_member, fix_for_name
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.rules.wording import describe
from hwcheck.analyse.world import World
from hwcheck.model.facts import BindingKind
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]


def _lost_targets(comparison: Comparison) -> Iterator[Finding]:
    yield from merged(_each(comparison))


def _each(comparison: Comparison) -> Iterator[Finding]:
    before = _before(comparison)
    for patch in patches(comparison.new):
        if patch.way is not Way.STORED or isinstance(patch.container, Missing):
            continue
        if _has(comparison.new, patch.container, patch.name):
            continue
        then = before.get(patch.key)
        if comparison.old is not None:
            was = then.container if then else _counterpart(comparison.old, patch.container)
            if was is None or not _has(comparison.old, was, patch.name):
                continue
        elif not _replaces(comparison, patch):
            continue
        yield from _finding(comparison, patch, then)


def _counterpart(old: World, container: Entity) -> Entity | None:
    """Find what is written to on the old host, where the code that does is dead there."""
    if isinstance(container, ModuleEntity):
        found = old.module(container.name)
        return found if isinstance(found, ModuleEntity) else None
    return same_class(old, container) if isinstance(container, ClassEntity) else None


def _before(comparison: Comparison) -> dict[tuple[str, int, str], Patch]:
    return {item.key: item for item in patches(comparison.old)} if comparison.old else {}


def _finding(comparison: Comparison, patch: Patch, then: Patch | None) -> Iterator[Finding]:
    verb = "deletes" if patch.is_deleted else "puts something of its own in place of"
    mismatch = Mismatch(
        rule="HW401",
        symbol=patch.symbol if then is None else then.symbol,
        plugin_side=f"{verb} {patch.target}, where vLLM no longer has anything",
        host_side=_now(comparison.new, patch),
        before=_then(comparison, then, patch.name),
        where=comparison.new.host_line(patch.container),
        fix=_fix(comparison, patch, then),
        severity=Severity.ERROR if then is not None else Severity.WARNING,
    )
    yield from found(comparison, Spot(patch.code, patch.line, patch.scope, patch.guard), mismatch)


def _now(world: World, patch: Patch) -> str:
    if isinstance(patch.container, FunctionEntity):
        return f"{describe(world, patch.container)} has no {patch.name!r} that vLLM would use"
    return f"{describe(world, patch.container)} has no {patch.name!r}"


def _then(comparison: Comparison, then: Patch | None, name: str) -> str | None:
    if then is None or comparison.old is None:
        return None
    if isinstance(then.container, ModuleEntity):
        return describe(comparison.old, comparison.old.lookup(then.container.name, name))
    return f"{describe(comparison.old, then.container)} had {name!r}"


def _fix(comparison: Comparison, patch: Patch, then: Patch | None) -> str | None:
    if isinstance(patch.container, ModuleEntity):
        fix = fix_for_name(comparison, patch.container.name, patch.name)
        return f"patch what this gives: {fix}" if fix else None
    before = then.container if then else None
    if isinstance(patch.container, ClassEntity) and isinstance(before, ClassEntity):
        renamed = fix_for_member(before, patch.container, patch.name)
        return f"patch {renamed!r} instead" if renamed else None
    return None


def _has(world: World, container: Entity, name: str) -> bool:
    """Tell whether the host itself has the name there; what the plugin stores does not count."""
    match container:
        case ModuleEntity():
            facts = container.facts
            if facts is None or facts.is_dynamic:
                return True
            bound = (item for item in facts.bindings if item.kind is not BindingKind.DECLARED)
            return any(item.name == name for item in bound) or not isinstance(
                world.lookup(container.name, name), Missing
            )
        case ClassEntity():
            return _class_has(world, container, name)
        case FunctionEntity():
            return not name.startswith("__")
        case _:
            return True


def _class_has(world: World, cls: ClassEntity, name: str) -> bool:
    # Python itself looks special methods up, wherever they come from.
    return name.startswith("__") or any(_declares(item, name) for item in world.mro(cls).classes)


def _declares(cls: ClassEntity, name: str) -> bool:
    facts = cls.facts
    return any(item.name == name for item in facts.functions) or any(
        item.name == name for item in facts.attributes
    )


def _replaces(comparison: Comparison, patch: Patch) -> bool:
    """Without an old host: only a function or class of the same name that nothing else reads."""
    if not isinstance(patch.container, ModuleEntity):
        return False  # to give a class of vLLM one more method is common
    own = patch.replacement
    if not isinstance(own, FunctionEntity | ClassEntity) or own.side is not Side.PLUGIN:
        return False
    if own.facts.name != patch.name:
        return False
    suffix = f".{patch.name}"
    return not any(
        suffix in access.chain
        for code in comparison.plugin.files.values()
        for access in code.uses.accesses
    )


RULES = (
    Rule(
        id="HW401",
        title="A patch onto something that vLLM no longer has",
        severity=Severity.ERROR,
        explanation=(
            "The plugin assigns to a name of a vLLM module or class that vLLM itself had and "
            "now has not. Python makes a new name without a word, vLLM never looks at it, and "
            "what the plugin wanted to change stays as it is. Names that vLLM never had are the "
            "plugin's own marks and are not reported."
        ),
        remedy="Patch the name that vLLM uses now; a patch that is no longer needed can go.",
        bad="import vllm.a as a\na.old_name = own_function\n",
        good="import vllm.b as b\nb.new_name = own_function\n",
        find=_lost_targets,
    ),
)
