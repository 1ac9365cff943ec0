"""Answers to requests that ask for two things at once."""

from types import SimpleNamespace

import numpy as np
import pytest

from hwcheck.exercise.serving.engine import Answer, Ask
from hwcheck.exercise.serving.pairs.trials import Asked, Trial
from hwcheck.exercise.serving.pairs.verdict import judged_answers
from hwcheck.exercise.serving.row_changes import biased, only
from hwcheck.model.examination import CaseState
from hwcheck.model.outcome import Refusal

#: After whatever token, 1 is the likeliest; with the adapter 3 is.
PLAIN = np.log(np.array([0.05, 0.5, 0.3, 0.15]))
ADAPTED = np.log(np.array([0.25, 0.1, 0.05, 0.6]))
ENGINE = SimpleNamespace(given=SimpleNamespace(dtype="float32"))
COUNT = 24


def rows(tokens, adapter=None):
    return np.stack([PLAIN if adapter is None else ADAPTED] * len(tokens))


REFERENCE = SimpleNamespace(logprobs=rows)


def judged(kinds, tokens, *, settings=(), adapter=None, changes=None, logprobs=None):
    answer = Answer(
        tokens=tokens,
        text="",
        finish="length",
        stop=None,
        logprobs=logprobs,
        prompt_logprobs=None,
        cached=0,
    )
    item = Asked(ask=Ask(prompt=(0, 0)), changes=changes or {}, adapter=adapter)
    trial = Trial(settings=frozenset(settings), kinds=frozenset(kinds))
    return judged_answers(trial, [(item, answer)], ENGINE, REFERENCE)


EVEN = {"logits-processors": only((0, 2))}


@pytest.mark.parametrize(
    ("tokens", "state", "refusal"),
    [
        ((0,) * COUNT, CaseState.KEPT, None),
        # The adapter alone.
        ((3,) * COUNT, CaseState.BROKEN, Refusal.IGNORED),
        # The processor alone.
        ((2,) * COUNT, CaseState.BROKEN, Refusal.IGNORED),
        ((1,) * COUNT, CaseState.BROKEN, None),
        ((0,) * 3, CaseState.BROKEN, None),
    ],
)
def test_greedy_answer_needs_both(tokens, state, refusal):
    """
    What is owed to one of the two must not be missing, and all tokens have to come.
    """
    case = judged(("lora", "logits-processors"), tokens, adapter="adapter", changes=EVEN)

    assert (case.state, case.refusal) == (state, refusal)


def test_answer_that_owes_nothing_to_one_is_not_measured():
    """
    Where the reference chooses the same tokens without it, nothing is shown of it.
    """
    case = judged(
        ("sampling-parameters",), (1,) * COUNT, changes={"sampling-parameters": biased({1: 1.0})}
    )

    assert case.state is CaseState.NOT_MEASURED
    assert "sampling-parameters" in case.reason


def test_eight_bits_may_blur_but_not_forbid():
    """
    A cache in eight bits may choose a near token, never one that is masked.
    """
    near = judged(("chunked-prefill",), (2,) * COUNT, settings=("kv-cache-dtype-fp8",))
    masked = judged(
        ("logits-processors",), (1,) * COUNT, settings=("kv-cache-dtype-fp8",), changes=EVEN
    )

    assert near.state is CaseState.KEPT
    assert masked.state is CaseState.BROKEN
    assert "must not come" in masked.reason


def test_samples_are_likelier_with_what_was_asked_for():
    """
    Of tokens by chance, their likelihood tells whether the adapter had a part.
    """
    kinds = ("seeds", "lora")

    with_it = judged(kinds, (3,) * COUNT, adapter="adapter")
    without = judged(kinds, (1,) * COUNT, adapter="adapter")
    neither = judged(kinds, (3, 1) * (COUNT // 2), adapter="adapter")

    assert with_it.state is CaseState.KEPT
    assert (without.state, without.refusal) == (CaseState.BROKEN, Refusal.IGNORED)
    assert neither.state is CaseState.NOT_MEASURED


def told(row):
    return tuple({token: float(row[token]) for token in (1, 2, 3)} for _ in range(COUNT))


def test_logprobs_are_those_with_the_adapter():
    """
    They are compared after the verdict on the tokens.
    """
    kinds, tokens = ("logprobs-sampling", "lora"), (3,) * COUNT

    right = judged(kinds, tokens, adapter="adapter", logprobs=told(ADAPTED))
    wrong = judged(kinds, tokens, adapter="adapter", logprobs=told(PLAIN))
    none = judged(kinds, tokens, adapter="adapter")

    assert right.state is CaseState.KEPT
    assert (wrong.state, none.state) == (CaseState.BROKEN, CaseState.BROKEN)


def test_logprobs_may_be_those_under_a_mask():
    """
    vLLM lays the mask of a constraint on the logits before it takes the logarithm.
    """
    kinds, allowed = ("logprobs-sampling", "structured-output"), only((0, 2, 3))
    masked = allowed(PLAIN, ()) - np.logaddexp.reduce(allowed(PLAIN, ()))
    entries = tuple({token: float(masked[token]) for token in (0, 2, 3)} for _ in range(COUNT))

    case = judged(kinds, (2,) * COUNT, changes={"structured-output": allowed}, logprobs=entries)

    assert case.state is CaseState.KEPT
