"""The config.json of the tiny models, in the words that transformers 4 and 5 both read."""

import json
from pathlib import Path

from hwcheck.exercise.serving.recipe import EightBits, Kind, Recipe
from hwcheck.exercise.serving.tokenizer_file import BOS, EOS, PAD

__all__ = ["write_config"]

_ARCHITECTURES = {
    Kind.LLAMA: "LlamaForCausalLM",
    Kind.MIXTRAL: "MixtralForCausalLM",
    Kind.MISTRAL: "MistralForCausalLM",
}


def write_config(folder: Path, recipe: Recipe) -> None:
    """Write config.json and generation_config.json."""
    special = {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD}
    for name, content in (
        ("config.json", {**_config(recipe), **special}),
        ("generation_config.json", special),
    ):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _config(recipe: Recipe) -> dict[str, object]:
    config: dict[str, object] = {
        "architectures": [_ARCHITECTURES[recipe.kind]],
        "model_type": recipe.kind.value,
        "hidden_size": recipe.hidden_size,
        "intermediate_size": recipe.intermediate_size,
        "num_hidden_layers": recipe.layers,
        "num_attention_heads": recipe.heads,
        "num_key_value_heads": recipe.kv_heads,
        "head_dim": recipe.head_size,
        "vocab_size": recipe.vocabulary,
        "max_position_embeddings": recipe.context,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        # Transformers 5 moves it into "rope_parameters", which 4 does not know.
        "rope_theta": recipe.rope_theta,
        "tie_word_embeddings": recipe.is_tied,
        "attention_bias": False,
        "torch_dtype": "float32",
    }
    if recipe.kind is not Kind.LLAMA:
        config["sliding_window"] = recipe.window
    if recipe.is_packed:
        config["quantization_config"] = (
            _eight_bits(recipe.eight_bits) if recipe.eight_bits else _four_bits(recipe.group)
        )
    if recipe.kind is Kind.MIXTRAL:
        config["num_local_experts"] = recipe.experts
        config["num_experts_per_tok"] = recipe.chosen
    return config


def _four_bits(group: int) -> dict[str, object]:
    """How compressed-tensors says that linear layers are packed as four_bits.py does."""
    weights: dict[str, object] = {
        "num_bits": 4,
        "type": "int",
        "symmetric": True,
        "strategy": "group",
        "group_size": group,
        "dynamic": False,
    }
    return _compressed("pack-quantized", {"weights": weights})


def _eight_bits(kind: EightBits) -> dict[str, object]:
    """How it says that linear layers are rounded as eight_bits.py does, and their inputs too."""
    is_float = kind is EightBits.FLOAT
    bits = {"num_bits": 8, "type": "float" if is_float else "int", "symmetric": True}
    scheme: dict[str, object] = {
        "weights": {**bits, "strategy": "channel", "dynamic": False},
        "input_activations": {**bits, "strategy": "token", "dynamic": True},
    }
    return _compressed("float-quantized" if is_float else "int-quantized", scheme)


def _compressed(form: str, scheme: dict[str, object]) -> dict[str, object]:
    return {
        "quant_method": "compressed-tensors",
        "format": form,
        "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], **scheme}},
        "ignore": ["lm_head"],
    }
