"""Paged attention in plain torch, one request at a time, every tensor on the device."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from vllm.v1.attention.backend import (
    AttentionBackend,
    AttentionImpl,
    AttentionMetadata,
    AttentionMetadataBuilder,
    AttentionType,
    CommonAttentionMetadata,
)
from vllm.v1.kv_cache_interface import KVCacheLayout

__all__ = [
    "SampleDeviceAttentionBackend",
    "SampleDeviceAttentionBuilder",
    "SampleDeviceAttentionImpl",
    "SampleDeviceAttentionMetadata",
    "positions",
]


class SampleDeviceAttentionBackend(AttentionBackend):
    """Causal decoder attention with an optional sliding window."""

    supported_dtypes: ClassVar[list[torch.dtype]] = [
        torch.float32,
        torch.bfloat16,
        torch.float16,
    ]
    supported_kv_cache_dtypes: ClassVar[list[str]] = ["auto"]

    @staticmethod
    def get_name() -> str:
        """Return a member of vLLM's enumeration: Attention looks the name up there."""
        return "CUSTOM"

    @staticmethod
    def get_impl_cls() -> type["SampleDeviceAttentionImpl"]:
        """Return the class that computes."""
        return SampleDeviceAttentionImpl

    @staticmethod
    def get_builder_cls() -> type["SampleDeviceAttentionBuilder"]:
        """Return the class that prepares a batch."""
        return SampleDeviceAttentionBuilder

    @classmethod
    def supported_kv_cache_layouts(cls) -> tuple[KVCacheLayout, ...]:
        """Ask for blocks of (heads, tokens, key and value)."""
        return (KVCacheLayout.LBHNC,)

    @classmethod
    def supports_sliding_window(cls) -> bool:
        """Say yes: the mask knows the window."""
        return True


@dataclass
class SampleDeviceAttentionMetadata(AttentionMetadata):
    """What the layers need to know about the batch of one step: numbers, and device tensors."""

    query_starts: list[int]
    sequence_lengths: list[int]
    block_table: torch.Tensor
    slots: torch.Tensor


class SampleDeviceAttentionBuilder(AttentionMetadataBuilder[SampleDeviceAttentionMetadata]):
    """Keep the few fields that the computation uses."""

    def __init__(
        self, kv_cache_spec: Any, layer_names: list[str], vllm_config: Any, device: torch.device
    ) -> None:
        super().__init__(kv_cache_spec, layer_names, vllm_config, device)

    def build(
        self,
        common_prefix_len: int,
        common_attn_metadata: CommonAttentionMetadata,
        fast_build: bool = False,
    ) -> SampleDeviceAttentionMetadata:
        """Prepare one step."""
        batch = common_attn_metadata
        return SampleDeviceAttentionMetadata(
            query_starts=batch.query_start_loc_cpu[: batch.num_reqs + 1].tolist(),
            sequence_lengths=batch.seq_lens[: batch.num_reqs].tolist(),
            block_table=batch.block_table_tensor,
            slots=batch.slot_mapping[: batch.num_actual_tokens].long(),
        )


class SampleDeviceAttentionImpl(AttentionImpl[SampleDeviceAttentionMetadata]):
    """Write the new keys and values into the cache, then attend request by request."""

    def __init__(  # noqa: PLR0917  # vLLM's signature
        self,
        num_heads: int,
        head_size: int,
        scale: float,
        num_kv_heads: int | None = None,
        alibi_slopes: list[float] | None = None,
        sliding_window: int | None = None,
        kv_cache_dtype: str = "auto",
        logits_soft_cap: float | None = None,
        attn_type: str = AttentionType.DECODER,
        kv_sharing_target_layer_name: str | None = None,
    ) -> None:
        if alibi_slopes or logits_soft_cap or kv_sharing_target_layer_name:
            raise NotImplementedError(
                "sample_device has no ALiBi slopes, soft-capped logits or shared caches"
            )
        if attn_type != AttentionType.DECODER:
            raise NotImplementedError(f"sample_device has no attention of type {attn_type!r}")
        self.num_heads = num_heads
        self.head_size = head_size
        self.scale = scale
        self.num_kv_heads = num_kv_heads or num_heads
        self.sliding_window = sliding_window
        self.kv_cache_dtype = kv_cache_dtype

    def forward(  # noqa: PLR0917  # vLLM's signature
        self,
        layer: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        kv_cache: torch.Tensor,
        attn_metadata: SampleDeviceAttentionMetadata | None,
        output: torch.Tensor,
        output_scale: torch.Tensor | None = None,
        output_block_scale: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Fill `output`, one row a token."""
        if attn_metadata is None:  # a profiling run, before there is a cache
            return output
        self._store(key, value, kv_cache, attn_metadata.slots)
        starts = attn_metadata.query_starts
        for request, length in enumerate(attn_metadata.sequence_lengths):
            rows = slice(starts[request], starts[request + 1])
            keys, values = self._load(kv_cache, attn_metadata.block_table[request], length)
            attended = self._attend(query[rows], keys, values)
            output[rows] = attended.reshape(output[rows].shape).to(output.dtype)
        return output

    def _store(
        self, key: torch.Tensor, value: torch.Tensor, kv_cache: torch.Tensor, slots: torch.Tensor
    ) -> None:
        block_size = kv_cache.shape[2]
        tokens = slots.shape[0]
        pair = torch.cat((key[:tokens], value[:tokens]), dim=-1).to(kv_cache.dtype)
        kv_cache[slots // block_size, :, slots % block_size] = pair

    def _load(
        self, kv_cache: torch.Tensor, blocks: torch.Tensor, length: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        block_size = kv_cache.shape[2]
        used = blocks[: -(-length // block_size)].long()
        # (blocks, heads, tokens, pair) -> (heads, all tokens, pair)
        pair = kv_cache[used].transpose(0, 1).flatten(1, 2)[:, :length].float()
        keys, values = pair.split(self.head_size, dim=-1)
        return keys, values

    def _attend(
        self, query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> torch.Tensor:
        count, length = query.shape[0], keys.shape[1]
        # Heads that share a key head are neighbours: (key heads, sharers, tokens, size).
        grouped = query.float().view(count, self.num_kv_heads, -1, self.head_size)
        scores = grouped.permute(1, 2, 0, 3) @ keys[:, None].transpose(-1, -2) * self.scale
        seen = positions(length, query.device)
        place = seen[length - count :, None]
        hidden = seen > place
        if self.sliding_window is not None:
            hidden |= seen <= place - self.sliding_window
        weights = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
        return (weights @ values[:, None]).permute(2, 0, 1, 3)


def positions(length: int, device: torch.device) -> torch.Tensor:
    """Count the tokens of a sequence, on the device where the rest is computed."""
    return torch.arange(length, device=device)
