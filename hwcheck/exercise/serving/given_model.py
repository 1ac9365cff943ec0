"""A checkpoint that the user brings along, in the place of the tiny dense model."""

import json
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.serving.reference_client import Reference, ReferenceFailed

__all__ = ["beyond", "cache_bytes", "unfit"]

#: The contracts that any model can keep. What others ask for is a tiny model's own: its words, its
#: adapters and drafts, hundreds of samples of a small vocabulary.
_GENERAL = frozenset(
    {
        *("engine.start", "generate.greedy", "generate.logprobs", "generate.prompt-logprobs"),
        *("generate.determinism", "generate.batch-invariance"),
        *("scheduling.staggered", "scheduling.chunked-prefill", "scheduling.abort"),
        *("scheduling.preemption", "cache.prefix", "cache.blocks-freed"),
        *("sampling.penalties", "sampling.bias", "sampling.allowed-tokens"),
        *("sampling.seed", "sampling.n", "sampling.mixed-batch"),
        *("request.limit", "request.empty", "request.repeated"),
        *("family.async-scheduling.greedy", "family.logits-processors.applied"),
        "family.speculative.ngram",
    }
)
_LEAST_CACHE = 32 * 2**20
#: Tokens that the requests of a contract hold together, at most.
_TOKENS = 8 * 256
#: Keys and values, of four bytes each.
_BYTES = 2 * 4


def beyond(contract: str) -> str | None:
    """Say why a contract cannot be examined on a model that is not hwcheck's."""
    if contract in _GENERAL:
        return None
    return "it is about words, adapters or sizes of hwcheck's own models; run it without --model"


def cache_bytes(folder: Path) -> int:
    """How large the cache of keys and values has to be, as if each query had its own."""
    config = _config(folder)
    layers = _number(config, "num_hidden_layers", "n_layer")
    width = _number(config, "hidden_size", "n_embd")
    heads = _number(config, "num_attention_heads", "n_head")
    # Heads may be wider than their share.
    width = max(width, heads * _number(config, "head_dim"))
    return max(_LEAST_CACHE, layers * width * _BYTES * _TOKENS)


def unfit(folder: Path, reference: Reference) -> str | None:
    """Say why vLLM or the reference cannot compute a model; neither is the plugin's fault."""
    named = _config(folder).get("architectures")
    architecture = str(named[0]) if isinstance(named, list) and named else ""
    known = import_module("vllm").ModelRegistry.get_supported_archs()
    if architecture not in known:
        return f"this vLLM knows no architecture {architecture!r}, which --model is of"
    try:
        reference.logprobs((10, 11))
    except ReferenceFailed as error:
        return f"there is nothing to compare --model with: {error}"
    return None


def _config(folder: Path) -> dict[str, object]:
    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


def _number(config: dict[str, object], *names: str) -> int:
    found = (config.get(name) for name in names)
    return next((value for value in found if isinstance(value, int)), 0)
