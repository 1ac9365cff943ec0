"""A model whose layers come from the vendor's libraries."""

import torch
from acme_runtime import layers

__all__ = ["NeedsSdkForCausalLM"]


class NeedsSdkForCausalLM(torch.nn.Module):
    """What vLLM asks of a model that generates text, as far as its registry looks."""

    def __init__(self, *, vllm_config: object, prefix: str = "") -> None:
        super().__init__()
        self.layer = layers.Fused(prefix)

    def embed_input_ids(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Look up the embeddings."""
        return self.layer(input_ids)

    def forward(self, input_ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Run the layer."""
        return self.layer(input_ids, positions)

    def compute_logits(self, hidden_states: torch.Tensor) -> torch.Tensor:
        """Leave them as they are."""
        return hidden_states
