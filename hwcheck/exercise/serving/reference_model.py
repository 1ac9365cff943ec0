"""Read a checkpoint, and the adapter on it, for the reference: sizes, and weights in float64."""

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Model", "NotReadable", "Shape", "adapted", "read_model"]

Array = NDArray[np.float64]

_KNOWN = ("LlamaForCausalLM", "MistralForCausalLM", "MixtralForCausalLM")
_ADAPTER_PREFIX = "base_model.model."
#: What changes the result, and the reference does not compute, where it is not false or absent.
_UNKNOWN = ("rope_scaling", "attention_bias", "mlp_bias", "quantization_config")
_UNKNOWN_IN_ADAPTERS = (
    *("use_dora", "use_rslora", "fan_in_fan_out"),
    *("modules_to_save", "rank_pattern", "alpha_pattern"),
)
_FIRST, _SECOND = ".lora_A.weight", ".lora_B.weight"


class NotReadable(Exception):
    """The folder holds nothing that the reference can compute; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of the configuration decides the computation."""

    layers: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    epsilon: float
    rope_theta: float
    window: int | None
    chosen_experts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that can be computed."""

    shape: Shape
    weights: dict[str, Array]

    def head(self) -> Array:
        """Return the output matrix, which is the embedding where there is no other."""
        embedding = self.weights["model.embed_tokens.weight"]
        return self.weights.get("lm_head.weight", embedding)


def read_model(folder: Path) -> Model:
    """Read a checkpoint.

    Raises NotReadable: it is none, or of an architecture that the reference does not have.
    """
    config = _document(folder, "config.json")
    architecture = _architecture(folder, config)
    try:
        shape = _shape(config, architecture)
    except (KeyError, TypeError, ValueError) as error:
        raise NotReadable(f"{str(folder)!r} has a config.json without {error}") from error
    weights = _tensors(folder, "model.safetensors")
    if "model.embed_tokens.weight" not in weights:
        raise NotReadable(f"{str(folder)!r} has no 'model.embed_tokens.weight'")
    if config.get("tie_word_embeddings"):
        weights.pop("lm_head.weight", None)
    elif "lm_head.weight" not in weights:
        raise NotReadable(f"{str(folder)!r} has no 'lm_head.weight', and its head is not tied")
    return Model(shape=shape, weights=weights)


def adapted(model: Model, folder: Path) -> Model:
    """Return the model with a LoRA adapter of PEFT's added to its weights.

    Raises NotReadable: it is none, or not for this model.
    """
    config = _document(folder, "adapter_config.json")
    if unknown := [name for name in _UNKNOWN_IN_ADAPTERS if config.get(name)]:
        raise NotReadable(f"the reference does not know {unknown} of the adapter {str(folder)!r}")
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if not isinstance(rank, int) or not isinstance(alpha, int | float):
        raise NotReadable(f"the adapter {str(folder)!r} names no rank and alpha")
    tensors = _tensors(folder, "adapter_model.safetensors")
    weights = dict(model.weights)
    modules = sorted({name.removesuffix(_FIRST).removesuffix(_SECOND) for name in tensors})
    for module in modules:
        target = module.removeprefix(_ADAPTER_PREFIX) + ".weight"
        first, second = tensors.get(module + _FIRST), tensors.get(module + _SECOND)
        if first is None or second is None or target not in weights:
            raise NotReadable(
                f"{module!r} of the adapter {str(folder)!r} fits nothing in the model"
            )
        if rank:
            weights[target] = weights[target] + (alpha / rank) * (second @ first)
    return Model(shape=model.shape, weights=weights)


def _architecture(folder: Path, config: dict[str, object]) -> str:
    named = config.get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else "none"
    if architecture not in _KNOWN:
        raise NotReadable(
            f"the reference does not know the architecture {architecture!r} of {str(folder)!r};"
            f" it knows {list(_KNOWN)}"
        )
    unknown = [name for name in _UNKNOWN if config.get(name)]
    if config.get("hidden_act", "silu") != "silu":
        unknown.append("hidden_act")
    if unknown:
        raise NotReadable(f"the reference does not know {unknown} of {str(folder)!r}")
    return architecture


def _shape(config: dict[str, object], architecture: str) -> Shape:
    heads = _whole(config, "num_attention_heads")
    windowed = architecture != "LlamaForCausalLM" and config.get("sliding_window") is not None
    has_experts = architecture == "MixtralForCausalLM"
    has_head_size = config.get("head_dim") is not None
    return Shape(
        layers=_whole(config, "num_hidden_layers"),
        heads=heads,
        kv_heads=_whole(config, "num_key_value_heads"),
        head_size=_whole(config, "head_dim")
        if has_head_size
        else _whole(config, "hidden_size") // heads,
        vocabulary=_whole(config, "vocab_size"),
        epsilon=_number(config, "rms_norm_eps"),
        rope_theta=_number(config, "rope_theta"),
        window=_whole(config, "sliding_window") if windowed else None,
        chosen_experts=_whole(config, "num_experts_per_tok") if has_experts else 0,
    )


def _whole(config: dict[str, object], name: str) -> int:
    value = config[name]
    if not isinstance(value, int):
        raise ValueError(f"a whole number {name!r}")
    return value


def _number(config: dict[str, object], name: str) -> float:
    value = config[name]
    if not isinstance(value, int | float):
        raise ValueError(f"a number {name!r}")
    return float(value)


def _document(folder: Path, name: str) -> dict[str, object]:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotReadable(f"{str(folder)!r} has no {name} that can be read: {error}") from error
    if not isinstance(content, dict):
        raise NotReadable(f"{name} in {str(folder)!r} holds no object")
    return content


def _tensors(folder: Path, name: str) -> dict[str, Array]:
    try:
        loaded = import_module("safetensors.numpy").load_file(str(folder / name))
    # It has exceptions of its own beside OSError.
    except Exception as error:
        raise NotReadable(f"{str(folder)!r} has no {name} that can be read: {error}") from error
    return {key: np.asarray(value, dtype=np.float64) for key, value in loaded.items()}
