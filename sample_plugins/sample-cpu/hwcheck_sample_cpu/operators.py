"""Operators that take the place of vLLM's own in every model."""

import torch
from vllm.model_executor.custom_op import CustomOp, op_registry_oot
from vllm.model_executor.layers.activation import SiluAndMul
from vllm.model_executor.layers.layernorm import RMSNorm

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleRMSNorm", "SampleSiluAndMul", "replace_operators"]


class SampleRMSNorm(RMSNorm):
    """Root mean square norm in plain torch."""

    def forward_oot(
        self, x: torch.Tensor, residual: torch.Tensor | None = None
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Normalise `x`, after adding the residual if there is one."""
        if self.variance_size_override is not None:
            return self.forward_native(x, residual)
        CALLS["rms_norm"] += 1
        wide = x.float() if residual is None else x.float() + residual.float()
        scale = torch.rsqrt(wide.pow(2).mean(dim=-1, keepdim=True) + self.variance_epsilon)
        normed = (wide * scale).to(x.dtype)
        if self.has_weight:
            normed = normed * self.weight
        return normed if residual is None else (normed, wide.to(x.dtype))


class SampleSiluAndMul(SiluAndMul):
    """The gated activation of Llama models in plain torch."""

    def forward_oot(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply the second half by the SiLU of the first."""
        CALLS["silu_and_mul"] += 1
        gate, up = x.chunk(2, dim=-1)
        return torch.nn.functional.silu(gate) * up


def replace_operators() -> None:
    """Register the operators by the name of the class that each replaces."""
    for name, replacement in (("RMSNorm", SampleRMSNorm), ("SiluAndMul", SampleSiluAndMul)):
        # register_oot() asserts that a name is new, so a second call must not reach it.
        if name not in op_registry_oot:
            CustomOp.register_oot(replacement, name=name)
