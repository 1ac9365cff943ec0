"""Attributes of vLLM's modules, classes and objects that are gone: HW103, HW104, HW105."""

from collections.abc import Iterable, Iterator
from itertools import chain

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import (
    Absence,
    ClassEntity,
    Member,
    Missing,
    ModuleEntity,
    Side,
    Step,
    Unknown,
)
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.by_name import gone_methods
from hwcheck.analyse.rules.chains import (
    UsedChain,
    base_chains,
    class_behind,
    lost_steps,
    member_of,
    step_before,
)
from hwcheck.analyse.rules.inheritance import (
    is_as_open,
    is_from_host,
    same_class,
)
from hwcheck.analyse.rules.moved import fix_for_member, fix_for_name
from hwcheck.analyse.rules.place import Mismatch, found, merged
from hwcheck.analyse.rules.wording import describe, last_name
from hwcheck.analyse.world import World
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES", "lost_member"]


def find_module_attributes(comparison: Comparison) -> Iterable[Finding]:
    """Find attributes that the host's modules do not have (HW103)."""
    return merged(
        finding
        for used, step in _lost_of_modules(comparison)
        for finding in _module_attribute(comparison, "HW103", used, step)
    )


def find_bases(comparison: Comparison) -> Iterable[Finding]:
    """Find base classes, named as attributes, that the host does not have (HW105)."""
    return merged(
        finding
        for used in base_chains(comparison)
        for step in comparison.new.walk(used.code, used.scope, used.chain, used.lines[0])[1:]
        for finding in _module_attribute(comparison, "HW105", used, step)
    )


def find_members(comparison: Comparison) -> Iterable[Finding]:
    """Find members that the host's classes, or their objects, do not have (HW104)."""
    return merged(chain(_members(comparison), _named_members(comparison)))


def _lost_of_modules(comparison: Comparison) -> Iterator[tuple[UsedChain, Step]]:
    stored = _stored_on_modules(comparison)
    for used, step in lost_steps(comparison):
        entity = step.entity
        if (
            isinstance(entity, Missing)
            and isinstance(step.container, ModuleEntity)
            and step.container.side is Side.HOST
            and "." in step.prefix
            and entity.absence in {Absence.NAME, Absence.MODULE, Absence.TYPING_ONLY}
            and entity.symbol not in stored
        ):
            yield used, step


def _stored_on_modules(comparison: Comparison) -> frozenset[str]:
    """Name what the plugin itself puts into the host's modules."""
    world = comparison.new
    return frozenset(
        f"{container.name}.{name}"
        for module, code in comparison.plugin.files.items()
        for place, store in enumerate(code.uses.stores)
        if (module, place) not in comparison.settled.stores
        for chain, _, name in [store.target.rpartition(".")]
        if chain and not store.is_deleted
        for container in [world.infer(code, store.scope, chain, store.line)]
        if isinstance(container, ModuleEntity)
    )


def _module_attribute(
    comparison: Comparison, rule: str, used: UsedChain, step: Step
) -> Iterator[Finding]:
    missing, container = step.entity, step.container
    if not isinstance(missing, Missing) or not isinstance(container, ModuleEntity):
        return
    name = last_name(missing.symbol)
    verb = "inherits from" if rule == "HW105" else "reads"
    mismatch = Mismatch(
        rule=rule,
        symbol=missing.symbol,
        plugin_side=f"{verb} {step.prefix}",
        host_side=f"module {container.name} has no {name}",
        before=_before(comparison, used, step),
        where=comparison.new.host_line(container),
        fix=fix_for_name(comparison, container.name, name),
    )
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


def _before(comparison: Comparison, used: UsedChain, step: Step) -> str | None:
    old = comparison.old
    before = step_before(old, used, step.prefix) if old else None
    if old is None or before is None or isinstance(before.entity, Missing | Unknown):
        return None
    return describe(old, before.entity)


def _members(comparison: Comparison) -> Iterator[Finding]:
    for used, step in lost_steps(comparison):
        yield from lost_member(comparison, used, step)


def lost_member(comparison: Comparison, used: UsedChain, step: Step) -> Iterator[Finding]:
    """Report a member at which a chain ends, where the host had it or should have it."""
    cls = class_behind(step.container)
    if cls is None or step.prefix.endswith(("()", "[]", "~")):
        return
    before = _member_before(comparison, used, step)
    if _is_gone(comparison, cls, step, before):
        mismatch = _member_mismatch(comparison, cls, step, before)
        for spot in used.spots():
            yield from found(comparison, spot, mismatch)


def _named_members(comparison: Comparison) -> Iterator[Finding]:
    """Report methods of untyped objects that by their name were the old host's."""
    old = comparison.old
    for gone in gone_methods(comparison):
        now = same_class(comparison.new, gone.owner)
        member = old.member(gone.owner, gone.name, instance=True) if old else None
        yield from found(
            comparison,
            gone.spot,
            Mismatch(
                rule="HW104",
                severity=Severity.WARNING,
                symbol=f"{gone.owner.symbol}.{gone.name}",
                plugin_side=f"calls {gone.chain}",
                host_side=f"no class has {gone.name}, and nothing calls it",
                before=describe(old, member.entity) if old and isinstance(member, Member) else None,
                where=comparison.new.host_line(now) if now else None,
                fix=fix_for_member(gone.owner, now, gone.name) if now else None,
            ),
        )


def _member_before(comparison: Comparison, used: UsedChain, step: Step) -> Member | None:
    """Find the member where the host of before gave it."""
    old = comparison.old
    before = step_before(old, used, step.prefix) if old else None
    if old is None or before is None:
        return None
    member = member_of(old, before.container, last_name(step.prefix))
    return member if member and member.owner.side is Side.HOST else None


def _is_gone(comparison: Comparison, cls: ClassEntity, step: Step, before: Member | None) -> bool:
    world, name = comparison.new, last_name(step.prefix)
    if isinstance(step.entity, Missing):
        return (
            step.entity.absence is Absence.MEMBER
            and is_from_host(world, cls)
            and not comparison.excused(step)
        )
    if before is None or comparison.old is None or not isinstance(step.entity, Unknown):
        return False
    return (
        member_of(world, step.container, name) is None
        and not world.is_stored(name)
        and not _is_below(world, cls, name)
        and is_as_open(comparison, cls)
    )


def _is_below(world: World, cls: ClassEntity, name: str) -> bool:
    """Whether a class of the plugin that inherits from the class has the member."""
    return any(
        isinstance(world.member(lower, name, instance=True), Member)
        for lower in world.subclasses(cls)
    )


def _is_sure(comparison: Comparison, cls: ClassEntity, step: Step, before: Member | None) -> bool:
    """Whether nothing else can have given the object the member.

    Other classes of the host may have it, and onto objects of foreign bases, as layers are, the
    host's functions set attributes from outside.
    """
    if before is None:
        return comparison.old is None and cls.side is Side.HOST
    name = last_name(step.prefix)
    if isinstance(step.entity, Missing):
        # What the plugin sets on such objects itself may be there in time.
        return not comparison.new.is_stored(name, cls)
    is_set = any(item.name == name and item.method for item in before.owner.facts.attributes)
    return not is_set and not comparison.new.others_have(cls, name)


def _member_mismatch(
    comparison: Comparison, cls: ClassEntity, step: Step, before: Member | None
) -> Mismatch:
    name, old = last_name(step.prefix), comparison.old
    owner = before.owner if before else cls
    now = same_class(comparison.new, owner) if before else None
    is_sure = _is_sure(comparison, cls, step, before)
    others = "" if is_sure or before is None else "; something else may give it"
    return Mismatch(
        rule="HW104",
        severity=Severity.ERROR if is_sure else Severity.WARNING,
        symbol=f"{owner.symbol}.{name}",
        plugin_side=f"uses {step.prefix}",
        host_side=f"neither {cls.symbol} nor its bases have {name}{others}",
        before=describe(old, before.entity) if before and old else None,
        where=comparison.new.host_line(now or cls),
        fix=fix_for_member(owner, now, name) if now else None,
    )


RULES = (
    Rule(
        id="HW103",
        title="an attribute of a module of vLLM is gone",
        severity=Severity.ERROR,
        explanation=(
            "The plugin reads an attribute of a module of vLLM, such as a setting of vllm.envs, "
            "that the module neither defines nor provides lazily. Reading it raises "
            "AttributeError when the line runs, which may be long after the plugin was loaded."
        ),
        remedy="Use what replaced it, or guard the reading by hasattr or by version.",
        bad="import vllm.envs as envs\ntimeout = envs.VLLM_REMOVED_SETTING",
        good="import vllm.envs as envs\ntimeout = envs.VLLM_KEPT_SETTING",
        find=find_module_attributes,
    ),
    Rule(
        id="HW104",
        title="an attribute of a class or object of vLLM is gone",
        severity=Severity.ERROR,
        explanation=(
            "The plugin uses a member that the class does not have: an inherited attribute or "
            "method through self or super(), a member of an enum, or an attribute of an object "
            "whose class is known from an annotation, a constructor or the host's conventions. No "
            "base has it, no method sets it, and the plugin does not set it either. Of a class "
            "with bases outside vLLM it is said only when the host of before defined the member."
        ),
        remedy=(
            "Use the member's new name or place, or set the attribute in the plugin's own class."
        ),
        bad="class Worker(GPUWorker):\n    def run(self):\n        return self.removed_member",
        good="class Worker(GPUWorker):\n    def run(self):\n        return self.kept_member",
        find=find_members,
    ),
    Rule(
        id="HW105",
        title="a base class taken from a module of vLLM is gone",
        severity=Severity.ERROR,
        explanation=(
            "A class of the plugin inherits from an attribute of a module of vLLM that the module "
            "no longer has. The class statement raises AttributeError, so that the whole module "
            "cannot be imported."
        ),
        remedy="Inherit from the class that replaced it.",
        bad="from vllm.v1 import worker\n\nclass Mine(worker.OldBase): ...",
        good="from vllm.v1 import worker\n\nclass Mine(worker.NewBase): ...",
        find=find_bases,
    ),
)
