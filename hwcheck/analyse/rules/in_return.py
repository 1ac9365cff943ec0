"""Overrides that give another thing than vLLM's method gives now."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import FunctionEntity
from hwcheck.analyse.evidence import Evidence, Standing, Target, bound_signature, standing
from hwcheck.analyse.overrides import Override, overrides
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.confirmed import confirmed, spot_of
from hwcheck.analyse.rules.place import Mismatch, found
from hwcheck.model.facts import Form, Function
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]

_OTHER = -1
_NONE: frozenset[str] = frozenset()
_VAGUE = frozenset({"Any", "object", "Self"})
_GENERIC = {
    "Dict": "dict",
    "FrozenSet": "frozenset",
    "List": "list",
    "Set": "set",
    "Tuple": "tuple",
}


class _Change(NamedTuple):
    before: str
    now: str
    arity: int
    """The length of the tuple that vLLM gives now; 0: it is not about tuples."""


def _other_results(comparison: Comparison) -> Iterator[Finding]:
    if comparison.old is None:
        return
    before = {item.key: item for item in overrides(comparison.old)}
    for override in overrides(comparison.new):
        counterpart = before.get(override.key)
        if counterpart is None:
            continue
        now, then = override.host.entity, counterpart.host.entity
        if isinstance(now, FunctionEntity) and isinstance(then, FunctionEntity):
            change = _change(override.own.facts, then.facts, now.facts)
            if change is not None:
                yield from _findings(comparison, override, now, change)


def _findings(
    comparison: Comparison, override: Override, function: FunctionEntity, change: _Change
) -> Iterator[Finding]:
    item = _use(comparison, override, function, change.arity)
    mismatch = Mismatch(
        rule="HW307",
        symbol=override.symbol,
        plugin_side=f"{override.cls.facts.name}.{override.name} gives {_given(override.own.facts)}",
        host_side=f"{override.symbol} gives {change.now}",
        before=f"{override.symbol} gave {change.before}",
        where=comparison.new.host_line(function),
    )
    if item is not None:
        yield from confirmed(comparison, spot_of(override), mismatch, item)
        return
    yield from found(comparison, spot_of(override), _weaker(comparison, override, mismatch))


def _weaker(comparison: Comparison, override: Override, mismatch: Mismatch) -> Mismatch:
    calls = comparison.new.host.calls_of({override.name})[override.name]
    is_read = isinstance(override.host.entity, FunctionEntity) and (
        override.host.entity.facts.form is Form.PROPERTY
    )
    severity = Severity.WARNING if calls or is_read else Severity.NOTE
    return replace(mismatch, severity=severity)


def _use(
    comparison: Comparison, override: Override, function: FunctionEntity, arity: int
) -> Evidence | None:
    """Find a call in vLLM that takes the result apart into the new number of values."""
    host = bound_signature(comparison.new, function)
    if host is None or arity <= 0:
        return None
    for call in comparison.new.host.calls_of({override.name})[override.name]:
        if call.site.unpacked == arity:
            level = standing(comparison.new, Target(override.cls, override.name), host, call)
            if level in (Standing.SURE, Standing.LIKELY, Standing.LATENT):
                return Evidence(call, level, ())
    return None


def _change(own: Function, then: Function, now: Function) -> _Change | None:
    """Tell how the result changed, where the plugin's function still gives the old kind."""
    lengths, ours = _lengths(now), _lengths(own)
    if len(lengths) == 1 and _lengths(then) and not lengths & _lengths(then):
        (length,) = lengths
        if ours and length not in ours:
            return _Change(_tuple(_lengths(then)), _tuple(lengths), length)
    was, gives = _kinds(then.returns), _kinds(now.returns)
    if not was or not gives or was == gives or (was | gives) & _VAGUE:
        return None
    if was == {"None"} and "None" not in gives:
        return _Change(then.returns, now.returns, 0) if _gives_nothing(own) else None
    if was & gives or "None" in gives:
        return None
    # What gives nothing fitted neither; what is done with the result may be new all the same.
    if _kinds(own.returns) == was or _gives_nothing(own):
        return _Change(then.returns, now.returns, 0)
    return None


def _lengths(function: Function) -> frozenset[int]:
    known = frozenset(function.arities)
    return frozenset() if _OTHER in known else known


def _gives_nothing(own: Function) -> bool:
    if own.refuses or own.is_generator:
        return False
    if own.returns:
        return _kinds(own.returns) == {"None"}
    return not own.arities and not own.returned


def _kinds(annotation: str) -> frozenset[str]:
    """Tell the outermost names of an annotation; ``X | None`` has two."""
    try:
        return frozenset(_names(ast.parse(annotation, mode="eval").body)) if annotation else _NONE
    except SyntaxError:
        return _NONE


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.BinOp(op=ast.BitOr()):
            yield from _names(node.left)
            yield from _names(node.right)
        case ast.Subscript():
            yield from _subscripted(next(_names(node.value), ""), node.slice)
        case ast.Attribute():
            yield node.attr
        case ast.Name():
            yield _GENERIC.get(node.id, node.id)
        case ast.Constant(value=str()):
            yield from _kinds(str(node.value))
        case ast.Constant():
            yield repr(node.value)


def _subscripted(name: str, inside: ast.expr) -> Iterator[str]:
    items = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if name == "Optional":
        yield "None"
    if name in ("Optional", "Union"):
        for item in items:
            yield from _names(item)
    elif name == "Annotated":
        yield from _names(items[0])
    else:
        yield name


def _given(own: Function) -> str:
    if own.returns:
        return own.returns
    return _tuple(_lengths(own)) if _lengths(own) else "nothing"


def _tuple(lengths: frozenset[int]) -> str:
    return f"a tuple of {' or '.join(str(item) for item in sorted(lengths))}"


RULES = (
    Rule(
        id="HW307",
        title="An override gives another thing than vLLM's method gives now",
        severity=Severity.ERROR,
        explanation=(
            "vLLM's method gives a tuple of another length, or its annotation names another "
            "type, than on the host that the plugin was made for, and the override still gives "
            "what was expected then. vLLM uses the result as its own method gives it. It is an "
            "error where a call in vLLM takes the result apart into the new number of values."
        ),
        remedy="Give what vLLM's method gives now; its callers tell what they do with it.",
        bad=(
            "class XWorker(WorkerBase):\n"
            "    def compile_or_warm_up_model(self) -> None: ...  # vLLM: -> float\n"
        ),
        good=("class XWorker(WorkerBase):\n    def compile_or_warm_up_model(self) -> float: ...\n"),
        find=_other_results,
        needs_old=True,
    ),
)
