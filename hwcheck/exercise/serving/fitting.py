"""Requests that fit: what a platform that rounds the room of a prompt up refuses, made shorter."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from hwcheck.exercise.failures import refuses
from hwcheck.exercise.serving.engine import Ask, Engine
from hwcheck.exercise.serving.prompts import random_prompt
from hwcheck.model.examination import ExaminedCase

__all__ = ["fitted", "prompt_unit"]

_SMALLEST_UNIT = 16


def fitted(examine: Callable[[], Iterator[ExaminedCase]], engine: Engine) -> Iterator[ExaminedCase]:
    """Examine again, with shorter prompts, where a request is refused for its length.

    Raises what the examination raises, after its cases.
    """
    cases, error = _tried(examine)
    given = engine.given
    is_refused = error is not None and refuses(error) and not engine.is_spoilt
    if is_refused and given.prompt_unit == 1 and (unit := prompt_unit(engine)) > 1:
        engine.given = replace(given, prompt_unit=unit)
        cases, error = _tried(examine)
    yield from cases
    if error is not None:
        raise error


def prompt_unit(engine: Engine) -> int:
    """Find out to multiples of how many tokens a platform rounds the room of a prompt up."""
    context, unit = engine.given.context, 1
    while unit < context:
        if _takes(engine, context - unit, unit):
            return unit
        unit = max(_SMALLEST_UNIT, 2 * unit)
    return 1


def _takes(engine: Engine, prompt: int, new: int) -> bool:
    how = {"temperature": 0.0, "max_tokens": new}
    try:
        engine.abort(engine.add([Ask(prompt=random_prompt(prompt, 8), how=how)]))
    # A refusal can be any exception; which it is was judged before.
    except Exception:
        return False
    return True


def _tried(
    examine: Callable[[], Iterator[ExaminedCase]],
) -> tuple[list[ExaminedCase], Exception | None]:
    cases: list[ExaminedCase] = []
    try:
        # One by one, because those before an exception count.
        for case in examine():
            cases.append(case)
    except Exception as error:
        return cases, error
    return cases, None
