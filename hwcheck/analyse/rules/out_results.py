"""Results of vLLM's functions that have another shape than the plugin takes: HW206, HW207."""

from collections.abc import Iterable, Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import FunctionEntity, Side
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.chains import UsedChain, used_calls, used_chains
from hwcheck.analyse.rules.inheritance import is_overridden, is_patched
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.rules.tuples import element_count, optional_parts
from hwcheck.analyse.rules.wording import describe
from hwcheck.analyse.world import World
from hwcheck.model.facts import Function
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.use import Code, Unpack

__all__ = ["RULES"]

_NOTHING = frozenset({"None"})


def find_wrong_arities(comparison: Comparison) -> Iterable[Finding]:
    """Find results that are unpacked into another number of names than they have (HW206)."""
    return merged(
        finding
        for code in comparison.plugin.files.values()
        for unpack in code.uses.unpacks
        for finding in _wrong_arity(comparison, code, unpack)
    )


def find_changed_results(comparison: Comparison) -> Iterable[Finding]:
    """Find uses of results that may be nothing now, or that are something now (HW207)."""
    if comparison.old is None:
        return ()
    return merged(_changed_results(comparison, comparison.old))


def _wrong_arity(comparison: Comparison, code: Code, unpack: Unpack) -> Iterator[Finding]:
    function = _called(comparison.new, code, unpack.value, unpack.scope, unpack.line)
    if function is None or unpack.is_starred or is_overridden(comparison.new, function):
        return
    arities = _arities(function.facts)
    if not arities or unpack.arity in arities:
        return
    given = " or ".join(str(arity) for arity in sorted(arities))
    before = _called(comparison.old, code, unpack.value, unpack.scope, unpack.line)
    yield from found(
        comparison,
        Spot(code, unpack.line, unpack.scope, unpack.guard),
        Mismatch(
            rule="HW206",
            symbol=function.symbol,
            detail=f"{unpack.arity}<{given}",
            plugin_side=f"unpacks {unpack.value} into {unpack.arity} names",
            host_side=f"{function.symbol} returns {given} values",
            before=_values(before.facts) if before else None,
            where=comparison.new.host_line(function),
        ),
    )


def _called(
    world: World | None, code: Code, chain: str, scope: int, line: int
) -> FunctionEntity | None:
    """Find the host function whose result a chain is."""
    is_awaited = chain.endswith("~")
    callee = chain.removesuffix("~")
    if world is None or not callee.endswith("()"):
        return None
    entity = world.infer(code, scope, callee.removesuffix("()"), line)
    if not isinstance(entity, FunctionEntity) or entity.side is not Side.HOST:
        return None
    is_inherited = callee.startswith(("self.", "super()"))
    if entity.facts.is_async is not is_awaited or is_patched(
        world, entity, is_inherited=is_inherited
    ):
        return None
    return entity


def _arities(facts: Function) -> frozenset[int]:
    """Tell how many values a function gives; empty when that is not certain."""
    if facts.is_generator or facts.decorators:
        return frozenset()
    if facts.arities and -1 not in facts.arities and not facts.is_abstract:
        return frozenset(facts.arities)
    count = element_count(facts.returns)
    return frozenset() if count is None else frozenset({count, *facts.arities}) - {-1}


def _values(facts: Function) -> str | None:
    arities = sorted(_arities(facts))
    if arities:
        return f"it returned {' or '.join(str(arity) for arity in arities)} values"
    return f"it returned {facts.returns}" if facts.returns else None


# Annotations


def _changed_results(comparison: Comparison, old: World) -> Iterator[Finding]:
    for code in comparison.plugin.files.values():
        for used in used_chains(comparison, code):
            yield from changed_result(comparison, old, used)
        yield from _discarded(comparison, old, code)


def _pair(
    comparison: Comparison, code: Code, chain: str, scope: int, line: int
) -> tuple[FunctionEntity, FunctionEntity] | None:
    """Find the function that a chain calls on both hosts, where its annotation differs."""
    now = _called(comparison.new, code, chain, scope, line)
    if now is None or not now.facts.returns or is_overridden(comparison.new, now):
        return None
    before = _called(comparison.old, code, chain, scope, line)
    if before is None or not before.facts.returns or before.facts.returns == now.facts.returns:
        return None
    return before, now


def changed_result(comparison: Comparison, old: World, used: UsedChain) -> Iterator[Finding]:
    """Report attributes and items of results that may be None now."""
    callee, called, rest = used.chain.partition("()")
    if not called or not rest.lstrip("~").startswith((".", "[")):
        return
    pair = _pair(comparison, used.code, f"{callee}()", used.scope, used.lines[0])
    if pair is None:
        return
    before, now = pair
    if "None" not in optional_parts(now.facts.returns) - optional_parts(before.facts.returns):
        return
    told = f"uses the result of {callee}() as it comes"
    mismatch = _mismatch(comparison, old, pair, told, Severity.NOTE)
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


def _discarded(comparison: Comparison, old: World, code: Code) -> Iterator[Finding]:
    """Report results that are thrown away and were nothing before."""
    for call in used_calls(comparison, code):
        if not call.is_discarded:
            continue
        chain = f"{call.callee}()" + ("~" if call.is_awaited else "")
        pair = _pair(comparison, code, chain, call.scope, call.line)
        if pair is None or optional_parts(pair[0].facts.returns) != _NOTHING:
            continue
        told = f"does not use the result of {call.callee}()"
        spot = Spot(code, call.line, call.scope, call.guard)
        yield from found(comparison, spot, _mismatch(comparison, old, pair, told, Severity.WARNING))


def _mismatch(
    comparison: Comparison,
    old: World,
    pair: tuple[FunctionEntity, FunctionEntity],
    told: str,
    severity: Severity,
) -> Mismatch:
    before, now = pair
    return Mismatch(
        rule="HW207",
        severity=severity,
        symbol=now.symbol,
        detail=now.facts.returns,
        plugin_side=told,
        host_side=f"{describe(comparison.new, now)} -> {now.facts.returns}",
        before=f"{describe(old, before)} -> {before.facts.returns}",
        where=comparison.new.host_line(now),
    )


RULES = (
    Rule(
        id="HW206",
        title="a result of vLLM is unpacked into another number of names than it has",
        severity=Severity.ERROR,
        explanation=(
            "A function of vLLM returns a tuple whose length is known from its return statements "
            "or its annotation, and the plugin unpacks the result into another number of names. "
            "That raises ValueError."
        ),
        remedy="Unpack as many values as are returned now.",
        bad="hidden, sizes = self.pad(hidden)  # returns three values",
        good="hidden, sizes, mask = self.pad(hidden)",
        find=find_wrong_arities,
    ),
    Rule(
        id="HW207",
        title="a function of vLLM whose result the plugin uses returns something else",
        severity=Severity.WARNING,
        explanation=(
            "The return annotation changed in a way that concerns the use: the result may be None "
            "now and the plugin takes an attribute or item of it as it comes, or the function "
            "used to return nothing, now returns something, and the plugin throws it away."
        ),
        remedy="Handle the result as it is annotated now.",
        bad="self.update(step)  # returns a function that must be called later",
        good="finish = self.update(step)",
        find=find_changed_results,
        needs_old=True,
    ),
)
