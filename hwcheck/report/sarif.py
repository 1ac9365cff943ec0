"""Renders a check as SARIF 2.1.0, the form that code-scanning services read."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import quote

from hwcheck.codec import encode
from hwcheck.model.check import BaselineKind, Check
from hwcheck.model.finding import Finding, Location, Severity
from hwcheck.model.rule import RulePage
from hwcheck.model.run import Run
from hwcheck.report import check_summary as summary
from hwcheck.report.causes import message_lines, place_path
from hwcheck.report.escaping import visible
from hwcheck.report.rule_page import rule_markdown

__all__ = ["SCHEMA", "render"]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_PLUGIN_ROOT = "%SRCROOT%"
_HOST_ROOT = "VLLM"
_LIMIT = 2000
#: How GitHub orders alerts.
_PROBLEM_SEVERITY = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}

#: A JSON object.
Node = dict[str, object]


def render(run: Run) -> str:
    """Render one SARIF run; findings that are not listed are left out, as in every form."""
    check = summary.check_of(run)
    rules = _rules(check)
    host = check.host or "all"
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(run, rules)},
                "automationDetails": {"id": _name(f"hwcheck/{run.plugin.name}/vllm-{host}/")},
                "originalUriBaseIds": _roots(check),
                "invocations": [_invocation(run, check)],
                "results": list(_results(check, rules)),
            }
        ],
    }
    return encode(document).decode()


@dataclass(frozen=True, slots=True)
class _Shown:
    """A finding, and how it stands to the baseline and the comments in the source."""

    finding: Finding
    state: str
    is_suppressed: bool = False


def _shown(check: Check) -> Iterator[_Shown]:
    for finding in summary.listed(check.findings, check):
        yield _Shown(finding, "new")
    if check.selection.standing:
        for finding in check.standing:
            yield _Shown(finding, "unchanged")
    for finding in check.suppressed:
        yield _Shown(finding, "new", is_suppressed=True)


def _rules(check: Check) -> tuple[RulePage, ...]:
    """The pages of all rules that results name, also those of which nothing more is known."""
    known = {page.id: page for page in check.rules}
    for shown in _shown(check):
        rule = shown.finding.rule
        known.setdefault(rule, RulePage(id=rule, title=rule, severity=shown.finding.severity))
    return tuple(known[id_] for id_ in sorted(known))


def _driver(run: Run, rules: Iterable[RulePage]) -> Node:
    return {
        "name": "hwcheck",
        "version": run.environment.hwcheck,
        "rules": [_rule(page) for page in rules],
    }


def _rule(page: RulePage) -> Node:
    text = _message(" ".join(filter(None, (page.explanation, page.remedy))) or page.title)
    words = re.findall(r"\w+", page.title)
    return {
        "id": _name(page.id),
        "name": "".join(word.capitalize() for word in words) or _name(page.id),
        "shortDescription": {"text": _message(page.title)},
        "fullDescription": {"text": _message(page.explanation or page.title)},
        "help": {"text": text, "markdown": rule_markdown(page) or text},
        "defaultConfiguration": {"level": page.severity.value},
        "properties": {
            "problem.severity": _PROBLEM_SEVERITY[page.severity],
            "tags": ["compatibility", "vllm"],
        },
    }


def _roots(check: Check) -> Node:
    plugin = "the folder that the check was started in" if check.root else "the plugin's tree"
    host = f"the folder that holds vllm {check.host}" if check.host else "the folder of vllm"
    return {
        _PLUGIN_ROOT: {"description": {"text": plugin}},
        _HOST_ROOT: {"description": {"text": _message(host)}},
    }


def _invocation(run: Run, check: Check) -> Node:
    said = (
        summary.verdict_sentence(run),
        summary.baseline_sentence(check),
        summary.looked_at(check),
        *summary.left_out(check),
    )
    notes = [_notification("note", text) for text in said]
    notes += [_notification("note", _window_line(line.host, line.reasons)) for line in check.window]
    for item in check.skipped:
        note = _notification("warning", f"not read ({item.kind}): {item.detail}")
        where = Location(path=item.path, line=1)
        notes.append({**note, "locations": [{"physicalLocation": _in_plugin(check, where, None)}]})
    return {
        "executionSuccessful": check.is_complete and summary.exit_code(check) != 3,
        "exitCode": summary.exit_code(check),
        "exitCodeDescription": summary.exit_meaning(check),
        "toolExecutionNotifications": notes,
    }


def _window_line(host: str, reasons: tuple[str, ...]) -> str:
    return f"vLLM {host} does not fit: {'; '.join(reasons)}" if reasons else f"vLLM {host} fits"


def _notification(level: str, text: str) -> Node:
    return {"level": level, "message": {"text": _message(text)}}


def _results(check: Check, rules: tuple[RulePage, ...]) -> Iterator[Node]:
    indices = {page.id: index for index, page in enumerate(rules)}
    seen: Counter[str] = Counter()
    for shown in _shown(check):
        finding = shown.finding
        print_ = _fingerprint(finding)
        seen[print_] += 1
        result: Node = {
            "ruleId": _name(finding.rule),
            "ruleIndex": indices[finding.rule],
            "level": finding.severity.value,
            "message": {"text": _text(finding, check)},
            "locations": [_location(check, finding)],
            # The second is what GitHub recognises an alert by.
            "partialFingerprints": {
                "hwcheckKey/v1": f"{print_}:{seen[print_]}",
                "primaryLocationLineHash": f"{print_}:{seen[print_]}",
            },
        }
        related = list(_related(check, finding))
        if related:
            result["relatedLocations"] = related
        if check.baseline.kind is not BaselineKind.NONE:
            result["baselineState"] = shown.state
        if shown.is_suppressed:
            result["suppressions"] = [{"kind": "inSource", "status": "accepted"}]
        yield result


def _text(finding: Finding, check: Check) -> str:
    return "\n".join(_message(line) for line in message_lines(finding, check))


def _location(check: Check, finding: Finding) -> Node:
    location: Node = {"physicalLocation": _in_plugin(check, finding.where, finding.where.line)}
    if finding.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(finding.subject)}]
    return location


def _related(check: Check, finding: Finding) -> Iterator[Node]:
    places = [(_in_plugin(check, finding.where, line), "also here") for line in finding.other_lines]
    if finding.host_where is not None:
        places.append((_in_host(finding.host_where), f"vLLM: {finding.symbol}"))
    if finding.evidence is not None:
        places.append((_in_host(finding.evidence), "vLLM relies on it here"))
    for number, (place, text) in enumerate(places, 1):
        yield {"id": number, "physicalLocation": place, "message": {"text": _message(text)}}


def _in_plugin(check: Check, where: Location, line: int | None) -> Node:
    return _physical(place_path(check, where), _PLUGIN_ROOT, line)


def _in_host(where: Location) -> Node:
    return _physical(where.path, _HOST_ROOT, where.line)


def _physical(path: str, root: str, line: int | None) -> Node:
    artifact = {"uri": _uri(path), "uriBaseId": root}
    if line is None:
        return {"artifactLocation": artifact}
    return {"artifactLocation": artifact, "region": {"startLine": max(line, 1)}}


def _uri(path: str) -> str:
    # A relative reference must not start with what could be read as a scheme.
    return quote(path.encode("utf-8", "backslashreplace"), safe="/")


def _fingerprint(finding: Finding) -> str:
    key = "\0".join(finding.key).encode("utf-8", "backslashreplace")
    return blake2b(key, digest_size=8).hexdigest()


def _name(text: str) -> str:
    return visible(text, _LIMIT)


def _message(text: str) -> str:
    shown = visible(text, _LIMIT)
    # In a message of SARIF, `[text](target)` is a link.
    return re.sub(r"([\\\[\]])", r"\\\1", shown) if "](" in shown else shown
