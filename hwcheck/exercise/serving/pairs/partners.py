"""What can be combined: each partner, how an engine or a request gets it, and what shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hwcheck.exercise.serving.recipe import DRAFT, WINDOW, Recipe

__all__ = ["PARTNERS", "Partner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One ability; where it is a capability of the taxonomy, it has that id."""

    id: str
    is_setting: bool = False
    """Whether it holds for all requests of an engine; else for those that ask for it."""
    changes: Mapping[str, object] = field(default_factory=dict)
    """What it changes among the arguments of the engine."""
    recipe: Recipe | None = None
    draft: Recipe | None = None
    hides_others: bool = False
    """Whether an engine with it shows its own pairs alone, because it hides others."""
    never: tuple[str, ...] = ()
    """What it makes no pair with: one of them leaves the other nothing to do."""
    apart: tuple[str, ...] = ()
    """What vLLM may refuse beside it: such a pair gets an engine that shows nothing else."""
    is_last: bool = False
    """Whether no other engine can be started behind one with it, in one process."""
    shown_by: tuple[str, ...] = ()
    """The outcomes that demonstrate it alone; empty for those of the capability of that id."""


#: What no partner needs is not here: every pair is shown by text that a model generates.
PARTNERS: dict[str, Partner] = {
    partner.id: partner
    for partner in (
        Partner(id="async-scheduling", is_setting=True, changes={"async_scheduling": True}),
        Partner(id="attn-sliding-window", is_setting=True, recipe=WINDOW),
        Partner(
            id="kv-cache-dtype-fp8",
            is_setting=True,
            changes={"kv_cache_dtype": "fp8"},
            # Where answers are not exact, a small fault of others is not seen.
            hides_others=True,
        ),
        Partner(
            id="preemption",
            is_setting=True,
            # Room for one request of the longest, in blocks of sixteen tokens as of thirty-two, and
            # not for the four that are asked for; each of which fits into a step when it resumes.
            changes={
                "max_num_seqs": 4,
                "num_gpu_blocks_override": 17,
                "max_num_batched_tokens": 160,
            },
            # What is out of the window is given back, so there is always room.
            never=("attn-sliding-window",),
            # Whatever is cached has to go, and each trial takes many steps.
            hides_others=True,
            shown_by=("scheduling.preemption",),
        ),
        Partner(
            id="spec-decode-model",
            is_setting=True,
            draft=DRAFT,
            apart=("logits-processors", "sampling-parameters"),
        ),
        Partner(
            id="spec-decode-ngram",
            is_setting=True,
            changes={
                "speculative_config": {
                    "method": "ngram",
                    "num_speculative_tokens": 3,
                    "prompt_lookup_min": 1,
                    "prompt_lookup_max": 3,
                }
            },
            never=("spec-decode-model",),
            apart=("logits-processors", "sampling-parameters"),
            # vLLM 0.32 starts no engine on a CPU once numba is imported, which this one does.
            is_last=True,
        ),
        Partner(id="abort", shown_by=("scheduling.abort[answering]",)),
        Partner(id="chunked-prefill"),
        Partner(
            id="logits-processors",
            changes={
                "logits_processors": ["hwcheck.exercise.serving.pairs.even_tokens:EvenTokens"]
            },
        ),
        Partner(id="logprobs-sampling"),
        Partner(id="lora", changes={"enable_lora": True, "max_loras": 2, "max_lora_rank": 8}),
        Partner(id="prefix-caching"),
        Partner(
            id="sampling-parameters",
            shown_by=("sampling.bias", "sampling.penalties[frequency]"),
        ),
        Partner(id="seeds", shown_by=("sampling.seed[alone]", "sampling.seed[different]")),
        Partner(
            id="structured-output",
            changes={"structured_outputs_config": {"backend": "xgrammar"}},
        ),
    )
}
