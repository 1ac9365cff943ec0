"""Examination: steps that are captured as static graphs."""

from collections.abc import Iterator
from dataclasses import replace

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.preparation import answer_of
from hwcheck.exercise.serving.asking import served_greedily
from hwcheck.exercise.serving.compiling import compilations
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.graph_watch import GraphSteps, graphs_watched
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.ran import graph_mode
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Refusal
from hwcheck.probe.resolve import resolve

__all__ = ["EXAMINATIONS", "captured_case"]

_CAPTURED = "captured"
_ORDER = Order(is_compiled=True)
_ABILITY = Ability(words="static graphs", contract="family.graph.tokens")


@with_engine(_ORDER, _ABILITY)
def _graphs(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    if not answer_of(bench, "support_static_graph_mode"):
        reason = "support_static_graph_mode() says no"
        yield replace(not_applicable(reason), refusal=Refusal.CLEAN)
        return
    mode = graph_mode(engine.config)
    if mode in ("", "NONE"):
        reason = "graphs are switched off in the configuration"
        yield replace(not_applicable(reason), refusal=Refusal.CLEAN)
        return
    with graphs_watched(_wrapper_of(bench)) as steps:
        for name, prompts in (("one", PROMPTS[:1]), ("batch", PROMPTS)):
            yield served_greedily(name, engine, reference, prompts)
    if engine.worker is None or engine.before is None:
        yield not_measured("the worker of this engine is in another process", _CAPTURED)
        return
    yield captured_case(mode, steps, compilations().since(engine.before).captured)


def _wrapper_of(bench: Bench) -> type:
    found = resolve(str(answer_of(bench, "get_static_graph_wrapper_cls")))
    assert isinstance(found, type), found  # an engine has used it
    return found


def captured_case(mode: str, steps: GraphSteps, captured: int) -> ExaminedCase:
    """Say whether graphs were captured and used.

    `captured`: graphs that vLLM's own counter tells, since before the engine was started.
    """
    figures = [
        Figure(name="graphs captured", value=captured),
        Figure(name="calls with a graph", value=steps.asked),
    ]
    if steps.is_seen:
        figures.append(Figure(name="calls without a replay", value=steps.ran))
    if steps.asked == 0:
        if captured > 0:
            reason = f"{captured} graphs were captured, and no step was seen to use one"
            return not_measured(reason, _CAPTURED)
        reason = f"the configuration says {mode}, and no step is run with a graph"
    elif steps.is_seen and steps.ran >= steps.asked:
        reason = f"the configuration says {mode}, and what is wrapped runs each time"
    elif not steps.is_seen and captured == 0:
        reason = "it cannot be seen whether what is wrapped runs, and vLLM counts no graph"
        return not_measured(reason, _CAPTURED)
    else:
        return kept(_CAPTURED, figures=figures)
    return replace(broken(reason, _CAPTURED, figures=figures), refusal=Refusal.IGNORED)


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _graphs}
