"""The chains of a plugin with the steps they take in the new and in the old world."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison, Settled
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    Instance,
    Member,
    Missing,
    Step,
    Unknown,
    Value,
)
from hwcheck.analyse.kinds import Ancestors
from hwcheck.analyse.rules.place import Spot
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.model.facts import Chain
from hwcheck.model.use import Call, Code

__all__ = [
    "UsedChain",
    "base_chains",
    "class_behind",
    "is_lost",
    "lost_steps",
    "member_of",
    "step_before",
    "used_calls",
    "used_chains",
]


_SEEN_INTO = (ClassEntity, Instance, FunctionEntity, Value)


class UsedChain(NamedTuple):
    """One chain in one scope, under one condition."""

    code: Code
    chain: Chain
    lines: tuple[int, ...]
    scope: int
    guard: int
    is_tested: bool
    """Every use asks whether it is there."""

    @property
    def key(self) -> tuple[object, ...]:
        """Names it among all chains of the plugin."""
        return (self.code.module.name, self.chain, self.scope, self.guard, self.is_tested)

    def spots(self) -> Iterator[Spot]:
        """Name the places."""
        for line in self.lines:
            yield Spot(self.code, line, self.scope, self.guard)


def used_chains(comparison: Comparison, code: Code) -> tuple[UsedChain, ...]:
    """Collect what a file reads, calls and takes apart, each chain once a scope and condition.

    What is settled is left out.
    """
    return _all_used_chains(comparison.plugin, comparison.settled)[code.module.name]


def used_calls(comparison: Comparison, code: Code) -> tuple[Call, ...]:
    """Give the calls that a file makes, without those that are settled."""
    return _all_calls(comparison.plugin, comparison.settled)[code.module.name]


@lru_cache(maxsize=1)
def _all_used_chains(plugin: PluginCode, settled: Settled) -> dict[str, tuple[UsedChain, ...]]:
    return {
        name: tuple(used for used in _used_chains(code) if used.key not in settled.chains)
        for name, code in plugin.files.items()
    }


@lru_cache(maxsize=1)
def _all_calls(plugin: PluginCode, settled: Settled) -> dict[str, tuple[Call, ...]]:
    return {
        name: tuple(
            call for place, call in enumerate(code.uses.calls) if (name, place) not in settled.calls
        )
        for name, code in plugin.files.items()
    }


def _used_chains(code: Code) -> Iterator[UsedChain]:
    groups: dict[tuple[Chain, int, int, bool], set[int]] = {}
    uses = code.uses
    for access in uses.accesses:
        key = (access.chain, access.scope, access.guard, access.is_tested)
        groups.setdefault(key, set()).update(access.lines)
    for call in uses.calls:
        key = (f"{call.callee}()", call.scope, call.guard, False)
        groups.setdefault(key, set()).add(call.line)
    for store in uses.stores:
        container = store.target.rpartition(".")[0]
        if container:
            groups.setdefault((container, store.scope, store.guard, False), set()).add(store.line)
    for (chain, scope, guard, is_tested), lines in groups.items():
        if chain:
            yield UsedChain(code, chain, tuple(sorted(lines)), scope, guard, is_tested)


def base_chains(comparison: Comparison) -> Iterator[UsedChain]:
    """Collect what the classes of the plugin inherit from, as it is written."""
    for code in comparison.plugin.files.values():
        parents = {scope.name: scope.parent for scope in code.uses.scopes if scope.kind == "class"}
        for cls in code.module.classes:
            if comparison.new.holds_in(code.module, cls.guard) is False:
                continue
            line = (code.module.line_of(cls.name),)
            for base in cls.bases:
                scope = parents.get(cls.name, 0)
                yield UsedChain(code, base, line, scope, 0, is_tested=False)


@lru_cache(maxsize=1)
def lost_steps(comparison: Comparison) -> tuple[tuple[UsedChain, Step], ...]:
    """Walk all chains that can run, and keep those that do not reach their end.

    Kept for the last comparison only: several rules look at the same walk.
    """
    return tuple(_lost_steps(comparison))


def _lost_steps(comparison: Comparison) -> Iterator[tuple[UsedChain, Step]]:
    world = comparison.new
    for code in comparison.plugin.files.values():
        for used in used_chains(comparison, code):
            steps = world.walk(code, used.scope, used.chain, used.lines[0])
            if not steps or not is_lost(steps[-1], used):
                continue
            if world.reach(code, guard=used.guard) is not None:
                yield used, steps[-1]


def is_lost(step: Step, used: UsedChain) -> bool:
    """Tell whether the last step of a chain is none that leads to its end."""
    is_end = step.prefix == used.chain
    if is_end and used.is_tested:
        return False
    if isinstance(step.entity, Missing):
        return True
    is_cut = not is_end or isinstance(step.entity, Unknown)
    return is_cut and isinstance(step.container, _SEEN_INTO)


def step_before(world: World, used: UsedChain, prefix: Chain) -> Step | None:
    """Find the step with the same prefix in another world."""
    steps = world.walk(used.code, used.scope, used.chain, used.lines[0])
    return next((step for step in steps if step.prefix == prefix), None)


def class_behind(entity: Entity) -> ClassEntity | None:
    """Tell the class that an entity is, is an object of, or inherits through ``super()``."""
    match entity:
        case ClassEntity():
            return entity
        case Instance() | Ancestors():
            return entity.of
        case _:
            return None


def member_of(world: World, container: Entity, name: str) -> Member | None:
    """Find a member of what a step starts from."""
    match container:
        case ClassEntity():
            member = world.member(container, name, instance=False)
        case Instance():
            member = world.member(container.of, name, instance=True)
        case Ancestors():
            member = world.bases_member(container.of, name, instance=container.is_instance)
        case _:
            return None
    return member if isinstance(member, Member) else None
