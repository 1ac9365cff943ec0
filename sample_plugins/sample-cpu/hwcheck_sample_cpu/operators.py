"""Operators that take the place of vLLM's own in every model."""

import torch
from vllm.model_executor.custom_op import CustomOp, op_registry_oot
from vllm.model_executor.layers.activation import GeluAndMul, SiluAndMul
from vllm.model_executor.layers.layernorm import RMSNorm
from vllm.model_executor.layers.rotary_embedding.base import RotaryEmbedding

from hwcheck_sample_cpu.calls import CALLS
from hwcheck_sample_cpu.experts import SampleFusedMoEMethod
from hwcheck_sample_cpu.torch_operators import define_operators

__all__ = [
    "SampleGeluAndMul",
    "SampleRMSNorm",
    "SampleRotaryEmbedding",
    "SampleSiluAndMul",
    "replace_operators",
]


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


class SampleGeluAndMul(GeluAndMul):
    """The gated activation of Gemma models, by an operator that torch knows."""

    def forward_oot(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply the second half by the GELU of the first."""
        return torch.ops.hwcheck_sample_cpu.gelu_and_mul(x, self.approximate)


class SampleRotaryEmbedding(RotaryEmbedding):
    """Rotary positions in plain torch."""

    def forward_oot(
        self,
        positions: torch.Tensor,
        query: torch.Tensor,
        key: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Turn queries and keys by the angles of their positions."""
        CALLS["rotary"] += 1
        cosines, sines = self.cos_sin_cache[positions.flatten()].float().chunk(2, dim=-1)
        angles = cosines[:, None], sines[:, None]
        return self._turned(query, *angles), None if key is None else self._turned(key, *angles)

    def _turned(self, x: torch.Tensor, cosines: torch.Tensor, sines: torch.Tensor) -> torch.Tensor:
        heads = x.reshape(cosines.shape[0], -1, self.head_size).float()
        turned, rest = heads[..., : self.rotary_dim], heads[..., self.rotary_dim :]
        if self.is_neox_style:
            first, second = turned.chunk(2, dim=-1)
        else:
            first, second = turned[..., ::2], turned[..., 1::2]
        parts = (first * cosines - second * sines, second * cosines + first * sines)
        if self.is_neox_style:
            turned = torch.cat(parts, dim=-1)
        else:
            turned = torch.stack(parts, dim=-1).flatten(-2)
        return torch.cat((turned, rest), dim=-1).reshape(x.shape).to(x.dtype)


_REPLACEMENTS = {
    "GeluAndMul": SampleGeluAndMul,
    "RMSNorm": SampleRMSNorm,
    "RotaryEmbedding": SampleRotaryEmbedding,
    "SiluAndMul": SampleSiluAndMul,
    "UnquantizedFusedMoEMethod": SampleFusedMoEMethod,
}


def replace_operators() -> None:
    """Register the operators by the name of the class that each replaces."""
    define_operators()
    for name, replacement in _REPLACEMENTS.items():
        # register_oot() asserts that a name is new, so a second call must not reach it.
        if name not in op_registry_oot:
            CustomOp.register_oot(replacement, name=name)
