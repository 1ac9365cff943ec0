"""Examination: models that are compiled."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import served_greedily
from hwcheck.exercise.serving.compiling import Compilations, compilations
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.ran import compile_mode
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal

__all__ = ["EXAMINATIONS", "compiled_case"]

_COMPILED = "compiled"
_COMPILE = Order(is_compiled=True, changes={"compilation_config": {"cudagraph_mode": "NONE"}})
_COMPILE_ABILITY = Ability(words="compiled models", contract="family.compile.tokens")


@with_engine(_COMPILE, _COMPILE_ABILITY)
def _compile(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    mode = compile_mode(engine.config)
    if mode == "NONE":
        reason = "compilation is switched off in the configuration"
        yield replace(not_applicable(reason), refusal=Refusal.CLEAN)
        return
    for name, prompts in (("one", PROMPTS[:1]), ("batch", PROMPTS)):
        yield served_greedily(name, engine, reference, prompts)
    if engine.worker is None or engine.before is None:
        yield not_measured("the worker of this engine is in another process", _COMPILED)
        return
    yield compiled_case(
        mode, compilations().since(engine.before), has_parts=_has_parts(engine.worker)
    )


def compiled_case(mode: str, done: Compilations, *, has_parts: bool) -> ExaminedCase:
    """Say whether anything was compiled, by the counters.

    `has_parts`: the model has modules that vLLM compiles, unless a plugin compiles on its own.
    """
    figures = [
        Figure(name="graphs compiled", value=done.graphs),
        Figure(name="models compiled ahead of time", value=done.ahead),
    ]
    if done.graphs > 0 or done.ahead > 0:
        return kept(_COMPILED, figures=figures)
    if not has_parts:
        reason = "torch has compiled nothing, and no part of the model is one that vLLM compiles"
        return not_measured(reason, _COMPILED)
    reason = f"the configuration says {mode}, and nothing was compiled"
    return replace(broken(reason, _COMPILED, figures=figures), refusal=Refusal.IGNORED)


def _has_parts(worker: object) -> bool:
    """Whether the model has modules that vLLM's ``support_torch_compile`` has decorated."""
    model = getattr(getattr(worker, "model_runner", None), "model", None)
    modules = getattr(model, "modules", tuple)
    return any(hasattr(module, "do_not_compile") for module in modules())


EXAMINATIONS: dict[str, Examination] = {_COMPILE_ABILITY.contract: _compile}
