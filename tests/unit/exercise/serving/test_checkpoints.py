"""Tiny models that are made on the spot."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hwcheck.exercise.serving.adapters import write_adapter
from hwcheck.exercise.serving.checkpoints import (
    checkpoint_key,
    kept_checkpoint,
    write_atomically,
    write_checkpoint,
)
from hwcheck.exercise.serving.recipe import DENSE, EXPERTS, RECIPES
from hwcheck.exercise.serving.weights import draw

#: Not a pool of processes: that leaves one running, and other tests look for what was left.
KEEP = """
import pathlib, sys
from hwcheck.exercise.serving.checkpoints import kept_checkpoint
from hwcheck.exercise.serving.recipe import Recipe
print(kept_checkpoint(Recipe(layers=1), pathlib.Path(sys.argv[1])))
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_checkpoint_has_the_same_bytes_twice(small, tmp_path):
    """
    A recipe decides every byte.
    """
    first = write_checkpoint(small(), tmp_path / "first")
    second = write_checkpoint(small(), tmp_path / "second")

    assert contents(first) == contents(second)


def test_checkpoint_holds_what_a_loader_looks_for(small, tmp_path):
    """
    Weights, configuration and tokenizer are there, and nothing else.
    """
    folder = write_checkpoint(small(), tmp_path / "model")

    expected = ["config.json", "generation_config.json", "model.safetensors"]
    assert [*expected, "tokenizer.json", "tokenizer_config.json"] == list(contents(folder))


@pytest.mark.parametrize("change", [{"seed": 9}, {"successor_seed": 9}, {"attention_gain": 0.5}])
def test_another_recipe_gives_another_model(small, tmp_path, change):
    """
    The weights depend on each seed and gain.
    """
    first = write_checkpoint(small(), tmp_path / "first")
    second = write_checkpoint(small(**change), tmp_path / "second")

    assert contents(first)["model.safetensors"] != contents(second)["model.safetensors"]


def test_drawn_numbers_are_those_of_every_release():
    """
    The generator's stream is frozen, so models are the same beside every numpy.
    """
    drawn = draw(20, "example", (3,), 1.0)

    assert drawn.dtype == np.float32
    assert pytest.approx([-1.3044451, -2.4921978, 0.2815379], abs=1e-6) == drawn.tolist()


def test_recipes_have_keys_of_their_own():
    """
    No two recipes share a folder.
    """
    keys = {checkpoint_key(recipe) for recipe in RECIPES.values()}

    assert len(RECIPES) == len(keys)


def test_key_changes_with_every_field():
    """
    A field that is changed asks for another folder.
    """
    changed = [
        dataclasses.replace(DENSE, **{field.name: "other"}) for field in dataclasses.fields(DENSE)
    ]

    assert len({checkpoint_key(recipe) for recipe in (DENSE, *changed)}) == len(changed) + 1


def test_kept_checkpoint_is_made_once(small, tmp_path):
    """
    What is there is handed out as it is.
    """
    folder = kept_checkpoint(small(), tmp_path)
    (folder / "mark").touch()

    assert folder == kept_checkpoint(small(), tmp_path)
    assert (folder / "mark").exists()


def test_kept_checkpoint_is_safe_with_several_processes(tmp_path):
    """
    All get the same complete folder, and nothing is left beside it.
    """
    command = [sys.executable, "-P", "-c", KEEP, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    folders = {process.communicate(timeout=60)[0].strip() for process in started}

    assert folders == {str(folder) for folder in tmp_path.iterdir()}
    assert len(contents(Path(folders.pop()))) == 5


def test_kept_checkpoint_refuses_a_file_in_its_place(small, tmp_path):
    """
    What is no folder is not handed out.
    """
    (tmp_path / f"model-{checkpoint_key(small())}").touch()

    with pytest.raises(FileExistsError):
        kept_checkpoint(small(), tmp_path)


def test_failed_writing_leaves_nothing(tmp_path):
    """
    A folder is complete or absent.
    """

    def fail(place: Path) -> None:
        (place / "half").touch()
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_atomically(tmp_path / "model", fail)

    assert list(tmp_path.iterdir()) == []


def test_folder_that_appears_meanwhile_is_not_replaced(tmp_path):
    """
    Who comes second is told so.
    """
    folder = tmp_path / "model"

    def be_slow(place: Path) -> None:
        folder.mkdir()
        (folder / "first").touch()

    with pytest.raises(FileExistsError, match="is there already"):
        write_atomically(folder, be_slow)

    assert list(folder.iterdir()) == [folder / "first"]


def test_adapter_has_the_same_bytes_twice_and_others_with_another_seed(small, tmp_path):
    """
    The seed decides every byte of an adapter.
    """
    first, second, other = (
        contents(write_adapter(small(), tmp_path / name, seed=seed))
        for name, seed in (("first", 1), ("second", 1), ("other", 2))
    )

    assert first == second
    assert first["adapter_model.safetensors"] != other["adapter_model.safetensors"]


def test_adapter_says_what_it_adapts(small, tmp_path):
    """
    PEFT's configuration names rank and targets.
    """
    folder = write_adapter(small(), tmp_path / "adapter", rank=4, targets=("q_proj", "o_proj"))

    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    assert (config["r"], config["target_modules"]) == (4, ["o_proj", "q_proj"])


def test_adapter_for_what_a_model_lacks_is_refused(tmp_path):
    """
    A model of experts has no dense network to adapt.
    """
    with pytest.raises(ValueError, match="no \\['down_proj'\\]"):
        write_adapter(EXPERTS, tmp_path / "adapter", targets=("q_proj", "down_proj"))
