"""Examinations: two engines with the whole model each, behind one client."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import refuses
from hwcheck.exercise.preparation import Unprepared, prepared
from hwcheck.exercise.serving.asking import NEW_TOKENS, compared, greedy, judged, worst
from hwcheck.exercise.serving.engine import Ask
from hwcheck.exercise.serving.leftovers import Holdings, held_now
from hwcheck.exercise.serving.parallel.departure import judged_departure
from hwcheck.exercise.serving.parallel.devices import WORKERS, with_devices
from hwcheck.exercise.serving.parallel.meeting_place import with_meeting_place
from hwcheck.exercise.serving.parallel.replicas import Replicas
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.ran import seen
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import (
    SMALL_BLOCK,
    Ability,
    Order,
    again,
    charged,
    serving,
)
from hwcheck.exercise.serving.workers import rank_of, worker_of
from hwcheck.exercise.starts import Starting
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_ABILITY = Ability(words="two engines that share requests", contract="family.data-parallel.greedy")
_ORDER = Order(changes={"data_parallel_size": WORKERS})
_SHARED = "data-parallel"


class _Running:
    """The engines of this child, started once."""

    def __init__(self, bench: Bench) -> None:
        self.before: Holdings = held_now()
        self.failure: ExaminedCase | None = None
        self._replicas: Replicas | None = None
        shared = serving(bench)
        # One engine at a time: that of another family has its memory.
        shared.stop()
        shared.others.begin()
        try:
            self._replicas = _started(bench)
        # Starting runs most of the plugin; judged by the contract about it.
        except BaseException as error:
            self.failure = shared.failed_start(error, _ABILITY)

    def replicas(self) -> Replicas:
        """The engines that run.

        Raises Unprepared: they have ended, or never began.
        """
        if self._replicas is None:
            raise Unprepared(not_measured("the engines have ended", blocked_by=_ABILITY.contract))
        return self._replicas

    def stop(self) -> None:
        """End them, if they run."""
        replicas, self._replicas = self._replicas, None
        if replicas is not None:
            replicas.stop()


def _started(bench: Bench) -> Replicas:
    shared = serving(bench)
    checkpoint, arguments = shared.checkpoint(_ORDER.recipe), shared.arguments(_ORDER)
    try:
        return Replicas(checkpoint, {**arguments, "block_size": SMALL_BLOCK})
    # The attention of a device may take other sizes only; the platform knows which.
    except Exception as error:
        if not refuses(error):
            raise
    return Replicas(checkpoint, arguments)


def _running(bench: Bench) -> _Running:
    held = bench.shared.get(_SHARED)
    if held is None:
        held = bench.shared[_SHARED] = _Running(bench)
        assert isinstance(held, _Running)
        bench.ending.callback(held.stop)
        if held.failure is not None:
            raise Unprepared(charged(bench, held.failure, _ABILITY))
    assert isinstance(held, _Running)
    if held.failure is not None:
        raise Unprepared(again(held.failure, _ABILITY))
    return held


def _with_replicas(
    examine: Callable[[Bench, Replicas, Reference], Iterator[ExaminedCase]],
) -> Examination:
    @with_devices
    @with_meeting_place
    @prepared
    @wraps(examine)
    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        replicas = _running(bench).replicas()
        try:
            yield from examine(bench, replicas, serving(bench).reference(_ORDER.recipe))
        except TimeoutError as error:
            yield broken(f"no answer in time {error}".strip())

    return Starting(examine=whole, wants=(_ORDER.words,))


@_with_replicas
def _greedy(bench: Bench, replicas: Replicas, reference: Reference) -> Iterator[ExaminedCase]:
    room = max(1, replicas.given.context - NEW_TOKENS)
    asks = [greedy(prompt[:room]) for prompt in PROMPTS]
    for rank in range(WORKERS):
        yield _judged(f"rank-{rank}", replicas, reference, asks[rank::WORKERS], rank)
    yield _judged("shared-out", replicas, reference, asks, None)


def _judged(
    name: str, replicas: Replicas, reference: Reference, asks: list[Ask], rank: int | None
) -> ExaminedCase:
    answers = replicas.first(asks, rank)
    return judged(name, worst(compared(replicas, reference, asks, answers)))


@_with_replicas
def _ranks(bench: Bench, replicas: Replicas, reference: Reference) -> Iterator[ExaminedCase]:
    try:
        ranks = replicas.ask_workers(rank_of)
        workers = replicas.ask_workers(worker_of)
    # An executor of the plugin's own need not carry functions to its workers.
    except Exception as error:
        yield not_measured(f"the workers cannot be asked: {error}", "world")
    else:
        serving(bench).note(
            seen(
                # Each is the first of its own engine.
                [replace(item, rank=number) for number, item in enumerate(workers)],
                model=_ORDER.recipe.kind,
                config=replicas.config,
                scheduler=None,
                attribution=bench.attribution,
            )
        )
        processes = {item.process for item in ranks}
        if len(processes) == WORKERS == len(ranks):
            yield kept("world", figures=[Figure(name="workers", value=len(ranks))])
        else:
            reason = f"{len(ranks)} workers in {len(processes)} processes answer, not {WORKERS}"
            yield broken(reason, "world")
    before = replicas.finished()
    for rank in range(WORKERS):
        replicas.first([greedy(PROMPTS[rank], max_tokens=1)] * (rank + 1), rank)
    now = replicas.finished()
    added = {name: count - before.get(name, 0.0) for name, count in sorted(now.items())}
    if sorted(added.values()) == [float(rank + 1) for rank in range(WORKERS)]:
        yield kept("work")
    else:
        yield broken(f"of one request for the first and two for the second, {added}", "work")


@_with_replicas
def _stop(bench: Bench, replicas: Replicas, reference: Reference) -> Iterator[ExaminedCase]:
    running = _running(bench)
    try:
        ranks = replicas.ask_workers(rank_of)
    except Exception as error:
        yield not_measured(f"the workers cannot be asked: {error}")
        return
    during = replicas.present([item.process for item in ranks])
    patience = replicas.patience
    del replicas
    yield from judged_departure(during, running.before, running.stop, patience=patience)


EXAMINATIONS: dict[str, Examination] = {
    "family.data-parallel.greedy": _greedy,
    "family.data-parallel.ranks": _ranks,
    # It stops the engines.
    "family.data-parallel.stop": _stop,
}
