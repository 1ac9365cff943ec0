"""The rows of vLLM's own feature x hardware table, and the capabilities that show each."""

from dataclasses import dataclass

__all__ = ["FEATURES", "LEGEND", "Feature"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A row of vLLM's table."""

    name: str
    """As vLLM writes it."""
    capabilities: tuple[str, ...]
    """Each becomes a row; empty where none is the same thing."""


def _row(name: str, *capabilities: str) -> Feature:
    return Feature(name=name, capabilities=capabilities)


#: In vLLM's order. Rows whose capabilities a matrix does not have are named below its table.
FEATURES = (
    _row("chunked prefill", "chunked-prefill"),
    _row("automatic prefix caching", "prefix-caching"),
    _row("LoRA", "lora"),
    _row("speculative decoding", "spec-decode-ngram", "spec-decode-model"),
    _row("CUDA graph", "static-graph"),
    _row("pooling", "pooling"),
    _row("encoder-decoder", "attn-encoder-decoder"),
    _row("multimodal", "multimodal"),
    _row("prompt embeds", "prompt-embeds"),
    _row("logprobs", "logprobs-sampling"),
    _row("prompt logprobs", "prompt-logprobs"),
    _row("async output", "async-scheduling"),
    # Both are gone from vLLM and still in its table.
    _row("multi-step"),
    _row("best-of"),
    _row("beam search", "beam-search"),
)

#: vLLM's symbols, with what they mean there.
LEGEND = (("✅", "yes"), ("🟠", "partial"), ("❌", "no"), ("❔", "unknown or to be determined"))
