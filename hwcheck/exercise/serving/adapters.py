"""Make LoRA adapters for the tiny models, as folders in the format of PEFT."""

import json
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.serving.checkpoints import checkpoint_key, write_atomically
from hwcheck.exercise.serving.recipe import Recipe

__all__ = ["ALL_TARGETS", "ATTENTION_TARGETS", "kept_adapter", "write_adapter"]

ATTENTION_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj")
#: What models without experts can adapt.
ALL_TARGETS = (*ATTENTION_TARGETS, "gate_proj", "up_proj", "down_proj")

#: Loud enough that an adapter changes most tokens.
_GAIN = 0.7


def write_adapter(
    recipe: Recipe,
    folder: Path,
    *,
    seed: int = 1,
    rank: int = 8,
    targets: tuple[str, ...] = ALL_TARGETS,
) -> Path:
    """Write an adapter of a model; `folder` is either complete or absent.

    Raises ValueError: the model has no such target.
    Raises FileExistsError: something else is there.
    """
    known = ATTENTION_TARGETS if recipe.experts else ALL_TARGETS
    if unknown := sorted(set(targets) - set(known)):
        raise ValueError(f"a {recipe.kind} model has no {unknown}; it has {list(known)}")

    def fill(place: Path) -> None:
        # numpy is vLLM's, and takes a while.
        draw = import_module("hwcheck.exercise.serving.weights").draw
        tensors = {}
        for layer in range(recipe.layers):
            for target in targets:
                inputs, outputs = _sizes(recipe, target)
                name = _module(layer, target)
                tensors[f"{name}.lora_A.weight"] = draw(
                    seed, f"{name}.A", (rank, inputs), inputs**-0.5
                )
                tensors[f"{name}.lora_B.weight"] = draw(
                    seed, f"{name}.B", (outputs, rank), _GAIN * max(rank, 1) ** -0.5
                )
        import_module("safetensors.numpy").save_file(
            tensors, str(place / "adapter_model.safetensors"), metadata={"format": "pt"}
        )
        text = json.dumps(_config(rank, targets), indent=1) + "\n"
        (place / "adapter_config.json").write_text(text, encoding="utf-8")

    return write_atomically(folder, fill)


def kept_adapter(recipe: Recipe, cache: Path, seed: int) -> Path:
    """Return an adapter's folder in `cache`, made if it is not there; several processes may."""
    folder = cache / f"adapter-{checkpoint_key(recipe)}-{seed}"
    if not folder.is_dir():
        try:
            write_adapter(recipe, folder, seed=seed)
        except FileExistsError:
            # Another process was faster, and its folder holds the same.
            if not folder.is_dir():
                raise
    return folder


def _config(rank: int, targets: tuple[str, ...]) -> dict[str, object]:
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": None,
        "inference_mode": True,
        "r": rank,
        # Not the rank, so that the scale of 2 is seen to be applied.
        "lora_alpha": 2 * rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "use_rslora": False,
        "use_dora": False,
        "modules_to_save": None,
        "target_modules": sorted(targets),
    }


def _module(layer: int, target: str) -> str:
    block = "self_attn" if target in ATTENTION_TARGETS else "mlp"
    return f"base_model.model.model.layers.{layer}.{block}.{target}"


def _sizes(recipe: Recipe, target: str) -> tuple[int, int]:
    hidden = recipe.hidden_size
    width, kv_width = recipe.heads * recipe.head_size, recipe.kv_heads * recipe.head_size
    return {
        "q_proj": (hidden, width),
        "k_proj": (hidden, kv_width),
        "v_proj": (hidden, kv_width),
        "o_proj": (width, hidden),
        "down_proj": (recipe.intermediate_size, hidden),
    }.get(target, (hidden, recipe.intermediate_size))
