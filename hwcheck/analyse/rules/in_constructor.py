"""Constructors of the plugin's classes that vLLM makes objects of."""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from hwcheck.analyse.binding import Signature, constructor_of
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Side
from hwcheck.analyse.evidence import (
    Evidence,
    Standing,
    differences,
    evidence,
    is_replaced,
    runs,
)
from hwcheck.analyse.instantiated import handed_over
from hwcheck.analyse.overrides import Derived, derived
from hwcheck.analyse.receivers import caller_of
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.confirmed import (
    Misfit,
    best_by_name,
    confirmed,
    divided,
    does_not_take,
    passed,
)
from hwcheck.analyse.rules.place import Mismatch, Spot
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import Form, Function
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]

_VARIABLE = re.compile(r"(?:^|_)(?:cls|class|klass|type|constructor)$")
_SHARED_KEYWORDS = 3
_SHARED_WITH_NAME = 2


class _Made(NamedTuple):
    one: Derived
    way: str
    host: Signature
    own: Signature
    function: FunctionEntity


def _narrower_constructors(comparison: Comparison) -> Iterator[Finding]:
    failing = _failing(comparison.old) if comparison.old else {}
    for made, best in _shown(comparison.new, comparison.plugin):
        for misfit in divided(best, failing.get(made.one.cls.symbol)):
            yield from _finding(comparison, made, misfit)


@lru_cache(maxsize=1)
def _failing(old: World) -> dict[str, dict[str, Evidence]]:
    """Tell what fails on the old host; kept, because it is asked for with every new one."""
    return {made.one.cls.symbol: best for made, best in _shown(old, old.plugin)}


def _shown(world: World, plugin: PluginCode) -> Iterator[tuple[_Made, dict[str, Evidence]]]:
    made = [item for item in _made(world) if item.function.module.name in plugin.files]
    if not made:
        return
    names = sorted(name for name in world.host.called_names() if _VARIABLE.search(name))
    found = world.host.calls_of(names)
    calls = [call for name in names for call in found[name]]
    for item in made:
        judge = partial(_standing, world, item)
        modules = frozenset(cls.module.name for cls in world.mro(item.one.cls).classes)
        taken = _names(item.host)
        some = [call for call in calls if _is_candidate(modules, taken, call)]
        yield item, best_by_name(evidence(some, item.host, item.own, judge))


def _is_candidate(modules: frozenset[str], taken: frozenset[str], call: LocatedCall) -> bool:
    """Tell quickly whether a call may make an object of a class from one of the modules."""
    if call.site.name == "cls" and not call.site.receiver:
        return call.module in modules
    return len(taken.intersection(call.site.keywords)) >= _SHARED_WITH_NAME


def _names(signature: Signature) -> frozenset[str]:
    return frozenset(item.name for item in signature.parameters)


def _finding(comparison: Comparison, made: _Made, misfit: Misfit) -> Iterator[Finding]:
    world, one, function = comparison.new, made.one, made.function
    ours = f"{one.cls.facts.name}.__init__{world.signature_text(function)}"
    mismatch = Mismatch(
        rule="HW306",
        symbol=f"{one.bases[0].symbol}.__init__",
        plugin_side=f"{ours} {does_not_take(made.own, misfit.names)}"
        + (f"; {made.way}" if made.way else ""),
        host_side=f"vLLM makes objects of such a class{passed(misfit.evidence)}",
        detail=misfit.detail,
        where=world.host_line(made.host.origin),
    )
    yield from confirmed(comparison, _spot(world, one, function), mismatch, misfit.evidence)


def _made(world: World) -> Iterator[_Made]:
    ways = handed_over(world)
    for one in derived(world):
        way = ways.get(one.cls.symbol)
        own, host = constructor_of(world, one.cls), _host_constructor(world, one)
        if own is None or host is None or not differences(host, own):
            continue
        function = own.origin
        if isinstance(function, FunctionEntity) and function.side is Side.PLUGIN:
            yield _Made(one, way or "", host, own, function)


def _host_constructor(world: World, one: Derived) -> Signature | None:
    """Tell what the nearest host class takes that has a constructor of its own."""
    return constructor_of(world, one.bases[0])


def _standing(world: World, made: _Made, call: LocatedCall) -> Standing:
    caller = caller_of(world, call)
    if caller is None:
        return Standing.UNRELATED
    if call.site.name == "cls" and not call.site.receiver and caller.cls is not None:
        return _inherited(world, made, caller.cls, caller.function)
    if not made.way:
        return Standing.UNRELATED
    shared = len(_names(made.host).intersection(call.site.keywords))
    is_named_so = _is_named_so(world, made, call.site.name)
    if shared < (_SHARED_WITH_NAME if is_named_so else _SHARED_KEYWORDS):
        return Standing.UNRELATED
    if call.site.positional and not is_named_so:
        # Layers of models are made so too, and share the names of their last parameters.
        return Standing.UNRELATED
    replaced = is_replaced(world, caller)
    return Standing.LATENT if replaced else Standing.LIKELY


def _inherited(
    world: World, made: _Made, owner: ClassEntity, function: Function | None
) -> Standing:
    if function is None or function.form is not Form.CLASS_METHOD:
        return Standing.UNRELATED
    cls = made.one.cls
    if owner.symbol not in {item.symbol for item in world.mro(cls).classes}:
        return Standing.UNRELATED
    if not runs(world, cls, owner, function):
        return Standing.UNRELATED
    return Standing.SURE if made.way else Standing.LATENT


def _is_named_so(world: World, made: _Made, name: str) -> bool:
    word = _VARIABLE.sub("", name).replace("_", "").lower()
    names = [item.facts.name.lower() for item in world.mro(made.one.cls).classes]
    return bool(word) and any(word in item for item in names)


def _spot(world: World, one: Derived, function: FunctionEntity) -> Spot:
    owner = function.owner
    if owner is None:
        return Spot(one.code, one.code.module.line_of(one.cls.facts.name), one.scope)
    code = world.plugin.files.get(owner.module.name, one.code)
    name = f"{owner.facts.name}.{function.facts.name}"
    scopes = {scope.name: index for index, scope in enumerate(code.uses.scopes)}
    return Spot(code, code.module.line_of(name), scopes.get(name, 0))


RULES = (
    Rule(
        id="HW306",
        title="A constructor does not fit the way vLLM makes the object",
        severity=Severity.ERROR,
        explanation=(
            "vLLM makes objects of this class through a variable: the class was registered, "
            "named by a class path or returned to it. The call passes what vLLM's own class "
            "takes, and the constructor of the plugin's class does not take it. No type checker "
            "sees this, because constructors need not be alike. Classes that only the plugin "
            "itself makes objects of are not reported."
        ),
        remedy=(
            "Take the parameters of vLLM's constructor and pass them on to super().__init__()."
        ),
        bad=(
            "class XCommunicator(DeviceCommunicatorBase):\n"
            "    def __init__(self, cpu_group, device=None): ...\n"
        ),
        good=(
            "class XCommunicator(DeviceCommunicatorBase):\n"
            "    def __init__(self, cpu_group, device=None, **kwargs): ...\n"
        ),
        find=_narrower_constructors,
    ),
)
