"""Make the tiny models on the spot, as folders that vLLM and transformers load."""

import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.serving.config_file import write_config
from hwcheck.exercise.serving.recipe import EightBits, Kind, Recipe
from hwcheck.exercise.serving.tokenizer_file import write_tokenizer

__all__ = ["checkpoint_key", "kept_checkpoint", "write_atomically", "write_checkpoint"]

#: Raise it with every change to what a recipe gives, so that nobody is handed an old model.
_MADE_BY = 2


def write_checkpoint(recipe: Recipe, folder: Path) -> Path:
    """Write a model that was not there yet; `folder` is either complete or absent.

    Raises FileExistsError: something else is there.
    """

    def fill(place: Path) -> None:
        if recipe.kind is Kind.QWEN2_AUDIO:
            # Transformers takes seconds to import, and few models need it.
            import_module("hwcheck.exercise.serving.audio_model").write_audio_model(place, recipe)
            return
        # numpy is vLLM's, and takes a while.
        weights = import_module("hwcheck.exercise.serving.weights").make_weights(recipe)
        if recipe.group:
            rounded = import_module("hwcheck.exercise.serving.four_bits").rounded
            weights = rounded(weights, recipe.group, is_packed=recipe.is_packed)
        eight_bits = import_module("hwcheck.exercise.serving.eight_bits")
        if recipe.eight_bits:
            weights = eight_bits.rounded(weights, recipe.eight_bits, is_packed=recipe.is_packed)
        file = place / "model.safetensors"
        import_module("safetensors.numpy").save_file(weights, str(file), metadata={"format": "pt"})
        if recipe.eight_bits is EightBits.FLOAT:
            eight_bits.declare_floats(file)
        write_tokenizer(place, recipe.vocabulary, recipe.context, is_thinking=recipe.is_thinking)
        write_config(place, recipe)

    return write_atomically(folder, fill)


def kept_checkpoint(recipe: Recipe, cache: Path) -> Path:
    """Return the model's folder in `cache`, made if it is not there; several processes may."""
    folder = cache / f"model-{checkpoint_key(recipe)}"
    if not folder.is_dir():
        try:
            write_checkpoint(recipe, folder)
        except FileExistsError:
            # Another process was faster, and its folder holds the same.
            if not folder.is_dir():
                raise
    return folder


def checkpoint_key(recipe: Recipe) -> str:
    """Name what a recipe gives, in this version of hwcheck."""
    content = json.dumps([_MADE_BY, dataclasses.asdict(recipe)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def write_atomically(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write into a folder beside, and rename it to `folder`.

    Raises FileExistsError: something is there already.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fill(beside)
        # mkdtemp lets nobody else in, but a cache may be shared.
        beside.chmod(0o755)
        # A folder that is empty would be replaced by the rename.
        if folder.exists():
            raise FileExistsError(f"cannot write the model: {str(folder)!r} is there already")
        try:
            beside.rename(folder)
        except OSError as error:
            if folder.exists():
                raise FileExistsError(f"{str(folder)!r} is there already") from error
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder
