"""The text of an issue for a contract that failed, in the form that vLLM asks of failing tests."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.run import Run
from hwcheck.report.cleaning import cleaned
from hwcheck.report.escaping import visible_lines
from hwcheck.report.markdown import template
from hwcheck.report.summary import host_name, plugin_name

__all__ = ["History", "failed_contracts", "failing_pattern", "history_of", "render_issue"]

_FAILED = (OutcomeState.BROKEN, OutcomeState.FLAKY)
_LOG_LINES = 200
_MOST_CASES = 20
_TITLE_LIMIT = 120
#: What the contract's own name makes superfluous, and what means something on one machine only.
_LEFT_OUT = re.compile(r"\s--(?:contract|profile|config|python|reruns)\s+(?:'[^']*'|\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What older runs say of a contract."""

    looked_at: int
    """How many older runs have judged it."""
    last_passing: Run | None
    first_failing: Run | None
    """The oldest run after that in which it failed; of those that were given."""


def failed_contracts(run: Run) -> tuple[str, ...]:
    """The contracts that are broken or flaky, in the order found."""
    return tuple(dict.fromkeys(item.contract for item in run.outcomes if item.state in _FAILED))


def history_of(contract: str, run: Run, older: Iterable[Run]) -> History:
    """Find when a contract passed last and failed first, in runs of the same plugin."""
    judged = [
        (item, state)
        for item in sorted(older, key=lambda item: item.started)
        if item.plugin.name == run.plugin.name
        and item.started < run.started
        and (state := _state(item, contract)) is not None
    ]
    passing = [number for number, (_, state) in enumerate(judged) if state]
    after = judged[passing[-1] + 1 :] if passing else judged
    return History(
        looked_at=len(judged),
        last_passing=judged[passing[-1]][0] if passing else None,
        first_failing=after[0][0] if after else None,
    )


def render_issue(run: Run, contract_id: str, older: Sequence[Run] = ()) -> str:
    """Render the title on the first line, an empty line, and the body.

    Everything that came from the machine is cleaned: no paths of it, no secrets, no colours.
    """
    outcomes = _failures(run, contract_id)
    contract = run.contract(contract_id)
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.reason or "no reason is known", []).append(outcome)
    return template("issue.md.j2").render(
        title=_title(run, contract_id, outcomes),
        pattern=failing_pattern(contract_id, outcomes),
        run=run,
        contract=contract,
        host=host_name(run),
        plugin=plugin_name(run),
        is_flaky=any(item.state is OutcomeState.FLAKY for item in outcomes),
        failures=[_line(item) for item in outcomes[:_MOST_CASES]],
        left=max(len(outcomes) - _MOST_CASES, 0),
        groups=[(cleaned(reason), group[0], len(group)) for reason, group in groups.items()],
        smallest=_smallest(outcomes),
        log=_log(outcomes),
        reproduce=_command(run, contract_id),
        history=history_of(contract_id, run, older),
        host_name=host_name,
        plugin_name=plugin_name,
        cleaned=cleaned,
    )


def failing_pattern(contract_id: str, outcomes: Sequence[Outcome]) -> str:
    """The ids that fail in one word: ``contract``, ``contract[case]`` or ``contract[a|b]``."""
    cases = [item.case for item in outcomes if item.case is not None]
    if not cases:
        return contract_id
    shown = "|".join(cases)
    return f"{contract_id}[{shown}]" if len(shown) <= _TITLE_LIMIT // 2 else f"{contract_id}[*]"


def _failures(run: Run, contract_id: str) -> list[Outcome]:
    return [item for item in run.outcomes if item.contract == contract_id and item.state in _FAILED]


def _state(run: Run, contract_id: str) -> bool | None:
    """Whether a contract is kept in a run; ``None`` where that was not judged."""
    states = {item.state for item in run.outcomes if item.contract == contract_id}
    if states & {OutcomeState.BROKEN, OutcomeState.FLAKY, OutcomeState.WAIVED}:
        return False
    return True if OutcomeState.PASSED in states else None


def _title(run: Run, contract_id: str, outcomes: Sequence[Outcome]) -> str:
    named = f"{plugin_name(run)} on {host_name(run)} - {failing_pattern(contract_id, outcomes)}"
    one_line = " ".join(cleaned(f"[CI Failure]: hwcheck {named}").split())
    return "".join(character for character in one_line if character.isprintable())


def _line(outcome: Outcome) -> str:
    reason = cleaned(outcome.reason or "no reason is known").strip().partition("\n")[0]
    rate = "" if outcome.reruns is None else f" ({outcome.reruns.told})"
    return f"FAILED {outcome.id} - {reason}{rate}"


def _smallest(outcomes: Sequence[Outcome]) -> str | None:
    examples = [cleaned(item.example) for item in outcomes if item.example is not None]
    return min(examples, key=lambda text: (len(text), text), default=None)


def _log(outcomes: Sequence[Outcome]) -> str:
    tails = dict.fromkeys(item.tail for item in outcomes if item.tail and item.tail.strip())
    return "\n".join(
        line for tail in tails for line in visible_lines(cleaned(tail).strip("\n"), _LOG_LINES)
    )


def _command(run: Run, contract_id: str) -> str:
    command = _LEFT_OUT.sub("", run.command) or f"hwcheck run {run.plugin.name}"
    return cleaned(f"{command} --contract {contract_id}")
