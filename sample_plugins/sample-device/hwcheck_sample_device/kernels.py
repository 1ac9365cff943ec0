"""In plain torch what vLLM computes with Triton, where there is none for this device."""

from functools import cache

import torch
from vllm.triton_utils.dispatcher import register_kernels

__all__ = ["compute_slot_mapping", "replace_kernels"]

_SLOT_MAPPING = "vllm.v1.worker.block_table.ComputeSlotMappingKernel.kernel"


def compute_slot_mapping(  # noqa: PLR0917  # the parameters of vLLM's kernel
    num_tokens: int,
    max_num_tokens: int,
    query_start_loc_ptr: torch.Tensor,
    positions_ptr: torch.Tensor,
    block_table_ptr: torch.Tensor,
    block_table_stride: int,
    slot_mapping_ptr: torch.Tensor,
    KV_CACHE_BLOCK_SIZE: int,
    TOTAL_CP_WORLD_SIZE: int = 1,
    TOTAL_CP_RANK: int = 0,
    CP_KV_CACHE_INTERLEAVE_SIZE: int = 1,
    PAD_ID: int = -1,
    BLOCK_SIZE: int = 1024,
) -> None:
    """Write the slot of the cache for each token of a batch, and mark the rest as padding."""
    if TOTAL_CP_WORLD_SIZE != 1:
        raise NotImplementedError("sample_device does not split a context over devices")
    starts = query_start_loc_ptr.long()
    positions = positions_ptr[:num_tokens]
    tokens = torch.arange(num_tokens, device=positions.device)
    # The request of a token is the last that starts no later.
    request = torch.searchsorted(starts, tokens, right=True) - 1
    blocks = block_table_ptr[request, positions // KV_CACHE_BLOCK_SIZE].long()
    slot_mapping_ptr[:num_tokens] = blocks * KV_CACHE_BLOCK_SIZE + positions % KV_CACHE_BLOCK_SIZE
    slot_mapping_ptr[num_tokens:max_num_tokens] = PAD_ID


@cache
def replace_kernels() -> None:
    """Put ours in the place of vLLM's, once a process: every worker calls this."""
    register_kernels({_SLOT_MAPPING: compute_slot_mapping})
