"""Calls of vLLM that do not fit what it takes: HW201 to HW205."""

from collections.abc import Callable, Iterable, Iterator

from hwcheck.analyse.binding import Bound, Signature, bind, shape_of
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.called import (
    HostCall,
    host_calls,
    is_constructor,
    is_for_own,
    signature_before,
)
from hwcheck.analyse.rules.moved import nearest_name
from hwcheck.analyse.rules.place import Mismatch, found, merged
from hwcheck.analyse.rules.wording import listed
from hwcheck.model.facts import Parameter
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]


def find_refused_arguments(comparison: Comparison) -> Iterable[Finding]:
    """Find calls of functions with arguments that these do not take (HW201)."""
    return merged(_misfits(comparison, "HW201", _refused, constructors=False))


def find_missing_arguments(comparison: Comparison) -> Iterable[Finding]:
    """Find calls of functions without arguments that these need (HW202)."""
    return merged(_misfits(comparison, "HW202", _needed, constructors=False))


def find_refused_fields(comparison: Comparison) -> Iterable[Finding]:
    """Find constructor calls with arguments that the class does not take (HW204)."""
    return merged(_misfits(comparison, "HW204", _refused, constructors=True))


def find_missing_fields(comparison: Comparison) -> Iterable[Finding]:
    """Find constructor calls without arguments that the class needs (HW205)."""
    return merged(_misfits(comparison, "HW205", _needed, constructors=True))


def find_drifted_positions(comparison: Comparison) -> Iterable[Finding]:
    """Find positional arguments that meet another parameter than before (HW203)."""
    if comparison.old is None:
        return ()
    return merged(_drifts(comparison))


def _misfits(
    comparison: Comparison,
    rule: str,
    problem_of: Callable[[Bound], tuple[str, str]],
    *,
    constructors: bool,
) -> Iterator[Finding]:
    for host_call in host_calls(comparison):
        detail, told = problem_of(host_call.bound)
        if not detail or is_constructor(host_call) is not constructors:
            continue
        before = signature_before(comparison, host_call)
        was = bind(before, shape_of(host_call.call)) if before else None
        if was is not None and not was.fits:
            # It never fitted: another misfit is no news, and the same detail says so.
            detail = problem_of(was)[0] or detail
        yield from found(
            comparison,
            host_call.spot,
            Mismatch(
                rule=rule,
                severity=_severity(comparison, host_call, was),
                symbol=host_call.signature.symbol,
                detail=detail,
                plugin_side=f"calls {host_call.call.callee} {told}",
                host_side=_written(host_call.signature),
                before=_written(before) if before else None,
                where=comparison.new.host_line(host_call.signature.origin),
                fix=_fix(host_call.bound, host_call.signature, before),
            ),
        )


def _severity(comparison: Comparison, host_call: HostCall, was: Bound | None) -> Severity:
    """Tell how sure it is that the call meets vLLM's function, and met it before."""
    if host_call.is_certain:
        return Severity.ERROR if was is None or was.fits else Severity.WARNING
    never_fitted = comparison.old is not None and (was is None or not was.fits)
    # Made for a method that the plugin's own classes have in the place of vLLM's.
    return (
        Severity.NOTE
        if never_fitted and is_for_own(comparison.new, host_call)
        else Severity.WARNING
    )


def _refused(bound: Bound) -> tuple[str, str]:
    """Name what is passed but not taken, and say it; with it what is missing beside it."""
    if not (bound.unexpected or bound.excess or bound.doubled):
        return "", ""
    parts = []
    if bound.unexpected:
        parts.append(f"with {listed(bound.unexpected)}")
    if bound.excess:
        parts.append(f"with {bound.excess} positional arguments too many")
    if bound.doubled:
        parts.append(f"with {listed(bound.doubled)} by position and by keyword")
    if bound.missing:
        parts.append(f"without {listed(bound.missing)}")
    excess = (f"+{bound.excess}",) if bound.excess else ()
    missing = tuple(f"-{name}" for name in bound.missing)
    detail = ",".join((*bound.unexpected, *bound.doubled, *excess, *missing))
    return detail, " and ".join(parts)


def _needed(bound: Bound) -> tuple[str, str]:
    """Name what is needed but not passed, and say it, where nothing else is wrong."""
    if not bound.missing or _refused(bound)[0]:
        return "", ""
    return ",".join(bound.missing), f"without {listed(bound.missing)}"


def _fix(bound: Bound, now: Signature, before: Signature | None) -> str | None:
    known = {parameter.name for parameter in before.parameters} if before else set()
    added = [item.name for item in now.parameters if item.name not in known]
    pairs = [(name, nearest_name(name, added)) for name in bound.unexpected]
    renamed = [f"{name} -> {new}" for name, new in pairs if new]
    if renamed:
        return "pass " + ", ".join(renamed)
    if bound.unexpected:
        return f"do not pass {listed(bound.unexpected)}"
    return f"pass {listed(bound.missing)}" if bound.missing else None


def _written(signature: Signature) -> str:
    """Write a signature as it is called."""
    parts: list[str] = []
    for parameter in signature.parameters:
        if parameter.kind == "k" and not any(part.startswith("*") for part in parts):
            parts.append("*")
        parts.append(_written_parameter(parameter))
    return f"{signature.symbol}({', '.join(parts)})"


def _written_parameter(parameter: Parameter) -> str:
    stars = {"v": "*", "w": "**"}.get(parameter.kind, "")
    is_optional = not stars and not parameter.is_required
    return f"{stars}{parameter.name}{'=...' if is_optional else ''}"


# Positions


def _drifts(comparison: Comparison) -> Iterator[Finding]:
    for host_call in host_calls(comparison):
        if not host_call.bound.fits or not host_call.bound.positions:
            continue
        before = signature_before(comparison, host_call)
        if before is None:
            continue
        was = bind(before, shape_of(host_call.call))
        if was.fits:
            yield from _drift(comparison, host_call, before, was.positions)


def _drift(
    comparison: Comparison, host_call: HostCall, before: Signature, was: tuple[str, ...]
) -> Iterator[Finding]:
    now = host_call.signature
    moved = [
        (old, new)
        for old, new in zip(was, host_call.bound.positions, strict=False)
        if old != new and not old.startswith("*") and not new.startswith("*")
    ]
    old_names = {parameter.name: parameter for parameter in before.parameters}
    new_names = {parameter.name: parameter for parameter in now.parameters}
    drifted = [pair for pair in moved if pair[0] in new_names or pair[1] in old_names]
    retyped = [
        (old, new) for old, new in moved if _is_retyped(old_names.get(old), new_names.get(new))
    ]
    if not drifted and not retyped:
        return
    severity = Severity.ERROR if drifted and host_call.is_certain else Severity.NOTE
    pairs = drifted or retyped
    yield from found(
        comparison,
        host_call.spot,
        Mismatch(
            rule="HW203",
            severity=severity,
            symbol=now.symbol,
            detail=",".join(f"{old}>{new}" for old, new in pairs),
            plugin_side=f"passes {listed(tuple(old for old, _ in pairs))} by position",
            host_side=_written(now),
            before=_written(before),
            where=comparison.new.host_line(now.origin),
            fix=f"pass {listed(tuple(old for old, _ in pairs))} by keyword" if drifted else None,
        ),
    )


def _is_retyped(before: Parameter | None, now: Parameter | None) -> bool:
    if before is None or now is None or not before.annotation or not now.annotation:
        return False
    return before.annotation != now.annotation


RULES = (
    Rule(
        id="HW201",
        title="a call passes an argument that the function of vLLM does not take",
        severity=Severity.ERROR,
        explanation=(
            "A function or method of vLLM is called with a keyword that none of its parameters "
            "takes, or with more positional arguments than it has. The call raises TypeError. All "
            "arguments of one call that do not fit make one finding."
        ),
        remedy=(
            "Pass what the function takes now; where both releases must work, choose by version."
        ),
        bad="init_worker(config, removed=True)",
        good="init_worker(config)",
        find=find_refused_arguments,
    ),
    Rule(
        id="HW202",
        title="a call leaves out an argument that the function of vLLM needs",
        severity=Severity.ERROR,
        explanation=(
            "A function or method of vLLM has a parameter without a default that the call gives "
            "nothing. The call raises TypeError. Calls that pass `*arguments` or `**keywords` are "
            "taken to give what is not seen."
        ),
        remedy="Pass the argument.",
        bad="init_worker(config)  # init_worker(config, device)",
        good="init_worker(config, device)",
        find=find_missing_arguments,
    ),
    Rule(
        id="HW203",
        title="a positional argument lands on another parameter of vLLM",
        severity=Severity.ERROR,
        explanation=(
            "The call still binds, but a parameter was inserted, removed or moved in front of the "
            "one that the argument was meant for. Nothing is raised there; the function works on "
            "the wrong values. Where a parameter seems only renamed but is annotated otherwise it "
            "is a note."
        ),
        remedy="Pass the arguments by keyword.",
        bad="capture(model, tables)  # capture(model, tensors=None, tables=None)",
        good="capture(model, tables=tables)",
        find=find_drifted_positions,
        needs_old=True,
    ),
    Rule(
        id="HW204",
        title="an object of vLLM is made with an argument that its class does not take",
        severity=Severity.ERROR,
        explanation=(
            "A class of vLLM is called, or its `__init__` through super(), with an argument that "
            "the constructor or the fields of the dataclass do not have. The call raises "
            "TypeError."
        ),
        remedy="Leave the argument out, or pass what replaced it.",
        bad="Request(request_id, eos_token_id=2)",
        good="Request(request_id)",
        find=find_refused_fields,
    ),
    Rule(
        id="HW205",
        title="an object of vLLM is made without an argument that its class needs",
        severity=Severity.ERROR,
        explanation=(
            "A class of vLLM is called, or its `__init__` through super(), without an argument "
            "that has no default, or a field of the dataclass that has none. The call raises "
            "TypeError."
        ),
        remedy="Pass the argument.",
        bad="Metadata(seq_lens)  # Metadata(seq_lens, block_table)",
        good="Metadata(seq_lens, block_table)",
        find=find_missing_fields,
    ),
)
