"""The configuration that a platform makes of vLLM's defaults."""

import json
import tempfile
from importlib import import_module
from pathlib import Path

from hwcheck.model.observation import Configured
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.resolve import bases_of, class_seen, namespace_of, qualified_name, resolve

__all__ = ["configured"]

_WORKER_BASE = "vllm.v1.worker.worker_base.WorkerBase"

#: A decoder of one layer: enough for a configuration, and never loaded.
_TINY_LLAMA = {
    "architectures": ["LlamaForCausalLM"],
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


def configured(attribution: Attribution, *, with_model: bool) -> Configured:
    """Build a `VllmConfig`, and resolve the worker that it then has, if the platform set one.

    Without a model it is what ``get_current_vllm_config()`` gives when none is set; a platform
    may then leave the worker open. With a model it takes several seconds.
    """
    make = import_module("vllm.config").VllmConfig
    config = make(model_config=_tiny_model()) if with_model else make()
    path = config.parallel_config.worker_cls
    if not _is_class_path(path):
        return Configured(worker_class=str(path), worker=None)
    cls = resolve(path)
    return Configured(
        worker_class=path, worker=class_seen(path, cls, attribution), methods=_methods(cls)
    )


def _is_class_path(path: object) -> bool:
    return isinstance(path, str) and "." in path


def _tiny_model() -> object:
    folder = Path(tempfile.mkdtemp())
    (folder / "config.json").write_text(json.dumps(_TINY_LLAMA), encoding="utf-8")
    return import_module("vllm.config").ModelConfig(
        model=str(folder), tokenizer=str(folder), skip_tokenizer_init=True
    )


def _methods(cls: object) -> tuple[str, ...]:
    names = {
        name
        for owner in (bases_of(cls) if isinstance(cls, type) else ())
        if owner is not object and qualified_name(owner) != _WORKER_BASE
        for name in namespace_of(owner)
        if not name.startswith("_")
    }
    return tuple(sorted(names))
