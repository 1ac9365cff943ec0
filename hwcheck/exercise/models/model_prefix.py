"""Whether a registered model passes the prefix on, so that each layer has a name of its own."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.copies import Copy, CopyLost
from hwcheck.exercise.models.registered_models import RegisteredModel, registered_models
from hwcheck.exercise.tiny_config import current_config, vllm_config
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_LIMIT = 40.0
_LAYERS = 2
#: What vLLM says of a name that is taken, or that has no number of a layer.
_COMPLAINTS = ("Duplicate layer name", "should only contain one integer")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """What came of constructing a model of two layers."""

    names: tuple[str, ...] = ()
    """Under which its attention layers registered."""
    fault: str | None = None
    failed: str | None = None
    """Why it could not be constructed, which may be for want of its own configuration."""


def prefix(bench: Bench) -> Iterator[ExaminedCase]:
    """Constructed with two layers, each attention layer has a name with its own number."""
    models = list(registered_models(bench))
    if not any(model.usable for model in models):
        return
    # A group of torch's, and what the plugin's model does, are left behind in a copy.
    with tempfile.TemporaryDirectory() as name:
        copy = Copy.started(partial(_builder, Path(name), models), Path(name) / "printed.txt")
        try:
            for number, model in enumerate(models):
                yield _examined(bench, copy, number, model)
        finally:
            copy.end()


def _examined(bench: Bench, copy: Copy, number: int, model: RegisteredModel) -> ExaminedCase:
    name = model.architecture
    if model.usable is None:
        reason = f"{model.path} gives no model"
        return not_measured(reason, name, blocked_by="model.registration")
    try:
        copy.ask(number)
        built = copy.answer(_LIMIT)
    except CopyLost as lost:
        # It was given a configuration that may not be its own.
        return not_measured(f"constructing it: the process {lost}", name)
    assert isinstance(built, _Built)
    if built.fault is not None:
        return broken(built.fault, name, place=model.place(bench))
    return kept(name) if built.failed is None else not_measured(built.failed, name)


def _builder(folder: Path, models: list[RegisteredModel]) -> Callable[[object], object]:
    def build(number: object) -> object:
        assert isinstance(number, int)
        try:
            config = _config()
            with current_config(config):
                _join(folder / "store")
                return _built(models[number], config)
        except Exception as error:
            return _Built(failed=f"two layers of a tiny Llama: {type(error).__name__}: {error}")

    return build


def _config() -> object:
    llama = import_module("vllm.model_executor.models.llama").LlamaForCausalLM
    # By its name, vLLM would look at it in a process of its own, which takes seconds.
    import_module("vllm").ModelRegistry.register_model("LlamaForCausalLM", llama)
    return vllm_config()


def _join(store: Path) -> None:
    state = import_module("vllm.distributed.parallel_state")
    if not state.model_parallel_is_initialized():
        state.init_distributed_environment(
            world_size=1,
            rank=0,
            distributed_init_method=f"file://{store}",
            local_rank=0,
            backend="gloo",
        )
        state.initialize_model_parallel(1, 1)


def _built(model: RegisteredModel, config: object) -> _Built:
    torch = import_module("torch")
    described = config.model_config.hf_config  # type: ignore[attr-defined]
    described.num_hidden_layers = _LAYERS
    described.architectures = [model.architecture]
    cls = model.usable
    assert cls is not None
    try:
        with torch.device("meta"):
            cls(vllm_config=config, prefix="")
    except (ValueError, AssertionError) as error:
        if not any(complaint in str(error) for complaint in _COMPLAINTS):
            raise
        return _Built(fault=f"with {_LAYERS} layers: {error}")
    names = tuple(config.compilation_config.static_forward_context)  # type: ignore[attr-defined]
    # vLLM reads the number of a layer from its name.
    nameless = [name for name in names if not any(part.isdigit() for part in name.split("."))]
    if nameless:
        return _Built(fault=f"layers register without their number, as {', '.join(nameless)}")
    return _Built(names=names)


EXAMINATIONS: dict[str, Examination] = {"model.prefix": prefix}
