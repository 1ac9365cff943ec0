"""Which tiny models the serving contracts use: sizes and seeds, from which all else follows."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "AUDIO",
    "DENSE",
    "DRAFT",
    "EMBEDDING",
    "EXPERTS",
    "FP8",
    "INT4",
    "INT8",
    "NAMES",
    "RECIPES",
    "THINKING",
    "UPDATED",
    "WINDOW",
    "EightBits",
    "Kind",
    "Recipe",
]


class Kind(StrEnum):
    """What a model is made of; each is an architecture that every release of vLLM has."""

    LLAMA = "llama"
    MIXTRAL = "mixtral"
    MISTRAL = "mistral"
    QWEN2_AUDIO = "qwen2_audio"


class EightBits(StrEnum):
    """What the eight bits of a weight are."""

    NONE = ""
    WHOLE = "int8"
    FLOAT = "fp8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One tiny model; two recipes that are equal give the same bytes."""

    kind: Kind = Kind.LLAMA
    hidden_size: int = 256
    intermediate_size: int = 512
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    head_size: int = 64
    vocabulary: int = 384
    context: int = 512
    #: Positions that a token attends to, itself included; none where it attends to all.
    window: int | None = None
    #: Experts of a layer, of which each token takes `chosen`; 0 for one dense network.
    experts: int = 0
    chosen: int = 2
    #: Whether the head is the embedding; such a model has no successors of its own.
    is_tied: bool = False
    #: Inputs of a linear layer whose weights share a scale, in four bits; 0 for plain weights.
    group: int = 0
    #: Linear layers whose outputs have a scale each, and the inputs of each token as well.
    eight_bits: EightBits = EightBits.NONE
    #: Whether either are stored in few bits, for vLLM, or as the numbers that they stand for.
    is_packed: bool = False
    #: Whether its tokenizer has tokens that stand around reasoning, in the place of two words.
    is_thinking: bool = False
    #: How loud attention is beside a token's own successor: 0 lets the token alone decide.
    attention_gain: float = 1.2
    rope_theta: float = 10000.0
    seed: int = 20
    #: Models with the same one prefer the same successor of each token.
    successor_seed: int = 7


DENSE = Recipe()
EXPERTS = Recipe(kind=Kind.MIXTRAL, experts=4, intermediate_size=256, seed=21)
#: Smaller than a prompt, and no multiple of a cache block.
WINDOW = Recipe(kind=Kind.MISTRAL, window=24, seed=22)
#: As large as the dense kind, with other weights and successors: what an update brings.
UPDATED = Recipe(seed=25, successor_seed=8)
#: The dense kind with linear layers in four bits.
INT4 = Recipe(group=64, is_packed=True)
#: With linear layers in eight bits, whole numbers or floats.
INT8 = Recipe(eight_bits=EightBits.WHOLE, is_packed=True)
FP8 = Recipe(eight_bits=EightBits.FLOAT, is_packed=True)
#: The dense kind with tokens around reasoning.
THINKING = Recipe(is_thinking=True)
#: The dense kind, for ``runner="pooling"``.
EMBEDDING = Recipe(is_tied=True, seed=23)
#: Proposes tokens for `DENSE`: the same successors, with little attention.
DRAFT = Recipe(
    hidden_size=128,
    intermediate_size=256,
    layers=1,
    heads=2,
    kv_heads=1,
    attention_gain=0.1,
    seed=24,
)
#: Hears; transformers makes it, and is its reference as well.
AUDIO = Recipe(kind=Kind.QWEN2_AUDIO, seed=25)

RECIPES: dict[str, Recipe] = {
    "dense": DENSE,
    "experts": EXPERTS,
    "window": WINDOW,
    "embedding": EMBEDDING,
    "draft": DRAFT,
}
"""Plain checkpoints, which the reference reads as vLLM does."""
NAMES: dict[Recipe, str] = {
    **{recipe: name for name, recipe in RECIPES.items()},
    UPDATED: "other weights",
    INT4: "four bits",
    INT8: "eight bits",
    FP8: "eight bits of a float",
    THINKING: "thinking",
    AUDIO: "audio",
}
"""What the models are called, those of other kinds included."""
