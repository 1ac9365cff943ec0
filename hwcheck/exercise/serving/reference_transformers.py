"""The reference for a checkpoint that somebody brings along: transformers, on the CPU, float32."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwcheck.exercise.serving.reference import log_softmax
from hwcheck.exercise.serving.reference_model import NotReadable

__all__ = ["TransformersDecoder"]

Array = NDArray[np.float64]


class TransformersDecoder:
    """Computes what transformers loads from a folder; it remembers nothing between calls."""

    def __init__(self, folder: Path, adapter: str | None = None) -> None:
        """Load the model.

        Raises NotReadable: there is an adapter, or transformers cannot load the folder.
        """
        if adapter is not None:
            raise NotReadable("the reference with transformers computes no adapters")
        if not (folder / "config.json").is_file():
            raise NotReadable(f"{str(folder)!r} holds no config.json, so it is no checkpoint")
        try:
            # Seconds to import, and not in every environment.
            self._torch = import_module("torch")
            loader = import_module("transformers").AutoModelForCausalLM
            self._model = loader.from_pretrained(
                str(folder), torch_dtype=self._torch.float32, local_files_only=True
            ).eval()
        # Which exceptions depends on the model's code.
        except Exception as error:
            raise NotReadable(
                f"transformers cannot load {str(folder)!r} as a causal language model:"
                f" {type(error).__name__}: {error}"
            ) from error

    def logprobs(self, tokens: Sequence[int]) -> Array:
        """Return the logarithm of the probability of each next token, a row a position."""
        return log_softmax(self.logits(tokens))

    def logits(self, tokens: Sequence[int]) -> Array:
        """Return what the head says of each next token, a row a position."""
        return self._outputs(tokens)[0]

    def embedding(self, tokens: Sequence[int]) -> Array:
        """Return the state of the last token, normalised to length 1."""
        last = self._outputs(tokens)[1]
        normalised: Array = last / np.sqrt(np.sum(last**2))
        return normalised

    def greedy(self, prompt: Sequence[int], count: int) -> list[int]:
        """Return the `count` tokens that continue a prompt, each the likeliest."""
        tokens = list(prompt)
        for _ in range(count):
            tokens.append(int(np.argmax(self._outputs(tokens)[0][-1])))
        return tokens[len(prompt) :]

    def _outputs(self, tokens: Sequence[int]) -> tuple[Array, Array]:
        """Return the logits of every position and the final state of the last."""
        if not tokens:
            raise ValueError("there is no token to compute")
        with self._torch.no_grad():
            # All again for each token: a cache would be one more thing to be wrong.
            made = self._model(self._torch.tensor([list(tokens)]), output_hidden_states=True)
        logits = made.logits[0].double().numpy()
        return logits, made.hidden_states[-1][0, -1].double().numpy()
