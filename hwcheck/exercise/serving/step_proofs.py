"""What the steps of an engine prove: which requests were worked on together, and in pieces."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from hwcheck.exercise.preparation import Unprepared
from hwcheck.exercise.serving.engine import Engine, Step
from hwcheck.exercise.verdicts import not_measured

__all__ = ["amid_answers", "free_blocks", "pieces", "settled_blocks", "share", "watched_steps"]

#: Steps after the last answer in which a scheduler that plans ahead may still hold blocks.
_MOST_IDLE_STEPS = 4


@contextmanager
def watched_steps(engine: Engine) -> Iterator[list[Step]]:
    """Note the steps that are made meanwhile.

    Raises Unprepared: they are not to be seen.
    """
    watching = engine.watched()
    try:
        steps = watching.__enter__()
    except LookupError as error:
        raise Unprepared(not_measured(str(error))) from error
    try:
        yield steps
    finally:
        watching.__exit__(None, None, None)


def share(step: Step, name: str) -> int:
    """Tokens that one step gave to a request."""
    # Newer releases of vLLM add letters to the name, so that no two requests have the same.
    own = (key for key in step.tokens if key == name or key.startswith(f"{name}-"))
    return sum(step.tokens[key] for key in own)


def pieces(steps: Sequence[Step], name: str, count: int) -> list[int]:
    """How many of a request's first `count` tokens each step that had any worked on."""
    found: list[int] = []
    for step in steps:
        left = count - sum(found)
        if left > 0 and (given := share(step, name)):
            found.append(min(given, left))
    return found


def amid_answers(steps: Sequence[Step], counts: Mapping[str, int]) -> int:
    """How many steps worked on one request's prompt, with another in the midst of its answer.

    The other's answer goes on in the same step, or after it: some schedulers give a step to one
    prompt alone. `counts` holds, by request, how many tokens of the prompt had to be worked on.
    """
    prompts: dict[str, list[int]] = {name: [] for name in counts}
    answers: dict[str, list[int]] = {name: [] for name in counts}
    done = dict.fromkeys(counts, 0)
    for number, step in enumerate(steps):
        for name, count in counts.items():
            if given := share(step, name):
                (prompts if done[name] < count else answers)[name].append(number)
                done[name] += given
    spans = [
        range(prompts[name][-1] + 1, answers[name][-1] + 1)
        for name in counts
        if prompts[name] and answers[name]
    ]
    worked = sorted({number for numbers in prompts.values() for number in numbers})
    return sum(any(number in span for span in spans) for number in worked)


def settled_blocks(engine: Engine, wanted: int) -> int:
    """How many blocks are free when the engine has nothing more to do; `wanted` should be.

    Raises Unprepared: they are not to be seen.
    """
    for _ in range(_MOST_IDLE_STEPS):
        if (free := free_blocks(engine)) == wanted:
            break
        engine.step()
    return free


def free_blocks(engine: Engine) -> int:
    """How many blocks are free.

    Raises Unprepared: they are not to be seen.
    """
    free = engine.free_blocks()
    if free is None:
        raise Unprepared(not_measured("the blocks of the scheduler's cache are not to be seen"))
    return free
