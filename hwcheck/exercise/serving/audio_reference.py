"""What transformers says, in float64 and in a process of its own, of a model that hears."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwcheck.errors import HwcheckError
from hwcheck.exercise.serving.audio_model import SAMPLING_RATE, sound

__all__ = ["AudioReferenceFailed", "Heard", "audio_logprobs"]

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


def audio_logprobs(
    folder: Path, heard: Sequence[Heard], *, python: str = sys.executable, limit: float = _LIMIT
) -> list[Array]:
    """Return the log-probabilities of each next token, for each of what was heard.

    Raises AudioReferenceFailed: the process gave no answer.
    """
    with tempfile.TemporaryDirectory() as place:
        question, answer = Path(place) / "question.json", Path(place) / "answer.npy"
        asked = [{"tokens": item.tokens, "seed": item.seed} for item in heard]
        question.write_text(json.dumps(asked), encoding="utf-8")
        command = [python, "-P", "-m", __name__, str(folder), str(question), str(answer)]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AudioReferenceFailed(f"no answer within {limit:g} s") from error
        if not answer.exists():
            tail = done.stderr.decode(errors="replace")[-_LONGEST_TAIL:].strip()
            raise AudioReferenceFailed(f"it ended with {done.returncode} and printed last: {tail}")
        # One row a token, of all one after the other.
        ends = np.cumsum([len(item.tokens) for item in heard])
        return np.split(np.load(answer), ends[:-1])


def _compute(folder: str, question: str, answer: str) -> None:
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
    asked = json.loads(Path(question).read_text(encoding="utf-8"))
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
