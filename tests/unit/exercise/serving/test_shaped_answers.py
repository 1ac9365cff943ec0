"""Greedy answers to requests that change the logits."""

from types import SimpleNamespace

import numpy as np
import pytest

from hwcheck.exercise.serving.engine import Answer, Ask
from hwcheck.exercise.serving.row_changes import biased, only
from hwcheck.exercise.serving.shaped_answers import Changed, judge_changed
from hwcheck.model.examination import CaseState
from hwcheck.model.outcome import Refusal

#: After whatever token, 1 is the likeliest, then 2, then 3.
ROW = np.log(np.array([0.05, 0.5, 0.3, 0.15]))
ENGINE = SimpleNamespace(given=SimpleNamespace(dtype="float32"))
REFERENCE = SimpleNamespace(logits=lambda tokens: np.stack([ROW] * len(tokens)))
ASK = Ask(prompt=(0, 0))
TO_TWO = biased({2: 5.0})


def judged(change, tokens):
    answer = Answer(
        tokens=tokens,
        text="",
        finish="length",
        stop=None,
        logprobs=None,
        prompt_logprobs=None,
        cached=0,
    )
    return judge_changed("case", ENGINE, REFERENCE, [Changed(ask=ASK, change=change)], [answer])


@pytest.mark.parametrize(
    ("change", "tokens", "state", "refusal"),
    [
        (TO_TWO, (2, 2), CaseState.KEPT, None),
        (TO_TWO, (1, 1), CaseState.BROKEN, Refusal.IGNORED),
        (TO_TWO, (2, 3), CaseState.BROKEN, None),
        (None, (1, 2), CaseState.BROKEN, None),
    ],
)
def test_answer_is_that_of_the_changed_logits(change, tokens, state, refusal):
    """
    An answer without any trace of the change is one in which it was ignored.
    """
    case = judged(change, tokens)

    assert (case.state, case.refusal) == (state, refusal)


@pytest.mark.parametrize("change", [None, biased({3: 0.01})])
def test_change_without_a_consequence_shows_nothing(change):
    """
    Where the reference would choose the same tokens anyway, the answer proves nothing.
    """
    assert judged(change, (1, 1)).state is CaseState.NOT_MEASURED


def test_forbidden_token_is_told():
    """
    What must not come at all is told without a distance.
    """
    assert judged(only([2, 3]), (2, 1)).reason == "token 1 is 1, which must not come"
