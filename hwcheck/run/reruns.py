"""Examining failed contracts again, to tell what is broken from what is flaky."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from hwcheck.model.outcome import Outcome, OutcomeState, Reruns
from hwcheck.model.record import RecordLine
from hwcheck.run.suite import SuiteEnd, SuiteRequest, run_suite

__all__ = ["with_reruns"]

#: States in which a rerun has said something of a case.
_JUDGED = frozenset({OutcomeState.BROKEN, OutcomeState.PASSED})

Rerun = Callable[[SuiteRequest, Callable[[RecordLine], None]], SuiteEnd]


def with_reruns(
    end: SuiteEnd,
    request: SuiteRequest,
    times: int,
    say: Callable[[str], None],
    *,
    rerun: Rerun = run_suite,
) -> SuiteEnd:
    """Run the contracts that failed again, so many times, each time in fresh children.

    A case that passes in any of them is flaky; all that were judged again tell their rate. The
    seed is the same, so that what differs is not in the examples. An interruption ends it, and the
    run is then not complete.
    """
    failed = _failed(end.lines)
    if not failed or end.interrupted:
        return end
    judged: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    interrupted = False
    for number in range(1, times + 1):
        say(f"rerun {number} of {times}: {', '.join(failed)}")
        again = rerun(_request(request, failed, number), lambda line: None)
        for id_, state in _worst(again.lines).items():
            judged[id_] += state in _JUDGED
            broken[id_] += state is OutcomeState.BROKEN
        if again.interrupted:
            interrupted = True
            break
    return replace(
        end,
        lines=tuple(_told(line, judged, broken) for line in end.lines),
        interrupted=interrupted,
    )


def _failed(lines: Iterable[RecordLine]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            line.outcome.contract
            for line in lines
            if line.outcome is not None and line.outcome.state is OutcomeState.BROKEN
        )
    )


def _request(request: SuiteRequest, failed: tuple[str, ...], number: int) -> SuiteRequest:
    return replace(
        request,
        # Named, a contract is run whatever its group and profile.
        conditions=replace(request.conditions, contracts=failed),
        directory=request.directory / f"rerun-{number}",
    )


def _worst(lines: Iterable[RecordLine]) -> dict[str, OutcomeState]:
    """The state of each case; the end of a test can fail after the test itself has passed."""
    found: dict[str, OutcomeState] = {}
    for line in lines:
        outcome = line.outcome
        if outcome is not None and found.get(outcome.id) in (None, OutcomeState.PASSED):
            found[outcome.id] = outcome.state
    return found


def _told(line: RecordLine, judged: Counter[str], broken: Counter[str]) -> RecordLine:
    outcome = line.outcome
    if outcome is None or outcome.state is not OutcomeState.BROKEN or not judged[outcome.id]:
        return line
    reruns = Reruns(times=judged[outcome.id], failed=broken[outcome.id])
    return replace(line, outcome=_classified(outcome, reruns))


def _classified(outcome: Outcome, reruns: Reruns) -> Outcome:
    state = OutcomeState.FLAKY if reruns.failed < reruns.times else OutcomeState.BROKEN
    return replace(outcome, state=state, reruns=reruns)
