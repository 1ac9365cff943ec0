"""Which module examines which contracts, by the child that runs them."""

from importlib import import_module

from hwcheck.exercise.bench import Examination

__all__ = ["MODULES", "PATIENCE", "examinations_of"]

#: The modules of each child; each holds its examinations by contract in ``EXAMINATIONS``.
MODULES: dict[str, tuple[str, ...]] = {
    "behaviour": (
        # Before the first configuration is made, which can change what it reads.
        "hwcheck.exercise.platforms.predicates",
        "hwcheck.exercise.platforms.device_ids",
        "hwcheck.exercise.platforms.configs",
        "hwcheck.exercise.platforms.block_sizes",
        "hwcheck.exercise.platforms.attention_selection",
        "hwcheck.exercise.platforms.quantization_support",
        "hwcheck.exercise.platforms.dtype_answers",
        "hwcheck.exercise.platforms.capability",
        "hwcheck.exercise.platforms.members",
        "hwcheck.exercise.platforms.memory",
        "hwcheck.exercise.platforms.flags",
        "hwcheck.exercise.platforms.compile_names",
        "hwcheck.exercise.platforms.requests_asked",
        "hwcheck.exercise.platforms.forward_contexts",
        "hwcheck.exercise.platforms.vit_attention",
        "hwcheck.exercise.platforms.ir_priority",
        "hwcheck.exercise.platforms.environ_names",
        "hwcheck.exercise.platforms.device_calls",
        "hwcheck.exercise.platforms.copying",
        "hwcheck.exercise.platforms.repeated_hooks",
        "hwcheck.exercise.platforms.refusals",
    ),
    "parts": (
        "hwcheck.exercise.parts.worker",
        "hwcheck.exercise.parts.attention_parts",
        "hwcheck.exercise.parts.attention_layout",
        "hwcheck.exercise.parts.stale_members",
        "hwcheck.exercise.parts.static_graph",
        "hwcheck.exercise.parts.compilation",
        "hwcheck.exercise.parts.connectors",
        "hwcheck.exercise.parts.engine_parts",
    ),
    "models": (
        "hwcheck.exercise.models.communicator",
        "hwcheck.exercise.models.lora",
        "hwcheck.exercise.models.quantization",
        "hwcheck.exercise.models.models",
        "hwcheck.exercise.models.model_prefix",
    ),
    "serving": (
        "hwcheck.exercise.serving.generation",
        "hwcheck.exercise.serving.volume",
        "hwcheck.exercise.serving.stopping",
        "hwcheck.exercise.serving.constraints",
        "hwcheck.exercise.serving.distributions",
        "hwcheck.exercise.serving.seeds",
        "hwcheck.exercise.serving.caching",
        "hwcheck.exercise.serving.scheduling",
        "hwcheck.exercise.serving.aborting",
        "hwcheck.exercise.serving.requests",
        # It stops the engine, and the next needs another one.
        "hwcheck.exercise.serving.lifecycle",
        "hwcheck.exercise.serving.preemption",
        # It ends the engine that it starts on some platforms.
        "hwcheck.exercise.serving.seeded_chunks",
        "hwcheck.exercise.serving.families.beam_search",
        # Each with an engine of its own.
        "hwcheck.exercise.serving.families.structured_output",
        "hwcheck.exercise.serving.families.reasoning",
        "hwcheck.exercise.serving.families.lora",
        "hwcheck.exercise.serving.families.prompt_embeds",
        "hwcheck.exercise.serving.families.sleeping",
        "hwcheck.exercise.serving.families.architectures",
        "hwcheck.exercise.serving.families.logits_processors",
        "hwcheck.exercise.serving.families.scheduling",
        "hwcheck.exercise.serving.families.kv_dtypes",
        "hwcheck.exercise.serving.families.compiled",
        "hwcheck.exercise.serving.families.graphs",
        "hwcheck.exercise.serving.families.kv_transfer",
        "hwcheck.exercise.serving.families.weight_update",
        "hwcheck.exercise.serving.families.quantized",
        "hwcheck.exercise.serving.families.multimodal",
        # Some platforms serve only embeddings in a process that has served some.
        "hwcheck.exercise.serving.families.pooling",
        # It spoils the process for further engines.
        "hwcheck.exercise.serving.families.speculative",
    ),
    # Behind all others, because it combines what they have demonstrated.
    "pairs": ("hwcheck.exercise.serving.pairs.combined",),
    "server": (
        "hwcheck.exercise.serving.server.answers",
        "hwcheck.exercise.serving.server.tool_choice",
        "hwcheck.exercise.serving.server.life",
    ),
    "parallel": (
        "hwcheck.exercise.serving.parallel.splits",
        "hwcheck.exercise.serving.parallel.data_parallel",
    ),
    "operators": (
        "hwcheck.exercise.operators.custom_ops",
        "hwcheck.exercise.operators.torch_ops",
        "hwcheck.exercise.operators.ir_ops",
        "hwcheck.exercise.operators.paged_attention",
    ),
}

#: How many times the usual limit an examination of a child may take: on some devices an engine
#: needs minutes to start, and two processes of a server import vLLM one after the other.
PATIENCE = {"serving": 2.0, "server": 2.0, "parallel": 2.0, "pairs": 4.0}


def examinations_of(child: str) -> dict[str, Examination]:
    """Import the examinations of one child, by contract.

    Raises KeyError: no such child.
    """
    found: dict[str, Examination] = {}
    for name in MODULES[child]:
        found |= import_module(name).EXAMINATIONS
    return found
