"""The weights of the tiny models: random, with two habits that make what they generate telling.

The first half of an embedding is the token's *content*. The head answers a content with the
token's successor, so a model that attends to nothing runs in short cycles, and drafts of repeats
are accepted. Attention adds the content of the tokens that it attends to, and so their successors
compete: a wrong mask, position or cache block changes the tokens. All the rest is noise, which
keeps every weight in use.

Only elementwise arithmetic on a frozen generator: the bytes do not depend on a BLAS library.
"""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hwcheck.exercise.serving.recipe import Recipe
from hwcheck.exercise.serving.successors import successors

__all__ = ["Weights", "draw", "make_weights"]

Array = NDArray[np.float32]
Weights = dict[str, Array]

#: Standard deviation of queries and keys; that of scores is its square, so attention is peaked.
_QUERY_SCALE = 2.2
_NOISE = 0.25
_NETWORK_GAIN = 0.6
#: How much a token's other half, which is no content, speaks in the logits.
_HEAD_NOISE = 0.3
_HEAD_GAIN = 0.11
_ROUTER_SCALE = 2.0


def draw(seed: int, name: str, shape: tuple[int, ...], scale: float) -> Array:
    """Draw normally distributed numbers, which depend on the seed and the name alone."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    # Its stream is frozen for all releases of numpy; that of the newer Generator is not.
    generator = np.random.RandomState(int.from_bytes(digest[:4], "big"))
    return (generator.standard_normal(shape) * scale).astype(np.float32)


def make_weights(recipe: Recipe) -> Weights:
    """Make every tensor of a model under the name that transformers and vLLM load it by."""
    embedding = draw(recipe.seed, "embedding", (recipe.vocabulary, recipe.hidden_size), 1.0)
    weights = {
        "model.embed_tokens.weight": embedding,
        "model.norm.weight": _norm(recipe, "norm"),
    }
    if recipe.is_tied:
        # An embedding is too loud for a head; of a pooled state the length does not matter.
        weights["model.norm.weight"] *= np.float32(_HEAD_GAIN)
    else:
        weights["lm_head.weight"] = _head(recipe, embedding)
    for layer in range(recipe.layers):
        prefix = f"model.layers.{layer}."
        weights.update({prefix + name: tensor for name, tensor in _layer(recipe, layer)})
    return weights


def _layer(recipe: Recipe, layer: int) -> Iterator[tuple[str, Array]]:
    mark = f"layers.{layer}"
    hidden = recipe.hidden_size
    yield "input_layernorm.weight", _norm(recipe, f"{mark}.input")
    yield "post_attention_layernorm.weight", _norm(recipe, f"{mark}.post")
    for name, heads in (("q_proj", recipe.heads), ("k_proj", recipe.kv_heads)):
        shape = (heads * recipe.head_size, hidden)
        scale = _QUERY_SCALE / hidden**0.5
        yield f"self_attn.{name}.weight", draw(recipe.seed, f"{mark}.{name}", shape, scale)
    values, output = _values_and_output(recipe, mark)
    yield "self_attn.v_proj.weight", values
    yield "self_attn.o_proj.weight", output
    if not recipe.experts:
        for name, tensor in _network(recipe, mark, ("gate_proj", "up_proj", "down_proj")):
            yield f"mlp.{name}.weight", tensor
        return
    shape = (recipe.experts, hidden)
    router = draw(recipe.seed, f"{mark}.router", shape, _ROUTER_SCALE / hidden**0.5)
    yield "block_sparse_moe.gate.weight", router
    for expert in range(recipe.experts):
        for name, tensor in _network(recipe, f"{mark}.{expert}", ("w1", "w3", "w2")):
            yield f"block_sparse_moe.experts.{expert}.{name}.weight", tensor


def _values_and_output(recipe: Recipe, mark: str) -> tuple[Array, Array]:
    """Make a head read a part of the content, and write back what it read."""
    content = recipe.hidden_size // 2
    scale = _NOISE / recipe.hidden_size**0.5
    size, kv_width = recipe.head_size, recipe.kv_heads * recipe.head_size
    values = draw(recipe.seed, f"{mark}.v_proj", (kv_width, recipe.hidden_size), scale)
    values[np.arange(kv_width), np.arange(kv_width) % content] += 1.0
    shape = (recipe.hidden_size, recipe.heads * size)
    output = draw(recipe.seed, f"{mark}.o_proj", shape, scale)
    for head in range(recipe.heads):
        read = (head // (recipe.heads // recipe.kv_heads) * size + np.arange(size)) % content
        output[read, head * size + np.arange(size)] += 1.0
    return values, output * np.float32(recipe.attention_gain)


def _network(recipe: Recipe, mark: str, names: tuple[str, str, str]) -> Iterator[tuple[str, Array]]:
    gate, up, down = names
    inner, hidden = recipe.intermediate_size, recipe.hidden_size
    for name in (gate, up):
        yield name, draw(recipe.seed, f"{mark}.{name}", (inner, hidden), hidden**-0.5)
    yield down, draw(recipe.seed, f"{mark}.{down}", (hidden, inner), _NETWORK_GAIN / inner**0.5)


def _norm(recipe: Recipe, name: str) -> Array:
    tensor = 1.0 + draw(recipe.seed, f"{name}.norm", (recipe.hidden_size,), 0.2)
    clipped: Array = np.clip(tensor, 0.5, 1.5).astype(np.float32)
    return clipped


def _head(recipe: Recipe, embedding: Array) -> Array:
    content = recipe.hidden_size // 2
    head = draw(recipe.seed, "head", embedding.shape, _HEAD_NOISE)
    for token, follower in enumerate(successors(recipe.vocabulary, recipe.successor_seed)):
        # The special tokens follow nothing, so none is generated unless it is asked for.
        head[follower, :content] = embedding[token, :content]
    # So that a smaller model is as sure of itself.
    return head * np.float32(_HEAD_GAIN * (256 / recipe.hidden_size))
