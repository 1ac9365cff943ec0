"""A kind of KV cache of the sample's own, which vLLM manages as the full one."""

from dataclasses import dataclass

from vllm.v1.core.single_type_kv_cache_manager import FullAttentionManager
from vllm.v1.kv_cache_interface import FullAttentionSpec
from vllm.v1.kv_cache_spec_registry import KVCacheSpecRegistry

__all__ = ["SampleAttentionSpec", "register_specs"]


@dataclass(frozen=True, kw_only=True)
class SampleAttentionSpec(FullAttentionSpec):
    """The cache of a full attention layer of the sample's."""


def register_specs() -> None:
    """Tell vLLM how the sample's kind of cache is managed."""
    KVCacheSpecRegistry.register(
        SampleAttentionSpec,
        manager_class=FullAttentionManager,
        uniform_type_base_spec=FullAttentionSpec,
    )
