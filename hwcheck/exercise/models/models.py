"""The models that the plugin registered: what vLLM asks of their classes."""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.models.model_interfaces import interface_faults
from hwcheck.exercise.models.registered_models import RegisteredModel, registered_models
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_INTERFACES = "vllm.model_executor.models.interfaces_base"
#: By these endings vLLM takes an architecture for one that generates text.
_GENERATING = ("ForCausalLM", "ForConditionalGeneration")


def registration(bench: Bench) -> Iterator[ExaminedCase]:
    """What is registered can be imported and inspected."""
    for model in registered_models(bench):
        name = model.architecture
        if model.misplaced is not None:
            reason = (
                f"its entry in ModelRegistry.models is a {model.misplaced}, which vLLM cannot ask "
                "for the class; use ModelRegistry.register_model()"
            )
            yield broken(reason, name)
        elif model.raised is not None:
            raised = model.raised
            reason = f"{model.path}: {raised.type}: {raised.message}"
            if _is_foreign(bench, raised.missing):
                yield not_measured(reason, name, needs_device=True)
            else:
                place = raised.place if raised.in_plugin else None
                yield broken(reason, name, place=place)
        elif model.usable is None:
            yield broken(f"{model.path} is no module of torch's", name, place=model.place(bench))
        else:
            yield _inspected(bench, model, model.usable)


def signature(bench: Bench) -> Iterator[ExaminedCase]:
    """The class takes the calls that vLLM makes of every model."""
    yield from _judged(bench, _signature_faults)


def interface(bench: Bench) -> Iterator[ExaminedCase]:
    """What the class says of itself, it has the members for."""
    yield from _judged(
        bench, lambda model, cls: [] if _drafts(model, cls) else interface_faults(cls)
    )


def _judged(
    bench: Bench, faults_of: Callable[[RegisteredModel, type], list[str]]
) -> Iterator[ExaminedCase]:
    for model in registered_models(bench):
        name, cls = model.architecture, model.usable
        if cls is None:
            reason = f"{model.path} gives no model"
            yield not_measured(reason, name, blocked_by="model.registration")
            continue
        faults = faults_of(model, cls)
        yield broken("; ".join(faults), name, place=model.place(bench)) if faults else kept(name)


def _is_foreign(bench: Bench, missing: str | None) -> bool:
    """Whether a module is missing that neither the plugin nor vLLM brings."""
    if missing is None or missing.split(".")[0] == "vllm":
        return False
    return not bench.attribution.owns_module(missing)


def _inspected(bench: Bench, model: RegisteredModel, cls: type) -> ExaminedCase:
    name = model.architecture
    try:
        import_module("vllm.model_executor.models.registry")._ModelInfo.from_model_cls(cls)
    except Exception as error:
        raised = bench.attribution.raised(error)
        place = raised.place if raised.in_plugin else model.place(bench)
        reason = f"vLLM cannot inspect {model.path}: {raised.type}: {raised.message}"
        return broken(reason, name, place=place)
    return kept(name)


def _drafts(model: RegisteredModel, cls: type) -> bool:
    """Whether the model is called by code that drafts, which passes more, or less."""
    return model.is_draft or _takes(getattr(cls, "forward", None), "hidden_states", exactly=True)


def _signature_faults(model: RegisteredModel, cls: type) -> list[str]:
    faults = []
    given = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    absent = [name for name in ("vllm_config", "prefix") if name not in given]
    if absent:
        faults.append(f"__init__() takes no {' and no '.join(absent)}")
    if _drafts(model, cls):
        return faults
    forward = getattr(cls, "forward", None)
    absent = [name for name in ("input_ids", "positions") if not _takes(forward, name)]
    if absent:
        faults.append(f"forward() takes no {' and no '.join(absent)}")
    if not _embeds(cls):
        faults.append("it has no embed_input_ids()")
    return faults + _head_faults(model, cls) + _loading_faults(cls)


def _takes(function: object, keyword: str, *, exactly: bool = False) -> bool:
    if not callable(function):
        return False
    parameters = inspect.signature(function).parameters
    others = any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters.values())
    return keyword in parameters or (others and not exactly)


def _embeds(cls: type) -> bool:
    asked = getattr(import_module(_INTERFACES), "_check_vllm_model_embed_input_ids", None)
    return asked is None or bool(asked(cls))


def _head_faults(model: RegisteredModel, cls: type) -> list[str]:
    function = getattr(cls, "compute_logits", None)
    if not callable(function):
        # vLLM makes a pooling model of one without, where the name does not speak against it.
        generates = model.architecture.endswith(_GENERATING)
        generates = generates and not getattr(cls, "is_pooling_model", False)
        return ["it has no compute_logits()"] if generates else []
    fault = _bound(function, 2)
    return [f"compute_logits(hidden_states): {fault}"] if fault else []


def _loading_faults(cls: type) -> list[str]:
    function = getattr(cls, "load_weights", None)
    if not callable(function):
        return ["it has no load_weights()"]
    fault = _bound(function, 2)
    return [f"load_weights(weights): {fault}"] if fault else []


def _bound(function: Callable[..., object], count: int) -> str | None:
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError as error:
        return str(error)
    return None


EXAMINATIONS: dict[str, Examination] = {
    "model.registration": registration,
    "model.signature": signature,
    "model.interface": interface,
}
