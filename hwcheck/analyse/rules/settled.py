"""What of a plugin is the same on all hosts, so that it is looked at once and not for each."""

from collections.abc import Callable, Iterator
from functools import partial

from hwcheck.analyse.comparison import Comparison, Settled
from hwcheck.analyse.entities import FunctionEntity, ModuleEntity, Side
from hwcheck.analyse.hostless import HostAskedError, Hostless
from hwcheck.analyse.rules.called import callee_of, options_of
from hwcheck.analyse.rules.chains import UsedChain, is_lost, used_chains
from hwcheck.analyse.rules.out_attributes import lost_member
from hwcheck.analyse.rules.out_kinds import Members, kinds_on_the_way, lost_kinds
from hwcheck.analyse.rules.out_results import changed_result
from hwcheck.analyse.subject import PluginCode
from hwcheck.model.finding import Finding
from hwcheck.model.use import Call, Code, Store

__all__ = ["settle"]


def settle(plugin: PluginCode, gates: frozenset[str]) -> Settled:
    """Find the chains and calls of which the rules say nothing, without asking any host."""
    world = Hostless(plugin, gates)
    comparison = Comparison(plugin=plugin, new=world, old=world)
    members = Members(world, world)
    chains: list[tuple[object, ...]] = []
    calls: list[tuple[str, int]] = []
    stores: list[tuple[str, int]] = []
    for name, code in plugin.files.items():
        for used in used_chains(comparison, code):
            if _is_settled(world, partial(_is_found, comparison, members, used)):
                chains.append(used.key)
        for place, call in enumerate(code.uses.calls):
            if _is_settled(world, partial(_is_of_host, world, code, call)):
                calls.append((name, place))
        for place, store in enumerate(code.uses.stores):
            if _is_settled(world, partial(_is_onto_host, world, code, store)):
                stores.append((name, place))
    return Settled(chains=frozenset(chains), calls=frozenset(calls), stores=frozenset(stores))


def _is_settled(world: Hostless, concerns: Callable[[], bool]) -> bool:
    """Tell whether something surely does not concern any host."""
    world.begin()
    try:
        return not concerns()
    except HostAskedError:
        world.unlearn()
        return False


def _is_found(comparison: Comparison, members: Members, used: UsedChain) -> bool:
    """Tell whether rules say anything of a chain."""
    return any(True for _ in _findings(comparison, members, used))


def _findings(comparison: Comparison, members: Members, used: UsedChain) -> Iterator[Finding]:
    """All that rules say of a chain alone."""
    world = comparison.new
    steps = world.walk(used.code, used.scope, used.chain, used.lines[0])
    if steps and is_lost(steps[-1], used):
        yield from lost_member(comparison, used, steps[-1])
        yield from lost_kinds(comparison, world, used, steps[-1])
    yield from kinds_on_the_way(comparison, world, members, used)
    yield from changed_result(comparison, world, used)


def _is_of_host(world: Hostless, code: Code, call: Call) -> bool:
    """Tell whether a call may be one of something of the host."""
    entity, signature = callee_of(world, code, call)
    is_host = isinstance(entity, FunctionEntity) and entity.side is Side.HOST
    return is_host or signature is not None or any(options_of(world, code, call))


def _is_onto_host(world: Hostless, code: Code, store: Store) -> bool:
    """Tell whether something is stored onto a module of the host."""
    container = world.infer(code, store.scope, store.target.rpartition(".")[0], store.line)
    return isinstance(container, ModuleEntity) and container.side is Side.HOST
