"""What the matrix keeps of each run, so that a cell leads to its evidence."""

from collections.abc import Collection, Iterator, Sequence

from hwcheck.matrix.fold import Placed
from hwcheck.matrix.versions import version_key
from hwcheck.model.matrix import MatrixContract, MatrixRun, OutcomeSeen
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.run import Run

__all__ = ["contracts_of", "matrix_run"]

_LONGEST_REASON = 400
_TOLD = (
    OutcomeState.BROKEN,
    OutcomeState.FLAKY,
    OutcomeState.WAIVED,
    OutcomeState.HARNESS_ERROR,
)


def matrix_run(item: Placed, deciding: Collection[str]) -> MatrixRun:
    """Shorten a run; `deciding` are the ids of those that cells rest on."""
    run = item.run
    return MatrixRun(
        id=item.stored.id,
        plugin=item.plugin,
        version=run.plugin.version or "",
        host=item.host,
        environment=run.environment,
        device=", ".join(sorted({engine.device for engine in run.engines})),
        started=run.started,
        seconds=run.seconds,
        complete=run.complete,
        profiles=run.profiles,
        command=run.command,
        stale=item.stale,
        superseded=item.stored.id not in deciding,
        is_stubbed=run.stubbed is not None,
        failures=tuple(_failures(run)),
    )


def contracts_of(items: Sequence[Placed], mentioned: Collection[str]) -> tuple[MatrixContract, ...]:
    """The contracts of the outcomes that are mentioned, in the words of the newest hwcheck."""
    wanted = {id_.partition("[")[0] for id_ in mentioned}
    found: dict[str, MatrixContract] = {}
    newest_last = sorted(
        items, key=lambda item: (version_key(item.run.environment.hwcheck), item.run.started)
    )
    for item in newest_last:
        for contract in item.run.contracts:
            found[contract.id] = MatrixContract(
                id=contract.id,
                profile=contract.profile,
                title=contract.title,
                remedy=contract.remedy,
            )
    return tuple(found[id_] for id_ in sorted(wanted.intersection(found)))


def _failures(run: Run) -> Iterator[OutcomeSeen]:
    for outcome in sorted(run.outcomes, key=lambda item: (item.state, item.id)):
        if outcome.state in _TOLD:
            yield _seen(outcome)


def _seen(outcome: Outcome) -> OutcomeSeen:
    return OutcomeSeen(
        id=outcome.id,
        state=outcome.state,
        cause=outcome.cause or "",
        reason=_shortened(outcome.reason or ""),
        where="" if outcome.place is None else f"{outcome.place.file}:{outcome.place.line}",
    )


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"
