"""Examinations: the tokens and log-probabilities of one engine, against the reference."""

from collections.abc import Iterator, Mapping, Sequence

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, cut, greedy, judged, served_greedily, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.precision import TOLERANCES, compare_logprobs
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_REPEATS = 3


@with_engine(CORE)
def _start(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    given = engine.given
    yield kept(
        figures=[
            Figure(name="context", value=given.context),
            Figure(name="requests at a time", value=given.requests),
            Figure(name="tokens a step", value=given.step_tokens),
            Figure(name="tokens a block", value=given.block_size),
        ]
    )


@with_engine(CORE)
def _greedy(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    for name, prompts in (("one", PROMPTS[:1]), ("batch", PROMPTS)):
        yield served_greedily(name, engine, reference, prompts)


@with_engine(CORE)
def _logprobs(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asked = [greedy(cut(prompt, engine), logprobs=3) for prompt in PROMPTS]
    distances = []
    for ask, answer in zip(asked, engine.first(asked), strict=True):
        told = answer.logprobs or ()
        if len(told) != len(answer.tokens) or any(len(entry) < 3 for entry in told):
            yield broken(f"logprobs=3 gives {[len(entry) for entry in told]} for the tokens")
            return
        rows = reference.logprobs((*ask.prompt, *answer.tokens))
        start = len(ask.prompt) - 1
        distances.append(compare_logprobs(told, rows, start, engine.given.dtype))
    yield judged("", worst(distances))


@with_engine(CORE)
def _prompt_logprobs(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asked = [greedy(cut(prompt, engine), prompt_logprobs=2, max_tokens=1) for prompt in PROMPTS]
    distances = []
    for ask, answer in zip(asked, engine.first(asked), strict=True):
        told = answer.prompt_logprobs or ()
        if len(told) != len(ask.prompt) or any(entry is None for entry in told[1:]):
            yield broken(
                f"prompt_logprobs=2 gives {len(told)} entries for a prompt of {len(ask.prompt)}"
            )
            return
        rows = reference.logprobs(ask.prompt)
        distances.append(compare_logprobs(told[1:], rows, 0, engine.given.dtype))
    yield judged("", worst(distances))


@with_engine(CORE)
def _determinism(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asked = [greedy(cut(prompt, engine), logprobs=1) for prompt in PROMPTS]
    first = engine.first(asked)
    for _ in range(_REPEATS - 1):
        engine.forget()
        again = engine.first(asked)
        for number, (one, other) in enumerate(zip(first, again, strict=True)):
            if one.tokens != other.tokens:
                yield broken(
                    f"the same batch gives {list(one.tokens)} and then {list(other.tokens)} "
                    f"for request {number}"
                )
                return
    yield kept()


@with_engine(CORE)
def _batch_invariance(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asked = [greedy(cut(prompt, engine), logprobs=1) for prompt in PROMPTS]
    together = engine.first(asked)
    engine.forget()
    alone = [engine.first([ask])[0] for ask in asked]
    pairs = zip(together, alone, strict=True)
    limit = 2 * TOLERANCES[engine.given.dtype]
    largest = max(_apart(one.logprobs or (), two.logprobs or ()) for one, two in pairs)
    distance = Figure(name="largest distance of log-probabilities", value=largest, limit=limit)
    if largest <= limit:
        yield kept(figures=[distance])
    else:
        yield broken(
            f"log-probabilities differ by up to {largest:.3g} between a batch of {len(asked)} "
            "and each request alone",
            figures=[distance],
        )


def _apart(one: Sequence[Mapping[int, float]], other: Sequence[Mapping[int, float]]) -> float:
    """The largest distance up to the first token that differs."""
    largest = 0.0
    for left, right in zip(one, other, strict=False):
        shared = left.keys() & right.keys()
        largest = max([largest, *(abs(left[token] - right[token]) for token in shared)])
        if left.keys() != right.keys():
            break
    return largest


EXAMINATIONS: dict[str, Examination] = {
    "engine.start": _start,
    "generate.greedy": _greedy,
    "generate.logprobs": _logprobs,
    "generate.prompt-logprobs": _prompt_logprobs,
    "generate.determinism": _determinism,
    "generate.batch-invariance": _batch_invariance,
}
