"""Faults of how the platform says no."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(
    breaks=(
        "refusal.configuration[sleep-mode]",
        "platform.member[is_sleep_mode_available]",
    )
)
def sleep_mode_is_asked_of_nothing() -> None:
    """Asked for sleep mode, the platform trips over an attribute that is not there."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    def wrong(cls) -> bool:
        return cls.allocator.has_pools

    SampleCpuPlatform.is_sleep_mode_available = classmethod(wrong)


@fault(breaks=("refusal.configuration[pipeline-parallel]", "platform.config-refusal"))
def refusal_has_no_words() -> None:
    """Pipeline parallelism is refused by an empty exception that is no refusal."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.check_and_update_config.__func__

    def wrong(cls, vllm_config) -> None:
        if vllm_config.parallel_config.pipeline_parallel_size > 1:
            raise KeyError(None)
        right(cls, vllm_config)

    SampleCpuPlatform.check_and_update_config = classmethod(wrong)
