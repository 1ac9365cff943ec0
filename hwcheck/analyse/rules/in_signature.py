"""Overrides that do not take what vLLM passes."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from hwcheck.analyse.binding import Signature
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import FunctionEntity
from hwcheck.analyse.evidence import (
    Evidence,
    Target,
    bound_signature,
    differences,
    evidence,
    lacking,
    standing,
)
from hwcheck.analyse.overrides import Override, overrides
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.confirmed import (
    Misfit,
    best_by_name,
    confirmed,
    divided,
    does_not_take,
    passed,
    spot_of,
)
from hwcheck.analyse.rules.layers import fails_always, is_forward_in_place
from hwcheck.analyse.rules.place import Mismatch, found
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.model.facts import Form, ParameterKind
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]

_CALLED_DUNDERS = frozenset({"__call__"})


class _Pair(NamedTuple):
    override: Override
    function: FunctionEntity
    host: Signature
    own: Signature


def _narrower_overrides(comparison: Comparison) -> Iterator[Finding]:
    before = _counterparts(comparison)
    failing = _failing(comparison.old) if comparison.old else {}
    for pair, best in _shown(comparison.new, comparison.plugin):
        counterpart = before.get(pair.override.key)
        for misfit in divided(best, failing.get(pair.override.key)):
            yield from _finding(comparison, pair, counterpart, misfit)
        if not best and comparison.old is not None and counterpart is not None:
            names = _new_names(comparison.old, pair, counterpart)
            if names:
                yield from _possible(comparison, pair, counterpart, names)


@lru_cache(maxsize=1)
def _failing(old: World) -> dict[tuple[str, str], dict[str, Evidence]]:
    """Tell what fails on the old host; kept, because it is asked for with every new one."""
    return {pair.override.key: best for pair, best in _shown(old, old.plugin)}


def _shown(world: World, plugin: PluginCode) -> Iterator[tuple[_Pair, dict[str, Evidence]]]:
    """Find the overrides that take less than the host's method, with what calls show of it."""
    pairs = list(_pairs(world, plugin))
    calls = world.host.calls_of({pair.override.name for pair in pairs})
    for pair in pairs:
        target = Target(pair.override.cls, pair.override.name)
        judge = partial(standing, world, target, pair.host)
        shown = evidence(calls[pair.override.name], pair.host, pair.own, judge)
        yield pair, best_by_name(shown)


def _finding(
    comparison: Comparison, pair: _Pair, before: FunctionEntity | None, misfit: Misfit
) -> Iterator[Finding]:
    mismatch = _mismatch(comparison, pair, before, misfit.names)
    mismatch = replace(
        mismatch, detail=misfit.detail, host_side=mismatch.host_side + passed(misfit.evidence)
    )
    yield from confirmed(comparison, spot_of(pair.override), mismatch, misfit.evidence)


def _possible(
    comparison: Comparison, pair: _Pair, before: FunctionEntity, names: tuple[str, ...]
) -> Iterator[Finding]:
    mismatch, override = _mismatch(comparison, pair, before, names), pair.override
    is_run = is_forward_in_place(comparison.new, override.cls, override.name)
    if is_run and fails_always(pair.host, pair.own):
        yield from found(comparison, spot_of(override), mismatch)
    else:
        yield from confirmed(comparison, spot_of(override), mismatch)


def _mismatch(
    comparison: Comparison, pair: _Pair, before: FunctionEntity | None, names: tuple[str, ...]
) -> Mismatch:
    world, override = comparison.new, pair.override
    ours = f"{override.cls.facts.name}.{override.name}{world.signature_text(override.own)}"
    then = f"{before.symbol}{world.signature_text(before)}" if before else None
    return Mismatch(
        rule="HW302",
        # What only raises fails whatever it takes.
        severity=Severity.NOTE if override.own.facts.refuses else Severity.ERROR,
        symbol=override.symbol,
        plugin_side=f"{ours} {does_not_take(pair.own, names)}",
        host_side=f"{override.symbol}{world.signature_text(pair.function)}",
        before=then,
        detail=", ".join(sorted(names)),
        where=world.host_line(pair.function),
        fix=_fix(pair.host, pair.own, names),
    )


def _pairs(world: World, plugin: PluginCode) -> Iterator[_Pair]:
    for override in overrides(world):
        if override.code.module.name not in plugin.files:
            continue
        function = override.host.entity
        if not isinstance(function, FunctionEntity) or not _is_called(override, function):
            continue
        host = bound_signature(world, function)
        own = bound_signature(world, override.own)
        if host is None or own is None or _takes_anything(host):
            continue
        if differences(host, own):
            yield _Pair(override, function, host, own)


def _takes_anything(host: Signature) -> bool:
    """Tell whether a call that fits says nothing of what is expected."""
    kinds = {item.kind for item in host.parameters}
    return {ParameterKind.VARIADIC, ParameterKind.KEYWORDS} <= kinds


def _is_called(override: Override, function: FunctionEntity) -> bool:
    if Form.PROPERTY in (function.facts.form, override.own.facts.form):
        return False
    name = override.name
    return not (name.startswith("__") and name.endswith("__")) or name in _CALLED_DUNDERS


def _counterparts(comparison: Comparison) -> dict[tuple[str, str], FunctionEntity]:
    """Tell for each override what it stood in for on the old host."""
    if comparison.old is None:
        return {}
    return {
        item.key: item.host.entity
        for item in overrides(comparison.old)
        if isinstance(item.host.entity, FunctionEntity)
    }


def _new_names(old: World, pair: _Pair, before: FunctionEntity) -> tuple[str, ...]:
    """Name what the override lacks on the new host and did not lack on the old one."""
    host, own = bound_signature(old, before), bound_signature(old, pair.override.own)
    if host is None or own is None:
        return ()
    known = differences(host, own)
    return tuple(name for name in lacking(pair.host, pair.own) if name not in known)


def _fix(host: Signature, own: Signature, names: tuple[str, ...]) -> str | None:
    ours = {item.name for item in own.parameters}
    theirs = [item.name for item in host.parameters]
    steps = [f"give {name!r} a default" for name in names if name in ours and name not in theirs]
    for name in names:
        if name in theirs and name not in ours:
            index = theirs.index(name)
            steps.append(f"take {name!r} " + (f"after {theirs[index - 1]!r}" if index else "first"))
    return "; ".join(steps) or None


RULES = (
    Rule(
        id="HW302",
        title="An override does not take what vLLM passes",
        severity=Severity.ERROR,
        explanation=(
            "vLLM calls this method of the plugin's class with arguments that its own method "
            "takes and the plugin's does not: a keyword that is new, one argument more, or none "
            "for a parameter that vLLM has dropped. Python notices when the call is made, not "
            "when the plugin is imported. It is an error where such a call was found; a mere "
            "difference between the signatures is a note."
        ),
        remedy=(
            "Give the override the parameters of vLLM's method, in their order and with their "
            "defaults; a method that passes everything on can take *args and **kwargs."
        ),
        bad=(
            "class XScheduler(Scheduler):\n"
            "    def schedule(self): ...  # vLLM: self.scheduler.schedule(throttle)\n"
        ),
        good=(
            "class XScheduler(Scheduler):\n    def schedule(self, throttle_prefills=False): ...\n"
        ),
        find=_narrower_overrides,
    ),
)
