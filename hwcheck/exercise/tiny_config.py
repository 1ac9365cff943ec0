"""Configurations of vLLM's for a model of one layer that is never loaded."""

import copy
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path

__all__ = ["current_config", "model_config", "vllm_config"]

_ARCHITECTURE = "LlamaForCausalLM"

#: A decoder that every release since 0.9 knows, written as older transformers read it.
_TINY_LLAMA = {
    "architectures": [_ARCHITECTURE],
    "model_type": "llama",
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "vocab_size": 256,
    "max_position_embeddings": 512,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def model_config(**changes: object) -> object:
    """Build a fresh `ModelConfig` of the tiny model, with `changes` to its arguments.

    The first takes seconds, because vLLM inspects the architecture; unchanged ones are copies of
    one, so that nothing that a platform writes into them stays.
    """
    return _built_model(**changes) if changes else copy.deepcopy(_plain_model())


def vllm_config(**changes: object) -> object:
    """Build a fresh `VllmConfig` of the tiny model, with `changes` to its arguments.

    The platform's check_and_update_config() is called by it, and may refuse. With
    ``model_config=None`` it is a configuration without a model.
    """
    arguments = {"model_config": model_config(), **changes}
    if arguments["model_config"] is None:
        # Releases differ in whether they take None; all take a missing one.
        del arguments["model_config"]
    built: object = import_module("vllm.config").VllmConfig(**arguments)
    return built


@contextmanager
def current_config(config: object) -> Iterator[None]:
    """Make a `VllmConfig` the one that vLLM's layers and backends look up."""
    with import_module("vllm.config").set_current_vllm_config(config):
        yield


@cache
def _plain_model() -> object:
    return _built_model()


def _built_model(**changes: object) -> object:
    _inspect_here()
    folder = _model_folder()
    arguments = {"model": folder, "tokenizer": folder, "skip_tokenizer_init": True, **changes}
    built: object = import_module("vllm.config").ModelConfig(**arguments)
    return built


@cache
def _inspect_here() -> None:
    """Look at the model's class in this process; vLLM starts another one to do so."""
    with suppress(Exception):
        registry = import_module("vllm.model_executor.models.registry")
        known = registry.ModelRegistry.models
        seen = registry._RegisteredModel.from_model_cls(known[_ARCHITECTURE].load_model_cls())
        known[_ARCHITECTURE] = seen


@cache
def _model_folder() -> str:
    folder = Path(tempfile.mkdtemp())
    (folder / "config.json").write_text(json.dumps(_TINY_LLAMA), encoding="utf-8")
    return str(folder)
