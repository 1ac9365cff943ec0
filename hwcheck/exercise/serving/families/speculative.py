"""Examinations: tokens that are proposed and checked, which must change nothing but the speed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.chances import Shape
from hwcheck.exercise.serving.distributions import shares_judged
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.recipe import DRAFT
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, judged_failure, with_engine
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["EXAMINATIONS", "repeats", "spread_judged"]

#: Enough for the tiny model to run in cycles, which is what repeats are proposed from.
_NEW_TOKENS = 48
_SHORTEST, _LONGEST = 1, 3
_NGRAM = Order(
    changes={
        "speculative_config": {
            "method": "ngram",
            "num_speculative_tokens": 3,
            "prompt_lookup_min": _SHORTEST,
            "prompt_lookup_max": _LONGEST,
        }
    }
)
_DRAFTED = Order(draft=DRAFT)
_PROPOSED = "vllm:spec_decode_num_draft_tokens"
_ACCEPTED = "vllm:spec_decode_num_accepted_tokens"


def repeats(tokens: Sequence[int], start: int) -> int:
    """Count the tokens from `start` on that the first earlier place like this one foretells."""
    found = 0
    for place in range(max(start, _LONGEST + 1), len(tokens)):
        before = tuple(tokens[place - _LONGEST : place])
        for earlier in range(place - _LONGEST):
            if tuple(tokens[earlier : earlier + _LONGEST]) == before:
                found += tokens[earlier + _LONGEST] == tokens[place]
                break
    return found


@with_engine(_NGRAM, Ability(words="n-gram drafts", contract="family.speculative.ngram"))
def _ngram(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    yield from _examined(engine, reference, is_lookup=True)


@with_engine(_DRAFTED, Ability(words="drafts of a model", contract="family.speculative.draft"))
def _draft(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    yield from _examined(engine, reference, is_lookup=False)


@with_engine(_DRAFTED, Ability(words="drafts of a model", contract="family.speculative.draft"))
def _sampled(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    failure = _failure_of_drafts(bench, engine)
    if failure is not None:
        yield failure
        return
    spread = _spread_temperatures()
    yield spread
    if spread.state is CaseState.BROKEN:
        # What is sampled then is wrong for a reason that is told already.
        return
    before = _count(engine, _ACCEPTED)
    cases = list(shares_judged(engine, reference, {"shares": Shape()}, seed=bench.seed))
    accepted = (_count(engine, _ACCEPTED) or 0) - (before or 0)
    # What is sampled wrongly is wrong whether or not drafts are accepted.
    is_kept = all(case.state is CaseState.KEPT for case in cases)
    if is_kept and before is not None and not accepted:
        yield not_measured(
            "no proposed token was accepted, so nothing was left to chance", "shares"
        )
        return
    figure = Figure(name="accepted", value=accepted)
    for case in cases:
        yield case if before is None else replace(case, figures=(*case.figures, figure))


def _failure_of_drafts(bench: Bench, engine: Engine) -> ExaminedCase | None:
    """Serve with drafts and nothing else, which is judged where that is the question."""
    try:
        engine.first([greedy(cut(PROMPTS[0], engine, 4), max_tokens=4)])
    except Exception as error:  # which one is told there
        case = judged_failure(bench, engine, error)
        return not_measured(case.reason or "", blocked_by="family.speculative.draft")
    return None


def _spread_temperatures() -> ExaminedCase:
    """Judge the kernel that gives each draft the temperature of its request.

    Apart from what is sampled: vLLM 0.32 has none on a CPU that does, unless a plugin brings one.
    """
    name, torch = "temperature", import_module("torch")
    sampler = import_module("vllm.v1.sample.rejection_sampler")
    if not hasattr(sampler, "expand_batch_to_tokens"):
        return not_applicable("this vLLM spreads temperatures in another way", name)
    device = import_module("vllm.platforms").current_platform.device_type
    given = torch.tensor([0.3125, 0.0, 1.75], dtype=torch.float32, device=device)
    ends = torch.tensor([2, 3, 6], dtype=torch.int32, device=device)

    def spread() -> list[float]:
        values = sampler.expand_batch_to_tokens(given, ends, 6, replace_from=0, replace_to=1)
        return list(values.tolist())

    return spread_judged(spread, [0.3125, 0.3125, 1.0, 1.75, 1.75, 1.75])


def spread_judged(spread: Callable[[], list[float]], wanted: list[float]) -> ExaminedCase:
    """Judge what a kernel makes of the temperatures of three requests."""
    name = "temperature"
    try:
        found = spread()
    except Exception as error:  # no request was served, and none may be blamed
        told = f"{type(error).__name__}: {error}"
        return broken(f"giving drafts the temperatures of their requests raises {told}", name)
    if found == wanted:
        return kept(name)
    return broken(f"drafts of three requests get the temperatures {found}, not {wanted}", name)


def _examined(engine: Engine, reference: Reference, *, is_lookup: bool) -> Iterator[ExaminedCase]:
    proposed, accepted = _count(engine, _PROPOSED), _count(engine, _ACCEPTED)
    distances, foreseen = [], 0
    for prompts in (PROMPTS[:1], PROMPTS):
        asks = [
            greedy(cut(prompt, engine, _NEW_TOKENS), max_tokens=_NEW_TOKENS) for prompt in prompts
        ]
        answers = engine.first(asks)
        distances += compared(engine, reference, asks, answers)
        for ask, answer in zip(asks, answers, strict=True):
            foreseen += repeats((*ask.prompt, *answer.tokens), len(ask.prompt) + 1)
    yield judged("tokens", worst(distances))
    if proposed is None or accepted is None:
        yield not_measured("this vLLM does not count drafts", "accepted")
        return
    proposed = (_count(engine, _PROPOSED) or 0) - proposed
    accepted = (_count(engine, _ACCEPTED) or 0) - accepted
    figures = [Figure(name="proposed", value=proposed), Figure(name="accepted", value=accepted)]
    if is_lookup and not foreseen:
        yield not_measured("the tokens do not repeat, so there is nothing to propose", "accepted")
    elif not proposed:
        reason = "no token was ever proposed, though the engine was started with drafts"
        yield replace(broken(reason, "accepted", figures=figures), refusal=Refusal.IGNORED)
    elif not accepted:
        yield broken("no proposed token was ever accepted", "accepted", figures=figures)
    else:
        yield kept("accepted", figures=figures)


def _count(engine: Engine, name: str) -> float | None:
    try:
        return engine.counted(name)
    except LookupError:
        return None


EXAMINATIONS: dict[str, Examination] = {
    "family.speculative.draft": _draft,
    "family.speculative.sampled": _sampled,
    # Last of all: vLLM 0.32 starts no engine on a CPU once numba is imported, which this one does.
    "family.speculative.ngram": _ngram,
}
