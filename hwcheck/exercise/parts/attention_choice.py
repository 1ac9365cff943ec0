"""The attention backend that the platform chooses for the tiny model, and a layer on it."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.failures import failed_in_use
from hwcheck.exercise.moved_names import first_found
from hwcheck.exercise.preparation import Unprepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["HEAD_SIZE", "LAYER", "attention_layer", "chosen_backend", "layer_spec"]

LAYER = "model.layers.0.self_attn.attn"
HEAD_SIZE = 64
_HEADS = 2

#: Where the releases have had them, newest first.
_SELECTORS = ("vllm.v1.attention.selector", "vllm.attention.selector")
_LAYERS = ("vllm.model_executor.layers.attention", "vllm.attention.layer", "vllm.attention")


def chosen_backend(bench: Bench, config: object) -> type:
    """Ask vLLM's selector, which asks the platform.

    Raises Unprepared: it gives no class.
    """
    select = first_found(_SELECTORS, "get_attn_backend")
    given: dict[str, object] = {
        "head_size": HEAD_SIZE,
        "dtype": config.model_config.dtype,  # type: ignore[attr-defined]
        "kv_cache_dtype": "auto",
        "block_size": config.cache_config.block_size,  # type: ignore[attr-defined]
        "use_mla": False,
    }
    taken = inspect.signature(select).parameters  # type: ignore[arg-type]
    try:
        with current_config(config):
            backend = select(  # type: ignore[operator]
                **{name: value for name, value in given.items() if name in taken}
            )
    except BaseException as error:
        raise Unprepared(_unchosen(bench, error)) from error
    if not isinstance(backend, type):
        raise Unprepared(
            not_measured("the attention backend is no class", blocked_by="platform.class-path")
        )
    return backend


def attention_layer(bench: Bench, config: object) -> object:
    """Build vLLM's attention layer, which builds the implementation and enters itself.

    Raises Unprepared: it cannot be built.
    """
    try:
        with current_config(config), _default_dtype(config):
            layer: object = first_found(_LAYERS, "Attention")(  # type: ignore[operator]
                _HEADS,
                HEAD_SIZE,
                HEAD_SIZE**-0.5,
                num_kv_heads=_HEADS,
                cache_config=config.cache_config,  # type: ignore[attr-defined]
                prefix=LAYER,
            )
    except BaseException as error:
        told = failed_in_use(bench, error, "vLLM's attention layer on this backend")
        raise Unprepared(
            not_measured(told.reason or "", blocked_by="attention.impl")
            if not told.needs_device
            else told
        ) from error
    return layer


def layer_spec(layer: object, config: object) -> object:
    """The layer's KV cache specification, as the model runner asks for it."""
    if hasattr(layer, "get_kv_cache_spec"):
        spec: object = layer.get_kv_cache_spec(config)
        return spec
    cls = import_module("vllm.v1.kv_cache_interface").FullAttentionSpec
    given = {
        "block_size": config.cache_config.block_size,  # type: ignore[attr-defined]
        "num_kv_heads": _HEADS,
        "head_size": HEAD_SIZE,
        "dtype": config.model_config.dtype,  # type: ignore[attr-defined]
        "use_mla": False,
    }
    taken = inspect.signature(cls).parameters
    made: object = cls(**{name: value for name, value in given.items() if name in taken})
    return made


def _unchosen(bench: Bench, error: BaseException) -> ExaminedCase:
    # vLLM's words for an answer that is None or "": legal for plugins with a runner of their own.
    if isinstance(error, ValueError) and str(error).startswith("Invalid attention backend for"):
        return not_applicable("the platform names no attention backend")
    raised = bench.attribution.raised(error)
    return not_measured(
        f"the platform chooses no attention backend: {raised.type}: {raised.message}",
        blocked_by="platform.attention-selection",
    )


@contextmanager
def _default_dtype(config: object) -> Iterator[None]:
    torch = import_module("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(config.model_config.dtype)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_default_dtype(before)
