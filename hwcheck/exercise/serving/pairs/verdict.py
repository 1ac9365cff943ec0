"""Whether the answers of a trial are those of the reference, and owe something to each partner."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwcheck.exercise.serving.engine import Answer, Engine
from hwcheck.exercise.serving.pairs.trials import TEMPERATURE, Asked, Trial, is_sampled
from hwcheck.exercise.serving.precision import TOLERANCES, compare_logprobs
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.row_changes import Array, changed_rows
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["judged_answers"]

Served = Sequence[tuple[Asked, Answer]]

#: As in family.kv-dtype.fp8: what a cache in eight bits may cost.
_BLUR = 2.0
#: Natural logarithm of a chance that is no coincidence.
_SURE = 18.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """How answers go together with a way to compute them."""

    behind: float
    """How much likelier, at most, another token was found than one that came."""
    likelihood: float
    """The logarithm of the probability of all tokens together, as they are sampled."""
    first: str
    """The worst token, in words."""


def judged_answers(
    trial: Trial, served: Served, engine: Engine, reference: Reference
) -> ExaminedCase:
    """Judge the answers of one trial; the case has no name."""
    wrong = [answer for _, answer in served if len(answer.tokens) != trial.new_tokens]
    if wrong:
        found, finish = len(wrong[0].tokens), wrong[0].finish
        return broken(f"max_tokens={trial.new_tokens} gives {found} tokens ({finish!r})")
    limit = _limit(trial, engine)
    whole = _fit(served, reference, left_out=None)
    owing = [name for name in ("lora", *served[0][0].changes) if name in trial.kinds]
    if is_sampled(trial):
        case = _judged_samples(whole, owing, served, reference)
    else:
        case = _judged_greedy(whole, limit, owing, served, reference)
    if case.reason is None and "logprobs-sampling" in trial.kinds:
        return _judged_logprobs(case, trial, served, engine, reference)
    return case


def _limit(trial: Trial, engine: Engine) -> float:
    is_blurred = "kv-cache-dtype-fp8" in trial.settings
    return _BLUR if is_blurred else 2 * TOLERANCES[engine.given.dtype]


def _judged_greedy(
    whole: _Fit, limit: float, owing: Sequence[str], served: Served, reference: Reference
) -> ExaminedCase:
    figures = [Figure(name="largest distance", value=whole.behind, limit=limit)]
    fits = {name: _fit(served, reference, left_out=name) for name in owing}
    if whole.behind > limit:
        case = broken(whole.first, figures=figures)
        ignored = [name for name, fit in fits.items() if fit.behind <= limit]
        return _ignored(case, ignored)
    untold = [name for name, fit in fits.items() if fit.behind <= limit]
    return _told(untold, figures)


def _judged_samples(
    whole: _Fit, owing: Sequence[str], served: Served, reference: Reference
) -> ExaminedCase:
    gains = {
        name: whole.likelihood - _fit(served, reference, left_out=name).likelihood for name in owing
    }
    figures = [
        Figure(name=f"likelier by {name}, in nats", value=gain) for name, gain in gains.items()
    ]
    against = [name for name, gain in gains.items() if not gain > -_SURE]
    if against:
        case = broken(f"such samples are not drawn with {', '.join(against)}", figures=figures)
        return _ignored(case, against)
    return _told([name for name, gain in gains.items() if gain < _SURE], figures)


def _ignored(case: ExaminedCase, names: Sequence[str]) -> ExaminedCase:
    if not names:
        return case
    reason = f"the answers are those without {', '.join(names)}: {case.reason}"
    return replace(case, reason=reason, refusal=Refusal.IGNORED)


def _told(untold: Sequence[str], figures: Sequence[Figure]) -> ExaminedCase:
    if untold:
        return not_measured(f"the answers would be the same without {', '.join(untold)}")
    return kept(figures=figures)


def _judged_logprobs(
    case: ExaminedCase, trial: Trial, served: Served, engine: Engine, reference: Reference
) -> ExaminedCase:
    is_blurred = "kv-cache-dtype-fp8" in trial.settings
    for item, answer in served:
        told = answer.logprobs or ()
        if len(told) != len(answer.tokens) or any(len(entry) < 3 for entry in told):
            return broken(f"logprobs=3 gives {[len(entry) for entry in told]} for the tokens")
        start, prompt = len(item.ask.prompt) - 1, item.ask.prompt
        rows = reference.logprobs((*prompt, *answer.tokens), item.adapter)
        found = compare_logprobs(told, rows, start, engine.given.dtype)
        if found.fault is not None and (constraint := item.changes.get("structured-output")):
            # vLLM tells them as the model finds them, but for the mask of a constraint, which lies
            # on the logits before.
            masked = _normalised(changed_rows(rows, prompt, answer.tokens, constraint))
            found = compare_logprobs(told, masked, start, engine.given.dtype)
        if found.fault is not None and not (is_blurred and found.largest <= _BLUR):
            return broken(found.fault, figures=[found.figure])
    return case


def _normalised(rows: Array) -> Array:
    made: Array = rows - np.logaddexp.reduce(rows, axis=-1, keepdims=True)
    return made


def _fit(served: Served, reference: Reference, *, left_out: str | None) -> _Fit:
    """Compute the answers with everything, or without one partner."""
    behind, likelihood, first = 0.0, 0.0, ""
    for item, answer in served:
        prompt, tokens = item.ask.prompt, answer.tokens
        adapter = None if left_out == "lora" else item.adapter
        rows = reference.logprobs((*prompt, *tokens), adapter)
        for name, change in item.changes.items():
            if name != left_out:
                rows = changed_rows(rows, prompt, tokens, change)
        for number, token in enumerate(tokens):
            row = rows[len(prompt) + number - 1]
            likelihood += _likelihood(row, token)
            if (distance := float(row.max() - row[token])) > behind:
                behind, first = distance, _words(number, token, row, distance)
    return _Fit(behind=behind, likelihood=likelihood, first=first)


def _likelihood(row: Array, token: int) -> float:
    tempered = row / TEMPERATURE
    return float(tempered[token] - np.logaddexp.reduce(tempered))


def _words(number: int, token: int, row: Array, distance: float) -> str:
    if np.isinf(distance):
        return f"token {number} is {token}, which must not come"
    return (
        f"token {number} is {token}; the reference gives {int(row.argmax())}, "
        f"which it finds {distance:.3g} likelier in log-probability"
    )
