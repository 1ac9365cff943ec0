"""Examination: of thousands of short answers none is wrong, so that what is rare is seen too."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, process_time

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, compared, cut, greedy
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.precision import Distance
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.exercise.serving.reference_client import Array, Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS", "missed_rate", "volume_judged"]

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


class _Told:
    """What the reference says, of every sequence of tokens once."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._rows: dict[tuple[int, ...], Array] = {}

    def learn(self, given: Sequence[_Asked]) -> None:
        """Ask for what is not known; the longest first, which hold what begins as they do."""
        whole = {(*ask.prompt, *answer.tokens) for ask, answer in given}
        for tokens in sorted(whole, key=len, reverse=True):
            self.logprobs(tokens)

    def logprobs(self, tokens: Sequence[int]) -> Array:
        """Return log-probabilities, a row a position."""
        whole = tuple(tokens)
        if whole not in self._rows:
            rows = self._reference.logprobs(whole)
            for end in range(1, len(whole) + 1):
                self._rows.setdefault(whole[:end], rows[:end])
        return self._rows[whole]


def missed_rate(answers: int) -> float:
    """The share of wrong answers that would go unseen in so many with a chance of 0.05."""
    return float(1 - _UNSEEN ** (1 / answers))


@with_engine(CORE)
def _volume(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    yield volume_judged(engine, reference, _FEW if bench.is_brief else _ANSWERS)


def volume_judged(engine: Engine, reference: Reference, wanted: int) -> ExaminedCase:
    """Serve so many answers, or as many as there is time for, and judge each of them."""
    end, busy_end = monotonic() + _SECONDS, process_time() + _PROCESSOR_SECONDS
    given: list[_Asked] = []
    known = _Told(reference)
    # The reference is another process: it computes while the engine serves the next ones.
    with ThreadPoolExecutor(1) as beside:
        learning: list[Future[None]] = []
        while len(given) < wanted and monotonic() < end and process_time() < busy_end:
            asks = [_ask(engine, len(given) + number) for number in range(_WAITING)]
            more = list(zip(asks, engine.first(asks), strict=True))
            learning.append(beside.submit(known.learn, more))
            given += more
        for future in learning:
            future.result()
    wrong = _wrong(engine, known, given)
    figures = [
        Figure(name="answers", value=len(given)),
        Figure(name="share that 95 of 100 runs see", value=missed_rate(len(given))),
    ]
    if wrong:
        number, fault = wrong[0]
        told = f"{len(wrong)} of {len(given)} answers are wrong, first answer {number}: {fault}"
        return broken(told, figures=figures)
    if len(given) < min(wanted, _FEWEST):
        return not_measured(f"{len(given)} answers in {_SECONDS:g} s say nothing of one in 1000")
    return kept(figures=figures)


def _ask(engine: Engine, number: int) -> Ask:
    """One of a few prompts, never with the same others in the batch for long."""
    round_, row = divmod(number, _PROMPTS)
    place = (row * (2 * round_ + 1)) % _PROMPTS
    tokens = 1 + (number + round_) % _MOST_TOKENS
    prompt = random_prompt(_LENGTHS[place % len(_LENGTHS)], 600 + place)
    return greedy(cut(prompt, engine, tokens), max_tokens=tokens)


def _wrong(engine: Engine, told: _Told, given: Sequence[_Asked]) -> list[tuple[int, str]]:
    """The numbers of the answers that are wrong, each with what is wrong with it."""
    seen: dict[tuple[object, ...], Distance] = {}
    found = []
    for number, (ask, answer) in enumerate(given):
        same = (ask.prompt, ask.how["max_tokens"], answer.tokens, answer.finish)
        if same not in seen:
            seen[same] = compared(engine, told, [ask], [answer])[0]
        if (fault := seen[same].fault) is not None:
            found.append((number, fault))
    return found


EXAMINATIONS: dict[str, Examination] = {"generate.volume": _volume}
