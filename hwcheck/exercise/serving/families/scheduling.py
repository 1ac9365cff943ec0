"""Examinations: steps that are planned while the one before runs."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import not_applicable
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

_ABILITY = Ability(words="asynchronous steps", contract="family.async-scheduling.greedy")


@with_engine(Order(changes={"async_scheduling": True}), _ABILITY)
def _greedy(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    if not engine.config.scheduler_config.async_scheduling:
        reason = "async_scheduling=True is switched off in the configuration"
        yield replace(not_applicable(reason), refusal=Refusal.CLEAN)
        return
    for name, prompts in (("one", PROMPTS[:1]), ("batch", PROMPTS)):
        # Their ends come at different steps, which is where plans made ahead go wrong.
        asks = [
            greedy(cut(prompt, engine), max_tokens=24 - number)
            for number, prompt in enumerate(prompts)
        ]
        answers = engine.first(asks)
        yield judged(name, worst(compared(engine, reference, asks, answers)))


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _greedy}
