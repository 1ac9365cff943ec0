"""An attention backend without a name."""

from vllm.v1.attention.backend import AttentionBackend, AttentionImpl, AttentionMetadataBuilder
from vllm.v1.attention.backends.cpu_attn import (
    CPUAttentionBackendImpl,
    CPUAttentionMetadataBuilder,
)

__all__ = ["UnfinishedBackend"]


class UnfinishedBackend(AttentionBackend):
    """Fill all abstract members but get_name()."""

    @staticmethod
    def get_impl_cls() -> type[AttentionImpl]:
        """Return the class that computes."""
        return CPUAttentionBackendImpl

    @staticmethod
    def get_builder_cls() -> type[AttentionMetadataBuilder]:
        """Return the class that prepares a batch."""
        return CPUAttentionMetadataBuilder
