"""Faults of what the platform does to configurations, and of what it names for them."""

import itertools
from collections.abc import Callable
from typing import Any

from hwcheck_sample_cpu_faults.fault import fault
from hwcheck_sample_cpu_faults.platform_patches import own, put

_CHECK = "check_and_update_config"
_BOTH = ("platform.config-idempotent[again]", "platform.config-idempotent[running]")


def after_check(change: Callable[[Any], None]) -> None:
    """Let the platform do one more thing to each configuration."""
    right = own(_CHECK)

    def wrong(cls, vllm_config: Any) -> None:
        right(cls, vllm_config)
        change(vllm_config)

    put(_CHECK, wrong)


@fault(breaks=("platform.config-refusal",))
def block_size_is_looked_up() -> None:
    """A block size that is not in the plugin's table is a missing key, not a refusal."""
    lanes = {16: 1, 32: 2, 128: 8, None: 8}
    after_check(lambda config: lanes[config.cache_config.block_size] and None)


@fault(breaks=_BOTH)
def limit_is_halved_again() -> None:
    """Each call halves the number of sequences."""

    def change(config: Any) -> None:
        scheduler = config.scheduler_config
        scheduler.max_num_seqs = max(1, scheduler.max_num_seqs // 2)

    after_check(change)


@fault(breaks=_BOTH)
def operators_are_added_again() -> None:
    """Each call adds the plugin's operator to the list."""
    after_check(lambda config: config.compilation_config.custom_ops.append("+rms_norm"))


@fault(breaks=("platform.config-idempotent[running]",))
def block_size_is_set_back() -> None:
    """The block size that was settled when the model was loaded is set back to the default."""

    def settle(cls, vllm_config: Any) -> None:
        if not vllm_config.cache_config.user_specified_block_size:
            vllm_config.cache_config.block_size = 64

    put("update_block_size_for_backend", settle)


@fault(breaks=("platform.config-keeps-user",))
def users_worker_is_replaced() -> None:
    """The sample's worker replaces one that the user named."""

    def change(config: Any) -> None:
        config.parallel_config.worker_cls = "hwcheck_sample_cpu.worker.SampleCpuWorker"

    after_check(change)


@fault(breaks=("platform.config-picklable[pickle]",))
def configuration_holds_a_function() -> None:
    """The configuration holds a function without a name, which pickle does not take."""
    after_check(lambda config: setattr(config, "on_start", lambda: None))


@fault(breaks=tuple(f"platform.config-picklable[{way}]" for way in ("pickle", "cloudpickle")))
def configuration_holds_a_generator() -> None:
    """The configuration holds a generator, which nothing copies."""
    after_check(lambda config: setattr(config, "names", (item for item in "ab")))


@fault(breaks=("platform.defaults-idempotent[defaults]",))
def defaults_are_applied_again() -> None:
    """The platform's defaults are put on top of what is there."""

    def wrong(cls, vllm_config: Any) -> None:
        vllm_config.scheduler_config.max_num_seqs += 8

    put("apply_config_platform_defaults", wrong)


@fault(breaks=("platform.defaults-idempotent[parsers]",))
def parser_is_required() -> None:
    """The registration takes for granted that there is a parser with vLLM's options."""

    def wrong(cls, parser: Any = None) -> None:
        parser._option_string_actions["--quantization"].help += " (sample)"

    put("pre_register_and_update", wrong)


@fault(breaks=("platform.dtypes-agree[auto]",))
def dtype_is_widened() -> None:
    """Every model is computed in a dtype that the platform does not list."""
    import torch

    def change(config: Any) -> None:
        if config.model_config is not None:
            config.model_config.dtype = torch.float64

    after_check(change)


def names_backend(choose: Callable[[Any, Any], str | None]) -> None:
    """Let a function of the user's choice and the layer name the backend, or leave it."""
    right = own("get_attn_backend_cls")

    def wrong(cls, selected: Any, attn_selector_config: Any, num_heads: int | None = None) -> str:
        named = choose(selected, attn_selector_config)
        return named or right(cls, selected, attn_selector_config, num_heads)

    put("get_attn_backend_cls", wrong)


@fault(
    breaks=(
        "platform.attention-selection[plain]",
        "platform.attention-selection[generated]",
    )
)
def backend_for_large_heads_is_gone() -> None:
    """The backend for heads of 256 is named by a path that leads nowhere."""
    path = "hwcheck_sample_cpu.attention.SampleWideBackend"
    names_backend(lambda selected, layer: path if layer.head_size == 256 else None)


@fault(
    breaks=(
        "platform.attention-selection[selected]",
        "platform.attention-selection[generated]",
    )
)
def choice_of_backend_is_looked_up() -> None:
    """A backend of the user's choice that is not in the table is a missing key, not a refusal."""
    table = {"CPU_ATTN": None, "CUSTOM": None}
    names_backend(lambda selected, layer: table[selected.name] if selected else None)


@fault(breaks=("platform.attention-selection[generated]",))
def backend_for_encoders_is_no_backend() -> None:
    """What is named for encoders has another base than attention backends have."""
    path = "hwcheck_sample_cpu.worker.SampleCpuWorker"
    names_backend(lambda selected, layer: path if layer.attn_type == "encoder_only" else None)


@fault(breaks=("platform.attention-deterministic",))
def backend_alternates() -> None:
    """Every third question is answered with another backend."""
    counted = itertools.count()
    other = "vllm.v1.attention.backends.cpu_attn.CPUAttentionBackend"
    names_backend(lambda selected, layer: None if next(counted) % 3 else other)


@fault(breaks=tuple(f"platform.block-size[user-{size}]" for size in (16, 32, 64)))
def users_block_size_is_replaced() -> None:
    """The platform takes 128 whatever block size the user wants, and its backend takes."""

    def wrong(cls, vllm_config: Any) -> None:
        vllm_config.cache_config.block_size = 128

    put("update_block_size_for_backend", wrong)


@fault(breaks=("platform.block-size[default]",))
def backend_takes_smaller_blocks() -> None:
    """The block size by default is one that the backend does not take."""
    from hwcheck_sample_cpu.attention import SampleAttentionBackend

    sizes = classmethod(lambda cls, size: size is None or size <= 64)
    SampleAttentionBackend.supports_block_size = sizes


@fault(
    breaks=(
        "platform.ir-priority",
        "worker.construct",
    )
)
def provider_is_not_registered() -> None:
    """An implementation is preferred that nobody registers."""
    from vllm.config.kernel import IrOpPriorityConfig

    put(
        "get_default_ir_op_priority",
        lambda cls, vllm_config: IrOpPriorityConfig.with_default(["sample", "native"]),
    )
