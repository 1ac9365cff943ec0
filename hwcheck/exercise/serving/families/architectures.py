"""Examinations: models with experts, and with a window over what they attend to."""

from collections.abc import Iterator

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import served_greedily
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import EXPERTS, WINDOW
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]


def _greedy(order: Order, ability: Ability) -> Examination:
    @with_engine(order, ability)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        for name, prompts in (("one", PROMPTS[4:5]), ("batch", PROMPTS)):
            yield served_greedily(name, engine, reference, prompts)

    return examine


_EXPERTS = Ability(words="models with experts", contract="family.experts.greedy")
_WINDOW = Ability(words="models with a sliding window", contract="family.sliding-window.greedy")

EXAMINATIONS: dict[str, Examination] = {
    _WINDOW.contract: _greedy(Order(recipe=WINDOW), _WINDOW),
    _EXPERTS.contract: _greedy(Order(recipe=EXPERTS), _EXPERTS),
}
