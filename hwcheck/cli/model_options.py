"""The options of ``hwcheck run`` about the model that engines serve."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from hwcheck.errors import UsageError

__all__ = ["add_model_options", "given_model", "model_words"]

_HEAD_SIZES = (64, 128, 256)
#: The prompts of the contracts are made of so many tokens.
_LEAST_VOCABULARY = 384
#: What engines are started with.
_LEAST_CONTEXT = 256


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--model",
        metavar="DIR",
        type=Path,
        help="serve this checkpoint in the place of the tiny dense model; the reference is "
        "transformers in float32",
    )
    parser.add_argument(
        "--head-size",
        type=int,
        choices=_HEAD_SIZES,
        help="the size of the heads of the tiny models, where a kernel does not take "
        f"{_HEAD_SIZES[0]}",
    )


def given_model(arguments: argparse.Namespace) -> Path | None:
    """The folder of the checkpoint, looked at as far as that can be done without vLLM.

    Raises UsageError: it is none, or too small, or does not go with another option.
    """
    folder: Path | None = arguments.model
    if folder is None:
        return None
    for option, is_given in (
        ("--head-size", arguments.head_size is not None),
        ("--pairs", arguments.pairs),
    ):
        if is_given:
            raise UsageError(f"{option} is about hwcheck's own models, and --model is another")
    if not folder.is_dir():
        raise UsageError(f"--model: {str(folder)!r} is no folder; give that of a checkpoint")
    _check(folder, _config(folder))
    return folder.absolute()


def model_words(arguments: argparse.Namespace) -> Iterator[str]:
    """Give them as they were given."""
    if arguments.model is not None:
        yield from ("--model", str(arguments.model))
    if arguments.head_size is not None:
        yield from ("--head-size", str(arguments.head_size))


def _config(folder: Path) -> dict[str, object]:
    file = folder / "config.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"--model: {str(folder)!r} holds no config.json, so it is no checkpoint"
        ) from None
    except OSError as error:
        raise UsageError(f"--model: {str(file)!r} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"--model: {str(file)!r} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"--model: {str(file)!r} holds no JSON object")
    return content


def _check(folder: Path, config: dict[str, object]) -> None:
    named = config.get("architectures")
    if not isinstance(named, list) or not named:
        raise UsageError(
            f"--model: config.json in {str(folder)!r} names no architectures, which vLLM goes by"
        )
    for names, least, what in (
        (("vocab_size",), _LEAST_VOCABULARY, "a vocabulary"),
        (("max_position_embeddings", "n_positions"), _LEAST_CONTEXT, "a context"),
    ):
        found = next((config[name] for name in names if isinstance(config.get(name), int)), None)
        if isinstance(found, int) and found < least:
            raise UsageError(
                f"--model: {str(folder)!r} has {what} of {found} tokens, and the contracts take "
                f"{least}"
            )
