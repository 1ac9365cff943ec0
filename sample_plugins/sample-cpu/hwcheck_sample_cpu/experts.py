"""Layers of experts in plain torch; vLLM leaves them to the plugin on platforms out of its tree."""

import torch
from vllm.model_executor.layers.fused_moe.unquantized_fused_moe_method import (
    UnquantizedFusedMoEMethod,
)

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleFusedMoEMethod", "routed"]


def routed(logits: torch.Tensor, chosen: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the shares of the chosen experts, and which they are, a row a token."""
    likeliest = logits.float().topk(chosen, dim=-1)
    # Over the chosen ones alone, which is what renormalising comes to.
    return likeliest.values.softmax(dim=-1), likeliest.indices


class SampleFusedMoEMethod(UnquantizedFusedMoEMethod):
    """Route and compute in one go, expert by expert."""

    @property
    def is_monolithic(self) -> bool:
        """Say yes: vLLM's own routing needs an operator of a GPU."""
        return True

    def apply_monolithic(
        self,
        layer: torch.nn.Module,
        x: torch.Tensor,
        router_logits: torch.Tensor,
        input_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Add up what the chosen experts make of each token; refuse other ways of routing."""
        if layer.scoring_func != "softmax" or layer.use_grouped_topk or not layer.renormalize:
            raise NotImplementedError("sample_cpu routes by a softmax over the chosen experts only")
        CALLS["experts"] += 1
        shares, experts = routed(router_logits, layer.top_k)
        result = torch.zeros_like(x, dtype=torch.float32)
        for expert in experts.unique().tolist():
            rows, places = torch.nonzero(experts == expert, as_tuple=True)
            gate, up = (x[rows] @ layer.w13_weight[expert].T).chunk(2, dim=-1)
            made = (torch.nn.functional.silu(gate) * up) @ layer.w2_weight[expert].T
            result[rows] += shares[rows, places][:, None] * made.float()
        return result.to(x.dtype)
