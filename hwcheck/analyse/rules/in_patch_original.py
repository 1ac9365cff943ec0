"""Originals that changed under a plugin's replacement."""

from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    ModuleEntity,
    Side,
    Unknown,
)
from hwcheck.analyse.overrides import host_classes, host_member
from hwcheck.analyse.patches import Patch, patches
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.rules.wording import version
from hwcheck.analyse.world import World
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES", "original_of"]


def original_of(world: World, patch: Patch) -> FunctionEntity | ClassEntity | None:
    """Find the function or class of the host that a patch stands in for."""
    entity: Entity = Unknown()
    if isinstance(patch.container, ModuleEntity):
        entity = world.lookup(patch.container.name, patch.name)
    elif isinstance(patch.container, ClassEntity):
        member = host_member(world, host_classes(world, patch.container), patch.name)
        entity = member.entity if member else entity
    if isinstance(entity, FunctionEntity | ClassEntity) and entity.side is Side.HOST:
        return entity
    return None


def _changed_originals(comparison: Comparison) -> Iterator[Finding]:
    yield from merged(_each(comparison))


def _each(comparison: Comparison) -> Iterator[Finding]:
    old = comparison.old
    if old is None:
        return
    before = {patch.key: patch for patch in patches(old)}
    for patch in patches(comparison.new):
        then = before.get(patch.key)
        now_original = original_of(comparison.new, patch)
        old_original = original_of(old, then) if then else None
        if not isinstance(now_original, FunctionEntity):
            continue
        if not isinstance(old_original, FunctionEntity) or not patch_is_code(patch):
            continue
        if now_original.facts.digest != old_original.facts.digest:
            yield from _finding(comparison, patch, now_original, old)


def patch_is_code(patch: Patch) -> bool:
    """Tell whether a function of the plugin takes the place."""
    own = patch.replacement
    return isinstance(own, FunctionEntity) and own.side is Side.PLUGIN


def _finding(
    comparison: Comparison, patch: Patch, original: FunctionEntity, old: World
) -> Iterator[Finding]:
    mismatch = Mismatch(
        rule="HW404",
        symbol=original.symbol,
        plugin_side=f"puts a function of its own in place of {original.symbol}",
        host_side=f"its body in {version(comparison.new)} is another than in {version(old)}",
        where=comparison.new.host_line(original),
        severity=Severity.NOTE,
    )
    yield from found(comparison, Spot(patch.code, patch.line, patch.scope, patch.guard), mismatch)


RULES = (
    Rule(
        id="HW404",
        title="The original of a patch changed since the declared host",
        severity=Severity.NOTE,
        explanation=(
            "The plugin replaces a function of vLLM, and vLLM has changed that function since "
            "the host that the plugin was made for. The replacement still fits, but does not do "
            "what is new; whether it should is for a person to see."
        ),
        remedy="Compare the two originals, and take over what the replacement needs.",
        bad="# vLLM 0.33 rewrote sample(); the plugin still has its copy of the old one\n"
        "vllm.sampler.sample = sample\n",
        good="# compared with vLLM 0.33\nvllm.sampler.sample = sample\n",
        find=_changed_originals,
        needs_old=True,
    ),
)
