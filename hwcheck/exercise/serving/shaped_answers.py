"""Judge greedy answers to requests that change the logits, step by step against the reference."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.precision import TOLERANCES, Distance, compare_tokens
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import Array, Change, changed_rows
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["Changed", "judge_changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A greedy request, and what it does to the logits."""

    ask: Ask
    change: Change | None = None
    """Nothing, where it stands in the batch only to be left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    distance: Distance
    telling: int
    """Tokens that the reference chooses only because of the change."""
    is_ignored: bool
    """Whether the answer is that of a request without the change."""


def judge_changed(
    name: str,
    engine: Engine,
    reference: Reference,
    asked: Sequence[Changed],
    answers: Sequence[Answer] | None = None,
) -> ExaminedCase:
    """Serve such requests at once, unless they have been, and compare each token of each answer."""
    served = engine.first([item.ask for item in asked]) if answers is None else answers
    found = [
        _found(item, answer, reference, engine.given.dtype)
        for item, answer in zip(asked, served, strict=True)
    ]
    figures = [max((item.distance for item in found), key=lambda one: one.largest).figure]
    wrong = [item for item in found if item.distance.fault is not None]
    if wrong:
        case = broken(f"{wrong[0].distance.fault}", name, figures=figures)
        is_ignored = all(item.is_ignored for item in wrong)
        return replace(case, refusal=Refusal.IGNORED) if is_ignored else case
    if not any(item.telling for item in found):
        return not_measured("no answer of the reference depends on the parameter", name)
    return kept(name, figures=figures)


def _found(item: Changed, answer: Answer, reference: Reference, dtype: str) -> _Found:
    prompt, tokens = item.ask.prompt, answer.tokens
    rows = reference.logits((*prompt, *tokens))
    if item.change is None:
        plain = compare_tokens(prompt, tokens, rows, dtype)
        return _Found(distance=plain, telling=0, is_ignored=False)
    changed = changed_rows(rows, prompt, tokens, item.change)
    distance = compare_tokens(prompt, tokens, changed, dtype)
    for number, token in enumerate(tokens):
        if np.isneginf(changed[len(prompt) + number - 1][token]):
            fault = f"token {number} is {token}, which must not come"
            distance = replace(distance, fault=fault)
            break
    return _Found(
        distance=distance,
        telling=_telling(rows, changed, len(prompt), len(tokens), dtype),
        is_ignored=compare_tokens(prompt, tokens, rows, dtype).fault is None,
    )


def _telling(rows: Array, changed: Array, start: int, count: int, dtype: str) -> int:
    places = np.arange(start - 1, start - 1 + count)
    plain = rows[places].argmax(axis=-1)
    behind = changed[places].max(axis=-1) - changed[places, plain]
    return int((behind > 2 * TOLERANCES[dtype]).sum())
