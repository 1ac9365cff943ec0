"""A KV cache configuration of a few blocks for the tiny model."""

import inspect
from importlib import import_module

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.parts.attention_choice import LAYER, attention_layer, layer_spec

__all__ = ["tiny_cache_config"]

_BLOCKS = 16


def tiny_cache_config(bench: Bench, config: object) -> object:
    """Describe a cache of one group with one layer, and enter its size into `config`.

    Raises Unprepared: the platform's attention layer cannot be built.
    """
    interface = import_module("vllm.v1.kv_cache_interface")
    layers = config.compilation_config.static_forward_context  # type: ignore[attr-defined]
    layer = layers[LAYER] if LAYER in layers else attention_layer(bench, config)
    spec = layer_spec(layer, config)
    config.cache_config.num_gpu_blocks = _BLOCKS  # type: ignore[attr-defined]
    given = {
        "num_blocks": _BLOCKS,
        "kv_cache_tensors": [],
        "kv_cache_groups": [interface.KVCacheGroupSpec([LAYER], spec)],
    }
    taken = inspect.signature(interface.KVCacheConfig).parameters
    made: object = interface.KVCacheConfig(
        **{name: value for name, value in given.items() if name in taken}
    )
    return made
