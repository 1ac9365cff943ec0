"""Batches of requests with and without LoRA adapters, and the tensors that their layers have."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = [
    "INDEX_TO_ID",
    "MOST_REQUESTS",
    "MOST_TOKENS",
    "RANK",
    "VOCABULARY",
    "Adapters",
    "Batch",
    "Mix",
    "Tensors",
    "batches_of",
]

#: The slot of each adapter: their ids are in another order, to tell an id from a slot.
INDEX_TO_ID: tuple[int, ...] = (3, 1, 2)
RANK = 8
VOCABULARY = 16
_LONGEST = 4
MOST_REQUESTS = 4
MOST_TOKENS = MOST_REQUESTS * _LONGEST

Mix = str
#: What the requests of a batch have: all an adapter, some, or none.
_IDS: dict[Mix, SearchStrategy[list[int]]] = {
    "": st.lists(st.sampled_from(INDEX_TO_ID), min_size=1, max_size=MOST_REQUESTS),
    "mixed": st.lists(
        st.sampled_from((0, *INDEX_TO_ID)), min_size=2, max_size=MOST_REQUESTS
    ).filter(lambda ids: 0 in ids and any(ids)),
    "none": st.lists(st.just(0), min_size=1, max_size=MOST_REQUESTS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Requests, each of some tokens, and the layer that they go through."""

    adapters: tuple[int, ...]
    """The id of each request's adapter, 0 for none."""
    lengths: tuple[int, ...]
    """The tokens of each request."""
    features: int
    slices: tuple[int, ...]
    """The widths of the parts of the layer's output."""
    dtype: str
    """A dtype of torch's, by name."""
    seed: int

    @property
    def token_ids(self) -> tuple[int, ...]:
        """The id of each token's adapter, 0 for none."""
        pairs = zip(self.adapters, self.lengths, strict=True)
        return tuple(adapter for adapter, length in pairs for _ in range(length))

    def __repr__(self) -> str:
        requests = list(zip(self.adapters, self.lengths, strict=True))
        return (
            f"(adapter, tokens) of each request: {requests}; features={self.features}, "
            f"slices={self.slices}, dtype={self.dtype}, seed={self.seed}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """The weights of all adapters of a layer, stacked as vLLM's layers stack them."""

    down: tuple[Any, ...]
    up: tuple[Any, ...]


def batches_of(mix: Mix, dtypes: tuple[str, ...]) -> SearchStrategy[Batch]:
    """Generate batches whose requests have adapters, or partly, or not."""
    lengths = st.lists(st.integers(1, _LONGEST), min_size=MOST_REQUESTS, max_size=MOST_REQUESTS)
    slices = st.lists(st.sampled_from((8, 16, 24)), min_size=1, max_size=3)
    return st.builds(
        lambda ids, tokens, features, widths, dtype, seed: Batch(
            adapters=tuple(ids),
            lengths=tuple(tokens[: len(ids)]),
            features=features,
            slices=tuple(widths),
            dtype=dtype,
            seed=seed,
        ),
        _IDS[mix],
        lengths,
        st.sampled_from((16, 32)),
        slices,
        st.sampled_from(dtypes),
        st.integers(0, 3),
    )


class Tensors:
    """Make tensors of a batch's dtype on a device, of one seed."""

    def __init__(self, batch: Batch, device: object) -> None:
        torch = import_module("torch")
        self._generator = torch.Generator().manual_seed(batch.seed + 1)
        self._dtype, self._device = getattr(torch, batch.dtype), device

    def random(self, *shape: int, dtype: object = None) -> Any:
        """Make a tensor of values that are normally distributed."""
        made = import_module("torch").randn(shape, generator=self._generator)
        return made.to(dtype or self._dtype).to(self._device)

    def adapters(self, batch: Batch) -> Adapters:
        """Make the weights of all adapters."""
        slots = len(INDEX_TO_ID)
        return Adapters(
            down=tuple(self.random(slots, 1, RANK, batch.features) for _ in batch.slices),
            up=tuple(self.random(slots, 1, width, RANK) for width in batch.slices),
        )
