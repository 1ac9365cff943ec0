"""What several examinations need first, or the verdict that follows from its absence."""

from collections.abc import Callable, Iterator
from functools import wraps

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.tiny_config import vllm_config
from hwcheck.exercise.verdicts import not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["Unprepared", "answer_of", "configuration", "prepared"]


class Unprepared(Exception):
    """An examination cannot go on; holds the case that says why."""

    def __init__(self, case: ExaminedCase) -> None:
        super().__init__(case.reason)
        self.case = case


def prepared(examination: Callable[[Bench], Iterator[ExaminedCase]]) -> Examination:
    """Make the case of `Unprepared` the last case of an examination."""

    @wraps(examination)
    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        try:
            yield from examination(bench)
        except Unprepared as stop:
            yield stop.case

    return whole


def answer_of(bench: Bench, member: str) -> object:
    """Call a member of the platform that takes no arguments.

    Raises Unprepared: this vLLM has no such member, or it raises.
    """
    ask = getattr(bench.platform, member, None)
    # What no class defines, the platform answers with None.
    if not callable(ask):
        raise Unprepared(not_applicable(f"this vLLM has no {member}()"))
    try:
        told: object = ask()
    except BaseException as error:
        raised = bench.attribution.raised(error)
        raise Unprepared(
            not_measured(
                f"{member}() raises {raised.type}: {raised.message}",
                blocked_by="platform.class-path",
            )
        ) from error
    return told


def configuration(bench: Bench, **changes: object) -> object:
    """Build the tiny configuration.

    Raises Unprepared: the platform does not let it be built.
    """
    try:
        return vllm_config(**changes)
    # Judged by worker.base; what a platform raises can be anything.
    except BaseException as error:
        raised = bench.attribution.raised(error)
        raise Unprepared(
            not_measured(
                f"no configuration of the tiny model can be built: {raised.type}: {raised.message}",
                blocked_by="worker.base",
            )
        ) from error
