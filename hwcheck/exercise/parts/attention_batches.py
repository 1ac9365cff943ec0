"""Batches of requests as the model runner describes them to a metadata builder."""

from dataclasses import dataclass, fields
from importlib import import_module

from hypothesis import strategies as st

from hwcheck.exercise.moved_names import first_found

__all__ = ["BATCHES", "DECODES", "Request", "described_batch", "describes_batch"]

_METADATA = ("vllm.v1.attention.backend", "vllm.v1.attention.backends.utils")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of a batch."""

    computed: int
    """Tokens whose keys and values are in the cache."""
    new: int
    """Tokens of this step."""


#: Any mixture of first chunks, later chunks and single tokens.
BATCHES = st.lists(
    st.builds(Request, computed=st.integers(0, 150), new=st.integers(1, 40)),
    min_size=1,
    max_size=6,
)
#: One new token each, as graphs are captured for.
DECODES = st.lists(
    st.builds(Request, computed=st.integers(1, 150), new=st.just(1)), min_size=1, max_size=6
)


def described_batch(batch: list[Request], block_size: int, device: object) -> object:
    """Describe a batch to a builder; every request has blocks of its own."""
    torch = import_module("torch")
    lengths = [item.computed + item.new for item in batch]
    starts = [sum(item.new for item in batch[:n]) for n in range(len(batch) + 1)]
    width = max(-(-length // block_size) for length in lengths)
    table = torch.arange(1, len(batch) * width + 1, dtype=torch.int32).reshape(len(batch), width)
    positions = torch.cat([torch.arange(item.computed, item.computed + item.new) for item in batch])
    rows = torch.repeat_interleave(
        torch.arange(len(batch)), torch.tensor([item.new for item in batch])
    )
    slots = table[rows, positions // block_size].long() * block_size + positions % block_size
    on_host = {
        "query_start_loc": torch.tensor(starts, dtype=torch.int32),
        "seq_lens": torch.tensor(lengths, dtype=torch.int32),
        "block_table_tensor": table,
        "slot_mapping": slots,
        "positions": positions,
    }
    computed = torch.tensor([item.computed for item in batch], dtype=torch.int32)
    known: dict[str, object] = {
        **{name: value.to(device) for name, value in on_host.items()},
        "query_start_loc_cpu": on_host["query_start_loc"].clone(),
        "seq_lens_cpu": on_host["seq_lens"].clone(),
        "_seq_lens_cpu": on_host["seq_lens"].clone(),
        "seq_lens_cpu_upper_bound": on_host["seq_lens"].clone(),
        "num_computed_tokens_cpu": computed,
        "_num_computed_tokens_cpu": computed.clone(),
        "is_prefilling": torch.tensor([item.new > 1 for item in batch]),
        "num_reqs": len(batch),
        "num_actual_tokens": starts[-1],
        "max_query_len": max(item.new for item in batch),
        "max_seq_len": max(lengths),
        "causal": True,
    }
    cls = first_found(_METADATA, "CommonAttentionMetadata")
    taken = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    made: object = cls(  # type: ignore[operator]
        **{name: value for name, value in known.items() if name in taken}
    )
    return made


def describes_batch(thing: object) -> bool:
    """Whether it is vLLM's own description of a batch."""
    cls = first_found(_METADATA, "CommonAttentionMetadata")
    return isinstance(thing, cls)  # type: ignore[arg-type]
