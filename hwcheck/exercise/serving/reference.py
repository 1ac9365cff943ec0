"""The models of the serving contracts in numpy and float64, with no line of vLLM, torch or theirs.

Written from the definitions: RMS norm, rotary embedding (neox style), grouped queries, SwiGLU,
experts chosen by a router, a sliding window, one residual stream.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwcheck.exercise.serving.reference_model import Model

__all__ = ["Decoder", "log_softmax", "rotated"]

Array = NDArray[np.float64]


class Decoder:
    """Computes one model; it remembers nothing between calls."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._shape = model.shape

    def logprobs(self, tokens: Sequence[int]) -> Array:
        """Return the logarithm of the probability of each next token, a row a position."""
        return log_softmax(self.logits(tokens))

    def logits(self, tokens: Sequence[int]) -> Array:
        """Return what the head says of each next token, a row a position."""
        spoken: Array = self._hidden(tokens, _Memory()) @ self._model.head().T
        return spoken

    def embedding(self, tokens: Sequence[int]) -> Array:
        """Return the state of the last token, normalised to length 1."""
        last = self._hidden(tokens, _Memory())[-1]
        normalised: Array = last / np.sqrt(np.sum(last**2))
        return normalised

    def greedy(self, prompt: Sequence[int], count: int) -> list[int]:
        """Return the `count` tokens that continue a prompt, each the likeliest."""
        memory = _Memory()
        generated: list[int] = []
        pending = list(prompt)
        while len(generated) < count:
            last = self._hidden(pending, memory)[-1]
            pending = [int(np.argmax(self._model.head() @ last))]
            generated += pending
        return generated

    def _hidden(self, tokens: Sequence[int], memory: "_Memory") -> Array:
        self._refuse(tokens)
        first = memory.length
        positions = np.arange(first, first + len(tokens))
        states = self._model.weights["model.embed_tokens.weight"][np.asarray(tokens)]
        for layer in range(self._shape.layers):
            prefix = f"model.layers.{layer}."
            states = states + self._attention(
                self._norm(states, f"{prefix}input_layernorm.weight"),
                f"{prefix}self_attn.",
                positions,
                memory.layer(layer),
            )
            normed = self._norm(states, f"{prefix}post_attention_layernorm.weight")
            states = states + self._network(normed, prefix)
        memory.length += len(tokens)
        return self._norm(states, "model.norm.weight")

    def _refuse(self, tokens: Sequence[int]) -> None:
        if not tokens:
            raise ValueError("there is no token to compute")
        if wrong := sorted({token for token in tokens if not 0 <= token < self._shape.vocabulary}):
            raise ValueError(f"tokens {wrong} are not in 0..{self._shape.vocabulary - 1}")

    def _norm(self, states: Array, name: str) -> Array:
        mean = np.mean(states**2, axis=-1, keepdims=True)
        # numpy's stubs leave the type of a quotient open.
        normed: Array = states / np.sqrt(mean + self._shape.epsilon) * self._model.weights[name]
        return normed

    def _attention(
        self, states: Array, prefix: str, positions: NDArray[np.int64], seen: "_Seen"
    ) -> Array:
        shape = self._shape
        queries = self._projected(states, f"{prefix}q_proj.weight", shape.heads)
        keys = self._projected(states, f"{prefix}k_proj.weight", shape.kv_heads)
        values = self._projected(states, f"{prefix}v_proj.weight", shape.kv_heads)
        seen.append(rotated(keys, positions, shape.rope_theta), values)
        queries = rotated(queries, positions, shape.rope_theta)
        # One group of queries for each head of keys.
        grouped = queries.reshape(len(states), shape.kv_heads, -1, shape.head_size)
        scores = np.einsum("qhgd,khd->hgqk", grouped, seen.keys) / np.sqrt(shape.head_size)
        distance = positions[:, None] - np.arange(len(seen.keys))[None, :]
        hidden = distance < 0
        if shape.window is not None:
            hidden |= distance >= shape.window
        weights = np.exp(log_softmax(np.where(hidden, -np.inf, scores)))
        mixed = np.einsum("hgqk,khd->qhgd", weights, seen.values).reshape(len(states), -1)
        result: Array = mixed @ self._model.weights[f"{prefix}o_proj.weight"].T
        return result

    def _projected(self, states: Array, name: str, heads: int) -> Array:
        return (states @ self._model.weights[name].T).reshape(len(states), heads, -1)

    def _network(self, states: Array, prefix: str) -> Array:
        if not self._shape.chosen_experts:
            return self._gated(states, f"{prefix}mlp.", ("gate_proj", "up_proj", "down_proj"))
        return self._experts(states, f"{prefix}block_sparse_moe.")

    def _experts(self, states: Array, prefix: str) -> Array:
        routed = states @ self._model.weights[f"{prefix}gate.weight"].T
        order = np.argsort(-routed, axis=-1, kind="stable")[:, : self._shape.chosen_experts]
        # Over the chosen ones alone: the same as renormalising what all have.
        shares = np.exp(log_softmax(np.take_along_axis(routed, order, axis=-1)))
        result = np.zeros_like(states)
        for expert in np.unique(order):
            rows, places = np.nonzero(order == expert)
            names = ("w1", "w3", "w2")
            made = self._gated(states[rows], f"{prefix}experts.{expert}.", names)
            result[rows] += shares[rows, places][:, None] * made
        return result

    def _gated(self, states: Array, prefix: str, names: tuple[str, str, str]) -> Array:
        gate, up, down = (self._model.weights[f"{prefix}{name}.weight"] for name in names)
        gated = states @ gate.T
        # Halved, so that no exponential overflows: x * sigmoid(x).
        swish = gated * 0.5 * (1.0 + np.tanh(gated * 0.5))
        return (swish * (states @ up.T)) @ down.T


def log_softmax(scores: Array) -> Array:
    """Return the logarithm of the softmax over the last axis; -inf stays -inf."""
    shifted = scores - np.max(scores, axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
    return result


def rotated(vectors: Array, positions: NDArray[np.int64], theta: float) -> Array:
    """Turn each pair (i, i + half) of a head by an angle that grows with the position."""
    half = vectors.shape[-1] // 2
    frequencies = theta ** (-np.arange(half) / half)
    angles = (positions[:, None] * frequencies[None, :])[:, None, :]
    cosine, sine = np.cos(angles), np.sin(angles)
    left, right = vectors[..., :half], vectors[..., half:]
    turned = (left * cosine - right * sine, right * cosine + left * sine)
    return np.concatenate(turned, axis=-1)


class _Seen:
    """The keys and values of the tokens so far, in one layer."""

    def __init__(self) -> None:
        self.keys: Array = np.empty((0, 0, 0))
        self.values: Array = np.empty((0, 0, 0))

    def append(self, keys: Array, values: Array) -> None:
        is_first = not len(self.keys)
        self.keys = keys if is_first else np.concatenate((self.keys, keys))
        self.values = values if is_first else np.concatenate((self.values, values))


class _Memory:
    """What `_Seen` holds for every layer, and how many tokens that is."""

    def __init__(self) -> None:
        self.length = 0
        self._layers: dict[int, _Seen] = {}

    def layer(self, number: int) -> _Seen:
        return self._layers.setdefault(number, _Seen())
