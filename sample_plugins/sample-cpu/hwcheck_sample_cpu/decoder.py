"""A model of the sample's own: a decoder of Llama layers, with a Llama checkpoint's weights."""

from collections.abc import Iterable
from typing import ClassVar

import torch
from vllm.config import VllmConfig
from vllm.model_executor.layers.layernorm import RMSNorm
from vllm.model_executor.layers.logits_processor import LogitsProcessor
from vllm.model_executor.layers.vocab_parallel_embedding import (
    ParallelLMHead,
    VocabParallelEmbedding,
)
from vllm.model_executor.model_loader.weight_utils import default_weight_loader
from vllm.model_executor.models.llama import LlamaDecoderLayer
from vllm.sequence import IntermediateTensors

from hwcheck_sample_cpu.calls import CALLS

__all__ = ["SampleDecoderForCausalLM"]

#: The checkpoint's name of a weight, the part of ours that holds it, and which part.
_PACKED = (
    (".q_proj.", ".qkv_proj.", "q"),
    (".k_proj.", ".qkv_proj.", "k"),
    (".v_proj.", ".qkv_proj.", "v"),
    (".gate_proj.", ".gate_up_proj.", 0),
    (".up_proj.", ".gate_up_proj.", 1),
)


class SampleDecoder(torch.nn.Module):
    """The layers between the tokens and the last hidden states."""

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        config = vllm_config.model_config.hf_config
        self.embed_tokens = VocabParallelEmbedding(config.vocab_size, config.hidden_size)
        self.layers = torch.nn.ModuleList(
            LlamaDecoderLayer(vllm_config=vllm_config, prefix=f"{prefix}.layers.{number}")
            for number in range(config.num_hidden_layers)
        )
        self.norm = RMSNorm(config.hidden_size, eps=config.rms_norm_eps)

    def forward(
        self,
        input_ids: torch.Tensor | None,
        positions: torch.Tensor,
        inputs_embeds: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Go through all layers."""
        hidden = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        residual = None
        for layer in self.layers:
            hidden, residual = layer(positions, hidden, residual)
        hidden, _ = self.norm(hidden, residual)
        return hidden


class SampleDecoderForCausalLM(torch.nn.Module):
    """Tokens in, logits out."""

    packed_modules_mapping: ClassVar[dict[str, list[str]]] = {
        "qkv_proj": ["q_proj", "k_proj", "v_proj"],
        "gate_up_proj": ["gate_proj", "up_proj"],
    }

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        config = vllm_config.model_config.hf_config
        start = f"{prefix}." if prefix else ""
        self.model = SampleDecoder(vllm_config=vllm_config, prefix=f"{start}model")
        self.lm_head = ParallelLMHead(config.vocab_size, config.hidden_size)
        self.logits_processor = LogitsProcessor(config.vocab_size)

    def embed_input_ids(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Look up the embeddings of tokens."""
        return self.model.embed_tokens(input_ids)

    def forward(
        self,
        input_ids: torch.Tensor | None,
        positions: torch.Tensor,
        intermediate_tensors: IntermediateTensors | None = None,
        inputs_embeds: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Compute the last hidden states."""
        CALLS["decoder"] += 1
        return self.model(input_ids, positions, inputs_embeds)

    def compute_logits(self, hidden_states: torch.Tensor) -> torch.Tensor | None:
        """Compute the logits of hidden states."""
        return self.logits_processor(self.lm_head, hidden_states)

    def load_weights(self, weights: Iterable[tuple[str, torch.Tensor]]) -> set[str]:
        """Take the weights of a Llama checkpoint, and tell which of ours were filled."""
        parameters = dict(self.named_parameters())
        filled = set()
        for name, weight in weights:
            own, part = _own_name(name)
            loader = getattr(parameters[own], "weight_loader", default_weight_loader)
            loader(parameters[own], weight, *([] if part is None else [part]))
            filled.add(own)
        return filled


def _own_name(name: str) -> tuple[str, str | int | None]:
    for theirs, ours, part in _PACKED:
        if theirs in name:
            return name.replace(theirs, ours), part
    return name, None
