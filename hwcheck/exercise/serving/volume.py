"""Examination: of thousands of short answers none is wrong, so that what is rare is seen too."""

from collections.abc import Iterator, Sequence
from time import monotonic, process_time

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, compared, cut, greedy
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.precision import Distance
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS", "missed_rate"]

#: 1 - 0.999 ** 3000 is 0.95: as likely is one wrong answer in a thousand seen.
_ANSWERS = 3000
#: Fewer see one in a thousand with a chance below 0.63.
_FEWEST = 1000
_FEW = 250
#: Waiting at a time; between them it is seen whether the time is up.
_WAITING = 250
#: Of this process, whose machine may be busy with others; and in all, for a device that is slow.
_PROCESSOR_SECONDS, _SECONDS = 10.0, 25.0
#: All shorter than any block, so that none of them comes out of the prefix cache.
_LENGTHS = (2, 3, 5, 7)
_PROMPTS = 64
_MOST_TOKENS = 3
_UNSEEN = 0.05

_Asked = tuple[Ask, Answer]


def missed_rate(answers: int) -> float:
    """The share of wrong answers that would go unseen in so many with a chance of 0.05."""
    return float(1 - _UNSEEN ** (1 / answers))


@with_engine(CORE)
def _volume(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    wanted = _FEW if bench.is_brief else _ANSWERS
    end, busy_end = monotonic() + _SECONDS, process_time() + _PROCESSOR_SECONDS
    given: list[_Asked] = []
    while len(given) < wanted and monotonic() < end and process_time() < busy_end:
        asks = [_ask(engine, len(given) + number) for number in range(_WAITING)]
        given += zip(asks, engine.first(asks), strict=True)
    wrong = _wrong(engine, reference, given)
    figures = [
        Figure(name="answers", value=len(given)),
        Figure(name="share that 95 of 100 runs see", value=missed_rate(len(given))),
    ]
    if wrong:
        number, fault = wrong[0]
        told = f"{len(wrong)} of {len(given)} answers are wrong, first answer {number}: {fault}"
        yield broken(told, figures=figures)
    elif len(given) < min(wanted, _FEWEST):
        yield not_measured(f"{len(given)} answers in {_SECONDS:g} s say nothing of one in 1000")
    else:
        yield kept(figures=figures)


def _ask(engine: Engine, number: int) -> Ask:
    """One of a few prompts, never with the same others in the batch for long."""
    round_, row = divmod(number, _PROMPTS)
    place = (row * (2 * round_ + 1)) % _PROMPTS
    tokens = 1 + (number + round_) % _MOST_TOKENS
    prompt = random_prompt(_LENGTHS[place % len(_LENGTHS)], 600 + place)
    return greedy(cut(prompt, engine, tokens), max_tokens=tokens)


def _wrong(engine: Engine, reference: Reference, given: Sequence[_Asked]) -> list[tuple[int, str]]:
    """The numbers of the answers that are wrong, each with what is wrong with it."""
    known: dict[tuple[object, ...], Distance] = {}
    found = []
    for number, (ask, answer) in enumerate(given):
        same = (ask.prompt, ask.how["max_tokens"], answer.tokens, answer.finish)
        if same not in known:
            known[same] = compared(engine, reference, [ask], [answer])[0]
        if (fault := known[same].fault) is not None:
            found.append((number, fault))
    return found


EXAMINATIONS: dict[str, Examination] = {"generate.volume": _volume}
