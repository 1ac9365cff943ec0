"""Which module examines which contracts, by the child that runs them."""

from importlib import import_module

from hwcheck.exercise.bench import Examination

__all__ = ["MODULES", "examinations_of"]

#: The modules of each child; each holds its examinations by contract in ``EXAMINATIONS``.
MODULES: dict[str, tuple[str, ...]] = {
    "behaviour": (
        "hwcheck.exercise.device_ids",
        "hwcheck.exercise.configs",
        "hwcheck.exercise.block_sizes",
        "hwcheck.exercise.attention_selection",
        "hwcheck.exercise.quantization_support",
        "hwcheck.exercise.dtype_answers",
        "hwcheck.exercise.predicates",
        "hwcheck.exercise.capability",
        "hwcheck.exercise.members",
        "hwcheck.exercise.memory",
        "hwcheck.exercise.flags",
        "hwcheck.exercise.compile_names",
        "hwcheck.exercise.requests_asked",
        "hwcheck.exercise.forward_contexts",
        "hwcheck.exercise.vit_attention",
        "hwcheck.exercise.ir_priority",
        "hwcheck.exercise.environ_names",
        "hwcheck.exercise.device_calls",
        "hwcheck.exercise.copying",
        "hwcheck.exercise.repeated_hooks",
        "hwcheck.exercise.refusals",
    ),
    "parts": (
        "hwcheck.exercise.worker",
        "hwcheck.exercise.attention_parts",
        "hwcheck.exercise.attention_layout",
        "hwcheck.exercise.stale_members",
        "hwcheck.exercise.static_graph",
        "hwcheck.exercise.compilation",
        "hwcheck.exercise.connectors",
        "hwcheck.exercise.engine_parts",
    ),
    "models": (
        "hwcheck.exercise.communicator",
        "hwcheck.exercise.lora",
        "hwcheck.exercise.quantization",
        "hwcheck.exercise.models",
        "hwcheck.exercise.model_prefix",
    ),
    "operators": (
        "hwcheck.exercise.operators.custom_ops",
        "hwcheck.exercise.operators.torch_ops",
        "hwcheck.exercise.operators.ir_ops",
        "hwcheck.exercise.operators.paged_attention",
    ),
}


def examinations_of(child: str) -> dict[str, Examination]:
    """Import the examinations of one child, by contract.

    Raises KeyError: no such child.
    """
    found: dict[str, Examination] = {}
    for name in MODULES[child]:
        found |= import_module(name).EXAMINATIONS
    return found
