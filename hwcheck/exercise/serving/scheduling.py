"""Examinations: requests that come, go and wait while others are served."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import CORE, compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.prompts import PROMPTS, random_prompt
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import with_engine
from hwcheck.exercise.serving.step_proofs import amid_answers, pieces, watched_steps
from hwcheck.exercise.verdicts import broken, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["EXAMINATIONS"]

#: Steps between two groups of requests, so that the earlier ones are in their answers.
_APART = 3
_NEW = 16


@with_engine(CORE)
def _staggered(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    if engine.given.requests < 2:
        yield not_applicable("the plugin serves one request at a time")
        return
    engine.forget()
    asked = [_ask(prompt, engine) for prompt in PROMPTS]
    with watched_steps(engine) as steps:
        names, answers = _served_in_groups(engine, (asked[:2], asked[2:5], asked[5:]))
    amid = amid_answers(steps, _work(names, asked, answers))
    case = judged("", worst(compared(engine, reference, asked, answers)))
    yield _proven(case, "steps on prompts amid answers", amid)
    engine.forget()


@with_engine(CORE)
def _chunked_prefill(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    given = engine.given
    length = given.room(_NEW)
    if not given.has_chunked_prefill:
        yield not_applicable("the plugin turned chunked prefill off")
        return
    if length <= given.step_tokens:
        yield not_applicable(
            f"no prompt is longer than a step: a context of {given.context}, "
            f"{given.step_tokens} tokens a step"
        )
        return
    for seed, name, others in ((4, "alone", []), (5, "beside-answers", [_ask(PROMPTS[0], engine)])):
        # Another prompt each time, so that none of it comes out of the cache.
        asked = [*others, _ask(random_prompt(length, seed), engine)]
        with watched_steps(engine) as steps:
            names, answers = _served_in_groups(engine, (others, asked[len(others) :]))
        work = length - answers[-1].cached
        case = judged(name, worst(compared(engine, reference, asked, answers)))
        yield _in_pieces(case, pieces(steps, names[-1], work), given.step_tokens)
    engine.forget()


def _in_pieces(case: ExaminedCase, found: Sequence[int], most: int) -> ExaminedCase:
    """Add to a verdict on tokens whether the prompt really was worked on in pieces."""
    figures = (*case.figures, Figure(name="pieces", value=len(found)))
    if max(found) > most:
        reason = f"a step of {most} tokens at most worked on {max(found)} tokens of the prompt"
        case = broken(reason, case.name)
        return replace(case, figures=figures, refusal=Refusal.IGNORED)
    if len(found) == 1:
        return not_measured("most of the prompt came out of the cache", case.name)
    return replace(case, figures=figures)


def _ask(prompt: Sequence[int], engine: Engine) -> Ask:
    return greedy(cut(prompt, engine, _NEW), max_tokens=_NEW)


def _work(names: Sequence[str], asked: Sequence[Ask], answers: Sequence[Answer]) -> dict[str, int]:
    """How many tokens of each prompt were not in the cache."""
    each = zip(names, asked, answers, strict=True)
    return {name: len(ask.prompt) - answer.cached for name, ask, answer in each}


def _served_in_groups(
    engine: Engine, groups: Sequence[Sequence[Ask]]
) -> tuple[list[str], list[Answer]]:
    """Serve groups of requests, each some steps after the one before."""
    names: list[str] = []
    done: dict[str, list[Answer]] = {}
    try:
        for group in groups:
            names += engine.add(group)
            for _ in range(_APART):
                done |= engine.step()
    except BaseException:
        engine.abort(names)
        raise
    done |= engine.run()
    return names, [done[name][0] for name in names]


def _proven(case: ExaminedCase, what: str, count: int) -> ExaminedCase:
    """Take back a verdict on something that did not happen."""
    if not count:
        return not_measured(f"none was seen: {what}", case.name)
    return replace(case, figures=(*case.figures, Figure(name=what, value=count)))


EXAMINATIONS: dict[str, Examination] = {
    "scheduling.staggered": _staggered,
    "scheduling.chunked-prefill": _chunked_prefill,
}
