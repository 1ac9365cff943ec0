"""What transformers says, in float64 and in a process of its own, of a model that hears."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hwcheck.errors import HwcheckError
from hwcheck.exercise.serving.audio_model import SAMPLING_RATE, sound

__all__ = ["AudioReference", "AudioReferenceFailed", "Heard"]

Array = NDArray[np.float64]

_LIMIT = 90.0
_LONGEST_TAIL = 600


class AudioReferenceFailed(HwcheckError):
    """The reference gave no answer; the message says why. Never the fault of a plugin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Tokens, and the sound that goes with them."""

    tokens: tuple[int, ...]
    """Those of the prompt and of the answer, a place for each part of the sound among them."""
    seed: int | None
    """Of the sound; none where nothing is to be heard."""


class AudioReference:
    """One checkpoint as transformers computes it, in a process that ends with the block.

    Most of its time goes into imports, which the caller may use to start an engine.
    """

    def __init__(
        self, folder: Path, *, python: str = sys.executable, limit: float = _LIMIT
    ) -> None:
        self._words = (python, "-P", "-m", __name__, str(folder))
        self._limit = limit
        self._ending = ExitStack()
        self._place = Path()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the process."""
        with self._ending:
            self._place = Path(self._ending.enter_context(tempfile.TemporaryDirectory()))
            printed = self._ending.enter_context(self._printed.open("wb"))
            self._process = self._ending.enter_context(
                subprocess.Popen(
                    (*self._words, str(self._answer)),
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=printed,
                )
            )
            self._ending.callback(self._process.kill)
            self._ending = self._ending.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process = None
        self._ending.close()

    def logprobs(self, heard: Sequence[Heard]) -> list[Array]:
        """Return the log-probabilities of each next token, for each of what was heard; once.

        Raises AudioReferenceFailed: the process gave no answer.
        """
        process, self._process = self._process, None
        if process is None:
            raise AudioReferenceFailed("the reference answers once, within its block")
        asked = [{"tokens": item.tokens, "seed": item.seed} for item in heard]
        try:
            process.communicate(json.dumps(asked).encode(), self._limit)
        except subprocess.TimeoutExpired as error:
            raise AudioReferenceFailed(f"no answer within {self._limit:g} s") from error
        if not self._answer.exists():
            tail = self._printed.read_text("utf-8", "replace")[-_LONGEST_TAIL:].strip()
            code = process.returncode
            raise AudioReferenceFailed(f"it ended with {code} and printed last: {tail}")
        # One row a token, of all one after the other.
        ends = np.cumsum([len(item.tokens) for item in heard])
        return np.split(np.load(self._answer), ends[:-1])

    @property
    def _answer(self) -> Path:
        return self._place / "answer.npy"

    @property
    def _printed(self) -> Path:
        return self._place / "printed.txt"


def _compute(folder: str, answer: str) -> None:
    models = import_module("transformers.models.qwen2_audio")
    torch = import_module("torch")
    model, loaded = models.Qwen2AudioForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float64, local_files_only=True, output_loading_info=True
    )
    # Else it would go on with weights that nobody knows.
    if missing := sorted(loaded["missing_keys"]):
        sys.exit(f"the checkpoint lacks {missing[0]} and {len(missing) - 1} weights more")
    model.eval()
    features = import_module("transformers").WhisperFeatureExtractor.from_pretrained(folder)
    asked = json.load(sys.stdin)
    rows = np.concatenate([_rows(model, features, item) for item in asked])
    beside = Path(answer).with_name("beside.npy")
    np.save(beside, rows)
    beside.rename(answer)


def _rows(model: Any, features: Any, item: dict[str, Any]) -> Array:
    torch = import_module("torch")
    tokens = torch.tensor([item["tokens"]])
    heard: dict[str, Any] = {}
    if item["seed"] is not None:
        made = features(
            sound(item["seed"]),
            sampling_rate=SAMPLING_RATE,
            padding="max_length",
            return_attention_mask=True,
            return_tensors="pt",
        )
        heard = {
            "input_features": made["input_features"].double(),
            "feature_attention_mask": made["attention_mask"],
        }
    with torch.no_grad():
        logits = model(input_ids=tokens, attention_mask=torch.ones_like(tokens), **heard).logits
    rows: Array = logits[0].log_softmax(-1).numpy()
    return rows


if __name__ == "__main__":
    _compute(*sys.argv[1:])
