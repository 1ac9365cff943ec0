"""The steps of a child that examines: activate as vLLM does, then one step a contract."""

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.catalogue import PATIENCE, examinations_of
from hwcheck.exercise.children import SERVING
from hwcheck.exercise.device_presence import finds_no_device
from hwcheck.exercise.verdicts import not_measured
from hwcheck.model.examination import Examined, ExaminedCase
from hwcheck.model.observation import Answer, StepName
from hwcheck.probe.activation import activate
from hwcheck.probe.messages import Request
from hwcheck.probe.session import Session

__all__ = ["examine", "run_examinations"]


def run_examinations(session: Session) -> None:
    """Activate the plugin, or in a control nothing, and judge the contracts that were asked for.

    Raises StepFailed: vLLM cannot be imported, or resolving the platform fails.
    """
    platform = activate(session)
    if platform is not None:
        examine(session, platform)


def examine(session: Session, platform: object) -> None:
    """Judge the contracts that were asked for, one step each."""
    request = session.request
    # It may import large parts of vLLM, and goes through many examples.
    limit = session.import_limit * PATIENCE.get(request.child, 1.0)
    bench = Bench(
        platform=platform,
        attribution=session.attribution,
        host_version=request.host_version,
        seed=request.seed,
        control=request.control,
        limit=limit,
        demonstrated=request.demonstrated,
        most_engines=request.most_engines,
        model=Path(request.model) if request.model else None,
        head_size=request.head_size,
    )
    known = examinations_of(request.child)
    # What spoils or replaces what others share is last in the catalogue.
    order = list(known)
    with bench.ending:
        for contract in sorted(request.examinations, key=order.index):
            session.attempt(
                StepName.EXAMINE,
                partial(
                    _examined,
                    bench,
                    contract,
                    _fitting(request, contract, known[contract]),
                    is_brief=contract in request.brief,
                ),
                contract,
                limit=limit,
            )
            # At once: a later examination may take the process along.
            for name, answer in bench.news:
                session.attempt(name, partial(_told, answer), contract)
            bench.news.clear()


def _told(answer: Answer) -> Answer:
    return answer


def _fitting(request: Request, contract: str, examination: Examination) -> Examination:
    """The examination, or on a model that is not for it one that says so."""
    if not request.model or request.child not in SERVING:
        return examination
    # It is about engines, and what it imports is theirs.
    reason = import_module("hwcheck.exercise.serving.given_model").beyond(contract)
    return examination if reason is None else lambda bench: (not_measured(reason),)


def _examined(bench: Bench, contract: str, examination: Examination, *, is_brief: bool) -> Examined:
    bench.contract, bench.examples, bench.is_brief = contract, 0, is_brief
    cases = tuple(_cases(bench, examination))
    return Examined(cases=cases, examples=bench.examples)


def _cases(bench: Bench, examination: Examination) -> Iterator[ExaminedCase]:
    try:
        yield from examination(bench)
    except BaseException as error:
        if not finds_no_device(error):
            raise
        raised = bench.attribution.raised(error)
        yield not_measured(f"{raised.type}: {raised.message}", needs_device=True)
