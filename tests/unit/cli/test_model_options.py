"""The words about the model."""

import argparse
import json

import pytest

from hwcheck.cli.model_options import add_model_options, given_model, model_words
from hwcheck.errors import UsageError

CONFIG = {"architectures": ["Qwen2ForCausalLM"], "vocab_size": 1000, "n_positions": 512}


@pytest.fixture
def folder(tmp_path):
    """
    A folder with a config.json that has no fault.
    """
    write(tmp_path, CONFIG)
    return tmp_path


def write(folder, config):
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def arguments_of(*words, pairs=False):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.set_defaults(pairs=pairs)
    add_model_options(parser)
    return parser.parse_args(list(map(str, words)))


def test_checkpoint_is_given_by_its_folder(folder):
    """
    The child works in a folder of its own, so the path is absolute.
    """
    arguments = arguments_of("--model", folder)

    assert given_model(arguments) == folder.absolute()
    assert list(model_words(arguments)) == ["--model", str(folder)]


def test_run_without_a_model_takes_the_tiny_ones():
    """
    Of whose heads the size can be chosen.
    """
    arguments = arguments_of("--head-size", "128")

    assert given_model(arguments) is None
    assert list(model_words(arguments)) == ["--head-size", "128"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("", "is not JSON"),
        ("[1]", "holds no JSON object"),
        ("{}", "names no architectures"),
        ('{"architectures": []}', "names no architectures"),
        (json.dumps(CONFIG | {"vocab_size": 100}), "a vocabulary of 100 tokens"),
        (json.dumps(CONFIG | {"n_positions": 128}), "a context of 128 tokens"),
    ],
)
def test_checkpoint_that_is_none_is_told(config, told, folder):
    """
    In one line, before anything is started.
    """
    (folder / "config.json").write_text(config, encoding="utf-8")

    with pytest.raises(UsageError, match=told) as found:
        given_model(arguments_of("--model", folder))

    assert "\n" not in str(found.value)


def test_folder_that_is_missing_is_told(tmp_path):
    """
    Each for itself: no folder, a file, an empty folder, and one that cannot be read.
    """
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd" / "config.json").mkdir(parents=True)

    for name, told in (
        ("none", "is no folder"),
        ("file", "is no folder"),
        ("empty", "holds no config.json"),
        ("odd", "cannot be read: Is a directory"),
    ):
        with pytest.raises(UsageError, match=told):
            given_model(arguments_of("--model", tmp_path / name))


def test_model_does_not_go_with_what_is_about_tiny_ones(folder):
    """
    An option that would do nothing is a mistake.
    """
    with pytest.raises(UsageError, match="--head-size is about"):
        given_model(arguments_of("--model", folder, "--head-size", "64"))
    with pytest.raises(UsageError, match="--pairs is about"):
        given_model(arguments_of("--model", folder, pairs=True))


def test_head_size_is_one_that_kernels_take():
    """
    Anything else is refused where it is typed.
    """
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        arguments_of("--head-size", "7")
