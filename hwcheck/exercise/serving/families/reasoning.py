"""Examinations: a constraint that waits until the model has ended its reasoning."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.families.constrained import Constraint, judge_constrained
from hwcheck.exercise.serving.families.languages import Language
from hwcheck.exercise.serving.precision import TOLERANCES, compare_tokens
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import THINKING
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import Array, biased, changed_rows
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.serving.tokenizer_file import thinking_texts
from hwcheck.exercise.verdicts import broken, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS", "bias_that_ends"]

#: Of vLLM's parsers the first one, and so in every release that has any.
_PARSER = "deepseek_r1"
_ORDER = Order(
    recipe=THINKING,
    changes={"structured_outputs_config": {"backend": "xgrammar", "reasoning_parser": _PARSER}},
)
_ABILITY = Ability(
    words="structured outputs after reasoning", contract="family.structured-output.reasoning"
)
_END = THINKING.vocabulary - 1
_CHOICES = ("red-00", "green-11", "blue-22")
_CONSTRAINT = Constraint(
    told={"choice": list(_CHOICES)},
    language=Language(texts=tuple(choice.encode() for choice in _CHOICES)),
    texts=thinking_texts(THINKING.vocabulary),
)
#: A model that thinks for fewer tokens does not tell a constraint that waits from one that lags.
_SHORTEST, _LONGEST = 4, 16
#: More than reasoning and answer have together.
_NEW_TOKENS = 32
_THINKING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thought:
    """A request whose reasoning ends by itself, because the end of it is made likelier."""

    ask: Ask
    bias: float


def bias_that_ends(rows: Array, end: int, margin: float) -> float | None:
    """Return what makes the end the likeliest token in one of the later rows, and not before.

    None where it would be no more than a near tie.
    """
    behind = rows.max(axis=-1) - rows[:, end]
    earlier = np.minimum.accumulate(behind)[:-1]
    gains = (earlier - behind[1:])[_SHORTEST - 1 :]
    place = int(gains.argmax())
    if gains[place] < 2 * margin:
        return None
    return float(behind[_SHORTEST + place] + gains[place] / 2)


def _thoughts(engine: Engine, reference: Reference) -> list[_Thought]:
    margin = 4 * TOLERANCES[engine.given.dtype]
    found = []
    for prompt in PROMPTS:
        taken = tuple(cut(prompt, engine, _NEW_TOKENS))
        tokens = reference.greedy(taken, _LONGEST)
        rows = reference.logits((*taken, *tokens))[len(taken) - 1 : -1]
        bias = bias_that_ends(rows, _END, margin)
        if bias is not None:
            found.append(_Thought(ask=_asked(taken, logit_bias={_END: bias}), bias=bias))
        if len(found) == _THINKING:
            break
    return found


def _asked(prompt: tuple[int, ...], **how: object) -> Ask:
    given = import_module("vllm.sampling_params").StructuredOutputsParams(**_CONSTRAINT.told)
    how = {"max_tokens": _NEW_TOKENS, "ignore_eos": False, "structured_outputs": given, **how}
    return greedy(prompt, **how)


@with_engine(_ORDER, _ABILITY)
def _reasoning(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    thoughts = _thoughts(engine, reference)
    ended = _asked((*cut(PROMPTS[4], engine, _NEW_TOKENS + 1), _END))
    free = greedy(cut(PROMPTS[2], engine))
    told, plain, *answers = engine.first([ended, free, *(item.ask for item in thoughts)])
    cases = [
        _thinking(thought, answer, engine, reference)
        for thought, answer in zip(thoughts, answers, strict=True)
    ]
    if not cases:
        yield not_measured("the model comes to no end of its reasoning", "thinking")
    else:
        yield next((case for case in cases if case.reason is not None), cases[0])
    yield judge_constrained("ended", _CONSTRAINT, (ended, told), engine, reference)
    yield judged("free", worst(compared(engine, reference, [free], [plain])))


def _thinking(
    thought: _Thought, answer: Answer, engine: Engine, reference: Reference
) -> ExaminedCase:
    prompt, tokens, dtype = thought.ask.prompt, answer.tokens, engine.given.dtype
    length = tokens.index(_END) + 1 if _END in tokens else len(tokens)
    before, after = tokens[:length], tokens[length:]
    rows = reference.logits((*prompt, *before))
    likely = changed_rows(rows, prompt, before, biased({_END: thought.bias}))
    distance = compare_tokens(prompt, before, likely, dtype)
    if distance.fault is not None:
        if _END not in before and compare_tokens(prompt, before, rows, dtype).fault is None:
            return not_measured("no bias ends the reasoning: see sampling.bias", "thinking")
        told = f"in the reasoning, which no constraint is for, {distance.fault}"
        return broken(told, "thinking", figures=[distance.figure])
    answered = replace(answer, tokens=after)
    asked = replace(thought.ask, prompt=(*prompt, *before))
    return judge_constrained("thinking", _CONSTRAINT, (asked, answered), engine, reference)


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _reasoning}
