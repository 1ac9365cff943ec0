"""The sample's implementations of kernels that vLLM has in Triton."""

import torch

__all__ = ["KERNELS", "expand"]


def expand(  # noqa: PLR0917  # vLLM's signature
    output_ptr: torch.Tensor,
    input_ptr: torch.Tensor,
    cu_num_tokens_ptr: torch.Tensor,
    replace_from: float,
    replace_to: float,
    MAX_NUM_TOKENS: int,
) -> None:
    """Repeat each request's value for each of its tokens; the parameters are named as vLLM's."""
    counts = torch.diff(cu_num_tokens_ptr, prepend=cu_num_tokens_ptr.new_zeros(1))
    values = torch.where(input_ptr == replace_from, replace_to, input_ptr)
    output_ptr.copy_(values.repeat_interleave(counts))


# vLLM 0.32 has one for the CPU, which writes numbers of other types than int64 into a copy.
KERNELS = {"vllm.v1.sample.rejection_sampler.expand_kernel": expand}
