"""Overrides of another kind than what they stand in for."""

from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity
from hwcheck.analyse.evidence import Evidence, Standing, Target, bound_signature, standing
from hwcheck.analyse.overrides import Override, overrides
from hwcheck.analyse.receivers import caller_of, receiver_entity
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.confirmed import confirmed, spot_of
from hwcheck.analyse.rules.place import Mismatch, found
from hwcheck.analyse.rules.wording import describe
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import Form, Function
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]

_AWAITABLE = ("Awaitable", "Coroutine", "Future", "AsyncGenerator", "AsyncIterator", "Task")
_RECEIVED_BY_CLASS = frozenset({Form.CLASS_METHOD, Form.STATIC_METHOD})


def _other_colour(comparison: Comparison) -> Iterator[Finding]:
    """Find async overrides of sync methods and sync ones of async methods."""
    for override in overrides(comparison.new):
        function = override.host.entity
        if not isinstance(function, FunctionEntity) or _same_colour(
            override.own.facts, function.facts
        ):
            continue
        item = _first_call(comparison, override, function, is_awaited=function.facts.is_async)
        severity = Severity.ERROR if item else Severity.WARNING
        yield from _finding(comparison, override, "HW303", severity, item)


def _same_colour(own: Function, host: Function) -> bool:
    if Form.PROPERTY in (own.form, host.form):
        return True
    if own.is_async == host.is_async:
        return True
    sync = host if own.is_async else own
    if own.is_generator or host.is_generator:
        return True
    # Not async, but what it gives can be awaited all the same.
    return any(word in sync.returns for word in _AWAITABLE)


def _first_call(
    comparison: Comparison, override: Override, function: FunctionEntity, *, is_awaited: bool
) -> Evidence | None:
    host = bound_signature(comparison.new, function)
    if host is None:
        return None
    target = Target(override.cls, override.name)
    latent: list[Evidence] = []
    for call in comparison.new.host.calls_of({override.name})[override.name]:
        if call.site.is_awaited == is_awaited:
            level = standing(comparison.new, target, host, call)
            if level in (Standing.SURE, Standing.LIKELY):
                return Evidence(call, level, ())
            if level is Standing.LATENT:
                latent.append(Evidence(call, level, ()))
    return latent[0] if latent else None


def _other_form(comparison: Comparison) -> Iterator[Finding]:
    """Find properties in place of methods, methods in place of properties, and the like."""
    for override in overrides(comparison.new):
        function = override.host.entity
        if not isinstance(function, FunctionEntity):
            continue
        ours, theirs = override.own.facts.form, function.facts.form
        if (ours is Form.PROPERTY) != (theirs is Form.PROPERTY):
            item = None
            if ours is Form.PROPERTY:
                item = _first_call(comparison, override, function, is_awaited=False)
            certain = item is not None or theirs is Form.PROPERTY
            severity = Severity.ERROR if certain else Severity.WARNING
            yield from _finding(comparison, override, "HW304", severity, item)
        elif ours is Form.METHOD and theirs in _RECEIVED_BY_CLASS:
            item = _call_on_class(comparison, override)
            if item is not None:
                yield from _finding(comparison, override, "HW304", Severity.ERROR, item)


def _call_on_class(comparison: Comparison, override: Override) -> Evidence | None:
    world = comparison.new
    for call in world.host.calls_of({override.name})[override.name]:
        level = _on_class(comparison, override, call)
        if level is not None:
            return Evidence(call, level, ())
    return None


def _on_class(comparison: Comparison, override: Override, call: LocatedCall) -> Standing | None:
    world = comparison.new
    function = override.host.entity
    caller = caller_of(world, call)
    if caller is None or not isinstance(function, FunctionEntity):
        return None
    host = bound_signature(world, function)
    if host is None or not isinstance(receiver_entity(world, call, caller), ClassEntity):
        return None
    level = standing(world, Target(override.cls, override.name), host, call)
    # A class written out by its own name is vLLM's class, not the plugin's.
    is_by_name = call.site.receiver.rpartition(".")[2][:1].isupper()
    return None if is_by_name or level in (Standing.UNRELATED, Standing.OPEN) else level


def _finding(
    comparison: Comparison,
    override: Override,
    rule: str,
    severity: Severity,
    item: Evidence | None,
) -> Iterator[Finding]:
    world = comparison.new
    mismatch = Mismatch(
        rule=rule,
        symbol=override.symbol,
        plugin_side=_described(override.own.facts, f"{override.cls.facts.name}.{override.name}"),
        host_side=describe(world, override.host.entity),
        where=world.host_line(override.host.entity),
        severity=severity,
    )
    if item is not None:
        yield from confirmed(comparison, spot_of(override), mismatch, item)
    else:
        yield from found(comparison, spot_of(override), mismatch)


def _described(facts: Function, name: str) -> str:
    words = {
        Form.PROPERTY: "property",
        Form.CLASS_METHOD: "class method",
        Form.STATIC_METHOD: "static method",
    }
    word = words.get(facts.form, "method")
    return f"{'async ' if facts.is_async else ''}{word} {name}"


RULES = (
    Rule(
        id="HW303",
        title="An override is async where vLLM's method is not, or the other way round",
        severity=Severity.ERROR,
        explanation=(
            "vLLM awaits what an async method gives and uses what another gives as it is. "
            "An override of the other kind hands it a value that cannot be awaited, or a "
            "coroutine that never runs."
        ),
        remedy="Make the override async exactly where vLLM's method is.",
        bad="class XClient(EngineClient):\n    def abort(self, request_id): ...\n",
        good="class XClient(EngineClient):\n    async def abort(self, request_id): ...\n",
        find=_other_colour,
    ),
    Rule(
        id="HW304",
        title="An override is a property, method, class method or static method unlike vLLM's",
        severity=Severity.ERROR,
        explanation=(
            "vLLM reads a property and calls a method; it calls class methods and static "
            "methods on the class, without an object. A method in place of a property is an "
            "object that is always true; a property in place of a method gives a value that "
            "cannot be called; a plain method called on the class takes its first argument "
            "for self."
        ),
        remedy="Use the same decorator as vLLM's class.",
        bad="class XBackend(AttentionBackend):\n    def get_name(self): ...  # a static method\n",
        good="class XBackend(AttentionBackend):\n    @staticmethod\n    def get_name(): ...\n",
        find=_other_form,
    ),
)
