"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Expect the arguments one by one, where vLLM now gives one record."""

    @classmethod
    def get_attn_backend_cls(  # noqa: PLR0917  # as it was in vLLM
        cls,
        selected_backend: object,
        head_size: int,
        dtype: object,
        kv_cache_dtype: str | None,
        block_size: int,
        use_mla: bool,
    ) -> str:
        """Name the attention of vLLM's CPU build."""
        return "vllm.v1.attention.backends.cpu_attn.CPUAttentionBackend"
