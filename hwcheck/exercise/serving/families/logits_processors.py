"""Examinations: a class that changes logits, which the user gives to the engine."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

#: vLLM imports the class by this name.
_CLASS = "hwcheck.exercise.serving.families.forced_token:ForcedToken"
_ABILITY = Ability(words="logits processors", contract="family.logits-processors.applied")
_FORCED = {1: 77, 3: 99, 4: 200}


@with_engine(Order(changes={"logits_processors": [_CLASS]}), _ABILITY)
def _applied(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    key = import_module("hwcheck.exercise.serving.families.forced_token").KEY
    asks = [
        greedy(cut(prompt, engine), extra_args={key: _FORCED[number]} if number in _FORCED else {})
        for number, prompt in enumerate(PROMPTS[:6])
    ]
    answers = engine.first(asks)
    wrong = [
        (number, answers[number].tokens)
        for number, token in _FORCED.items()
        if set(answers[number].tokens) != {token}
    ]
    if wrong:
        number, tokens = wrong[0]
        reason = f"request {number} allows token {_FORCED[number]} alone, and gets {list(tokens)}"
        free = worst(compared(engine, reference, [asks[number]], [answers[number]]))
        refusal = Refusal.IGNORED if free.fault is None else None
        yield replace(broken(reason, "forced"), refusal=refusal)
    else:
        yield kept("forced")
    others = [number for number in range(len(asks)) if number not in _FORCED]
    chosen = [asks[number] for number in others], [answers[number] for number in others]
    yield judged("free", worst(compared(engine, reference, *chosen)))


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _applied}
