"""Attention as its definition says, in float64, without pages."""

from importlib import import_module

from hwcheck.exercise.operators.torch_names import Tensor

__all__ = ["attended"]


def attended(
    query: Tensor, keys: Tensor, values: Tensor, *, scale: float, window: int | None
) -> Tensor:
    """Let the last tokens of a sequence attend to all that is before them.

    `query` is (tokens, heads, size), `keys` and `values` (all tokens, key heads, size).
    """
    torch = import_module("torch")
    count, heads, _ = query.shape
    length, key_heads, _ = keys.shape
    sharers = heads // key_heads
    place = torch.arange(length - count, length)[:, None]
    seen = torch.arange(length)[None, :]
    hidden = seen > place
    if window is not None:
        hidden = hidden | (seen <= place - window)
    results = []
    for head in range(heads):
        scores = query[:, head].double() @ keys[:, head // sharers].double().T * scale
        weights = scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)
        results.append(weights @ values[:, head // sharers].double())
    return torch.stack(results, dim=1)
