"""Examinations: an engine that gives its memory back, and serves as before when it is woken."""

from collections.abc import Iterator

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_ABILITY = Ability(words="engines that sleep", contract="family.sleep.wake-up")


@with_engine(Order(changes={"enable_sleep_mode": True}), _ABILITY)
def _wake_up(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asks = [greedy(cut(prompt, engine)) for prompt in PROMPTS[:4]]
    yield judged("before", worst(compared(engine, reference, asks, engine.first(asks))))
    engine.llm.sleep(level=1)
    engine.llm.wake_up()
    yield judged("after", worst(compared(engine, reference, asks, engine.first(asks))))


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _wake_up}
