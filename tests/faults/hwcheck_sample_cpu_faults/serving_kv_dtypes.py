"""Caches of keys and values that are not of the dtype that was asked for."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(breaks=("family.kv-dtype.fp8",))
def caches_in_eight_bits_are_accepted() -> None:
    """The platform does not look at the cache's dtype, and the backend stores what it likes."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.get_attn_backend_cls.__func__

    def wrong(cls, selected_backend, attn_selector_config, *rest, **named):
        plain = attn_selector_config._replace(kv_cache_dtype="auto")
        return right(cls, selected_backend, plain, *rest, **named)

    SampleCpuPlatform.get_attn_backend_cls = classmethod(wrong)


@fault(breaks=("family.kv-dtype.fp8",))
def caches_in_eight_bits_have_thirty_two() -> None:
    """The cache's dtype is taken note of in the configuration, and nowhere else."""
    from vllm.model_executor.layers.attention import Attention

    caches_in_eight_bits_are_accepted()
    right = Attention.__init__

    def wrong(self, *rest, cache_config=None, **named):
        told, cache_config.cache_dtype = cache_config.cache_dtype, "auto"
        try:
            right(self, *rest, cache_config=cache_config, **named)
        finally:
            cache_config.cache_dtype = told

    Attention.__init__ = wrong
