"""How text under a constraint is judged: allowed, and the likeliest of what is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwcheck.exercise.serving.asking import compared, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.families.languages import Language, allowed_tokens, spelled
from hwcheck.exercise.serving.precision import TOLERANCES, Distance
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import Array
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["Constraint", "judge_constrained", "likeliest"]

#: So many tokens that are also the likeliest of all are no chance.
_TELLING = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A constraint as vLLM is told it, and what it allows."""

    told: Mapping[str, object]
    language: Language
    texts: Sequence[bytes]
    """Those of all tokens."""


def judge_constrained(
    name: str,
    constraint: Constraint,
    served: tuple[Ask, Answer],
    engine: Engine,
    reference: Reference,
) -> ExaminedCase:
    """Judge what was answered under a constraint."""
    ask, answer = served
    text = spelled(answer.tokens, constraint.texts)
    is_whole = answer.finish == "stop"
    if not constraint.language.holds(text, is_whole=is_whole):
        case = broken(f"{dict(constraint.told)!r} gives the text {text!r} ({answer.finish})", name)
        free = worst(compared(engine, reference, [ask], [answer]))
        is_ignored = free.fault is None and len(answer.tokens) >= _TELLING
        return replace(case, refusal=Refusal.IGNORED) if is_ignored else case
    if not is_whole:
        return not_measured(f"the text {text!r} is cut off by {answer.finish}", name)
    if constraint.language.is_spaced:
        # Which blanks a grammar allows differs from one library to the other.
        return kept(name)
    rows = reference.logprobs((*ask.prompt, *answer.tokens))[len(ask.prompt) - 1 :]
    return judged(name, likeliest(constraint, answer.tokens, rows, engine.given.dtype))


def likeliest(constraint: Constraint, tokens: Sequence[int], rows: Array, dtype: str) -> Distance:
    """Compare each token with the one that the reference likes best of those allowed there.

    The first of `rows` is what the reference says of the first token.
    """
    limit, texts = 2 * TOLERANCES[dtype], constraint.texts
    largest, fault = 0.0, None
    for number, token in enumerate(tokens):
        row = rows[number]
        text = spelled(tokens[:number], texts)
        allowed = allowed_tokens(constraint.language, text, texts)
        best = allowed[int(row[allowed].argmax())]
        behind = float(row[best] - row[token])
        largest = max(largest, behind)
        if behind > limit and fault is None:
            fault = (
                f"token {number} is {token}; of those that the constraint allows the reference "
                f"gives {best}, which it finds {behind:.3g} likelier in log-probability"
            )
    return Distance(largest=largest, limit=limit, fault=fault)
