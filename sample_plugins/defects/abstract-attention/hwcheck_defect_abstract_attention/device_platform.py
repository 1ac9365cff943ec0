"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]


class DevicePlatform(MinimalPlatform):
    """Hand out an attention backend that is not finished."""

    @classmethod
    def get_attn_backend_cls(
        cls, selected_backend: object, attn_selector_config: object, num_heads: int | None = None
    ) -> str:
        """Name the unfinished class."""
        return "hwcheck_defect_abstract_attention.attention.UnfinishedBackend"
