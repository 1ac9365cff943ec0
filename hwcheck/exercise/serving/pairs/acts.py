"""How a trial is carried out: what is served, what has to be seen to happen, and the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.preparation import Unprepared
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.pairs.trials import Asked, Trial, asked, is_sampled, primer_of
from hwcheck.exercise.serving.pairs.verdict import judged_answers
from hwcheck.exercise.serving.recipe import Recipe
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.step_proofs import free_blocks, pieces, settled_blocks, watched_steps
from hwcheck.exercise.verdicts import broken, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["carried_out", "switched_off"]

_STEPS_BEFORE_ABORT = 3
#: What an engine counts where a setting has an effect.
_COUNTERS = {
    "preemption": "vllm:num_preemptions",
    "spec-decode-model": "vllm:spec_decode_num_draft_tokens",
    "spec-decode-ngram": "vllm:spec_decode_num_draft_tokens",
}
_OTHER_SEEDS = 100
_EXACT = "float32"


def carried_out(
    bench: Bench, engine: Engine, reference: Reference, recipe: Recipe, trial: Trial
) -> ExaminedCase:
    """Carry out one trial; the case has no name."""
    if off := switched_off(trial, engine):
        reason = f"{', '.join(off)} is switched off in the configuration"
        return replace(not_applicable(reason), refusal=Refusal.CLEAN)
    asks = asked(bench, engine, recipe, trial)
    before = _counted(trial, engine)
    served, case = _served(asks, trial, engine)
    if case is None:
        case = judged_answers(trial, served, engine, reference)
    if case.reason is None and is_sampled(trial):
        case = _judged_seeds(case, served, trial, engine)
    return _proven(case, before, _counted(trial, engine))


def switched_off(trial: Trial, engine: Engine) -> list[str]:
    """What of a trial the configuration does not have, though it was asked for."""
    config, given = engine.config, engine.given
    on = {
        "async-scheduling": bool(getattr(config.scheduler_config, "async_scheduling", False)),
        "kv-cache-dtype-fp8": str(config.cache_config.cache_dtype).startswith("fp8"),
        "prefix-caching": given.has_prefix_cache,
        "chunked-prefill": given.has_chunked_prefill,
    }
    return sorted(name for name in trial.everything if not on.get(name, True))


def _served(
    asks: Sequence[Asked], trial: Trial, engine: Engine
) -> tuple[list[tuple[Asked, Answer]], ExaminedCase | None]:
    """Serve the requests of a trial, and say what did not happen on the way."""
    engine.forget()
    if "prefix-caching" in trial.kinds:
        engine.first([primer_of(asks, engine)])
    free = free_blocks(engine) if "abort" in trial.kinds else 0
    with watched_steps(engine) as steps:
        names, done = _added(asks, trial, engine)
        if "abort" in trial.kinds:
            for _ in range(_STEPS_BEFORE_ABORT):
                done |= engine.step()
            engine.abort(names[:1])
        done |= engine.run()
    taken_back = names[:1] if "abort" in trial.kinds else []
    if any(name in done for name in taken_back):
        return [], broken("a request that was taken back is answered")
    left = [(item, name) for item, name in zip(asks, names, strict=True) if name not in taken_back]
    served = [(item, done[name][0]) for item, name in left]
    cached = [answer.cached for _, answer in served]
    if "prefix-caching" in trial.kinds and not all(cached):
        return served, not_measured(f"{cached} tokens of the prompts came out of the cache")
    if "chunked-prefill" in trial.kinds:
        counts = [
            len(pieces(steps, name, len(item.ask.prompt) - done[name][0].cached))
            for item, name in left
        ]
        if min(counts) < 2:
            return served, not_measured(f"the prompts were worked on in {counts} pieces")
    if taken_back and (now := settled_blocks(engine, free)) != free:
        return served, broken(f"{free} blocks were free before the requests, {now} after them")
    return served, None


def _added(
    asks: Sequence[Asked], trial: Trial, engine: Engine
) -> tuple[list[str], dict[str, list[Answer]]]:
    """Hand the requests over, at once or where the engine is crowded one a step."""
    if "preemption" not in trial.settings:
        return engine.add([item.ask for item in asks]), {}
    names: list[str] = []
    done: dict[str, list[Answer]] = {}
    for item in asks:
        # At once, the prompts would be cut into pieces, which is another pair.
        names += engine.add([item.ask])
        done |= engine.step()
    return names, done


def _judged_seeds(
    case: ExaminedCase, served: Sequence[tuple[Asked, Answer]], trial: Trial, engine: Engine
) -> ExaminedCase:
    """Ask the same again, and then with other seeds."""
    if engine.given.dtype != _EXACT:
        return not_measured(f"in {engine.given.dtype}, rounding decides between tokens")
    first = [answer.tokens for _, answer in served]
    asks = [item for item, _ in served]
    again = _tokens(asks, trial, engine)
    # One of them may be the near tie of a lifetime.
    if sum(one != other for one, other in zip(first, again, strict=True)) > 1:
        return broken(f"the same seeds give {list(first[0])} and then {list(again[0])}")
    others = [
        replace(item, ask=_seeded(item.ask, _OTHER_SEEDS + number))
        for number, item in enumerate(asks)
    ]
    if _tokens(others, trial, engine) == first:
        return broken(f"other seeds give the same answers, such as {list(first[0])}")
    return case


def _tokens(asks: Sequence[Asked], trial: Trial, engine: Engine) -> list[tuple[int, ...]]:
    served, _ = _served(asks, replace(trial, kinds=trial.kinds - {"abort"}), engine)
    return [answer.tokens for _, answer in served]


def _seeded(ask: Ask, seed: int) -> Ask:
    return replace(ask, how={**ask.how, "seed": seed})


def _counted(trial: Trial, engine: Engine) -> Mapping[str, float]:
    """Read the counters that tell whether the settings had an effect.

    Raises Unprepared: this vLLM does not count that.
    """
    try:
        return {
            name: engine.counted(_COUNTERS[name])
            for name in sorted(trial.settings)
            if name in _COUNTERS
        }
    except LookupError as error:
        raise Unprepared(not_measured(str(error))) from error


def _proven(
    case: ExaminedCase, before: Mapping[str, float], after: Mapping[str, float]
) -> ExaminedCase:
    """Take back a verdict on something that did not happen."""
    counts = {name: after[name] - count for name, count in before.items()}
    idle = sorted(name for name, count in counts.items() if not count)
    if case.reason is None and idle:
        return not_measured(f"the engine counts nothing for {', '.join(idle)}")
    figures = [Figure(name=f"counted for {name}", value=count) for name, count in counts.items()]
    return replace(case, figures=(*case.figures, *figures))
