"""The sample's provider of vLLM's IR operators; importing this registers it, as vLLM expects."""

import torch
from vllm import ir

__all__ = ["rms_norm"]


@ir.ops.rms_norm.register_impl(
    "sample_cpu",
    supports_args=lambda x, weight, epsilon, variance_size=None: variance_size is None,
)
def rms_norm(
    x: torch.Tensor,
    weight: torch.Tensor | None,
    epsilon: float,
    variance_size: int | None = None,
) -> torch.Tensor:
    """Normalise each row by the root of its mean square."""
    wide = x.float()
    normed = wide / torch.sqrt(wide.square().mean(dim=-1, keepdim=True) + epsilon)
    if weight is None:
        return normed.to(x.dtype)
    return (normed.to(weight.dtype) * weight).to(x.dtype)
