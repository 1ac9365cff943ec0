"""Faults of the attention backend and of its classes."""

from typing import Any

from hwcheck_sample_cpu_faults.fault import fault


def attention() -> Any:
    """The module of the sample's attention."""
    from hwcheck_sample_cpu import attention

    return attention


@fault(breaks=("attention.name",))
def attention_name_is_unknown() -> None:
    """The backend's name is no member of vLLM's enumeration."""
    attention().SampleAttentionBackend.get_name = staticmethod(lambda: "SAMPLE_CPU_PAGED")


@fault(
    breaks=(
        "attention.builder[construct]",
        "platform.concrete[get_attn_backend_cls.get_builder_cls]",
    )
)
def builder_takes_three() -> None:
    """The builder's constructor takes three arguments, as that of an older vLLM."""

    def wrong(self, runner: Any, kv_cache_spec: Any, block_table: Any) -> None:
        """Keep nothing."""

    attention().SampleAttentionBuilder.__init__ = wrong


@fault(breaks=("attention.builder[build]",))
def builder_forgets_chunks() -> None:
    """Building fails for a batch in which a request has cached tokens and several new ones."""
    right = attention().SampleAttentionBuilder.build

    def wrong(
        self, common_prefix_len: int, common_attn_metadata: Any, fast_build: bool = False
    ) -> Any:
        batch = common_attn_metadata
        news = batch.query_start_loc_cpu.diff()
        if bool(((news > 1) & (batch.seq_lens[: batch.num_reqs] > news)).any()):
            raise KeyError("chunk")
        return right(self, common_prefix_len, common_attn_metadata, fast_build)

    attention().SampleAttentionBuilder.build = wrong


@fault(breaks=("attention.builder[build]",))
def builder_reads_a_gone_field() -> None:
    """Building reads a field that this vLLM's description of a batch does not have."""
    right = attention().SampleAttentionBuilder.build

    def wrong(
        self, common_prefix_len: int, common_attn_metadata: Any, fast_build: bool = False
    ) -> Any:
        self.lengths = common_attn_metadata.seq_lens_of_decodes
        return right(self, common_prefix_len, common_attn_metadata, fast_build)

    attention().SampleAttentionBuilder.build = wrong


@fault(breaks=("attention.builder[build]",))
def builder_changes_what_others_read() -> None:
    """Building turns the lengths of the sequences into those without the new tokens, in place."""
    right = attention().SampleAttentionBuilder.build

    def wrong(
        self, common_prefix_len: int, common_attn_metadata: Any, fast_build: bool = False
    ) -> Any:
        made = right(self, common_prefix_len, common_attn_metadata, fast_build)
        common_attn_metadata.seq_lens -= common_attn_metadata.query_start_loc.diff()
        return made

    attention().SampleAttentionBuilder.build = wrong


@fault(breaks=("attention.builder[build]",))
def builder_returns_nothing() -> None:
    """Building keeps the metadata and returns None."""
    right = attention().SampleAttentionBuilder.build

    def wrong(
        self, common_prefix_len: int, common_attn_metadata: Any, fast_build: bool = False
    ) -> None:
        self.metadata = right(self, common_prefix_len, common_attn_metadata, fast_build)

    attention().SampleAttentionBuilder.build = wrong


@fault(breaks=("attention.builder[graph-support]",))
def builder_supports_graphs_in_words() -> None:
    """get_cudagraph_support() answers a word and no member of the enumeration."""
    attention().SampleAttentionBuilder.get_cudagraph_support = classmethod(
        lambda cls, vllm_config, kv_cache_spec: "never"
    )


@fault(breaks=("attention.builder[capture]",))
def builder_cannot_capture() -> None:
    """Graphs are said to be supported, and building for their capture raises."""
    from vllm.v1.attention.backend import AttentionCGSupport

    builder = attention().SampleAttentionBuilder
    builder._cudagraph_support = AttentionCGSupport.UNIFORM_SINGLE_TOKEN_DECODE

    def wrong(self, common_attn_metadata: Any) -> Any:
        raise NotImplementedError

    builder.build_for_cudagraph_capture = wrong


def _with_impl(change: Any) -> None:
    """Let `change` run at the start of the implementation's constructor."""
    right = attention().SampleAttentionImpl.__init__

    def wrong(self, *args: Any, **kwargs: Any) -> None:
        change(*args, **kwargs)
        right(self, *args, **kwargs)

    attention().SampleAttentionImpl.__init__ = wrong


@fault(breaks=("attention.impl",))
def impl_divides_by_zero() -> None:
    """The implementation fails where there are fewer key heads than heads."""

    def change(num_heads: int, size: int, scale: float, num_kv_heads: int, *rest: Any) -> None:
        1 // (num_heads == num_kv_heads)

    _with_impl(change)


@fault(breaks=("attention.impl",))
def impl_refuses_what_is_claimed() -> None:
    """The backend says that it has sliding windows and 64 wide heads, the implementation not."""
    backend = attention().SampleAttentionBackend
    backend.get_supported_head_sizes = classmethod(lambda cls: [64, 128])

    def change(*args: Any) -> None:
        if args[5] is not None:
            raise NotImplementedError("no sliding window")

    _with_impl(change)


@fault(breaks=("attention.kv-layout[layouts]",))
def layout_is_text() -> None:
    """The layouts of the cache are texts and no members of the enumeration."""
    attention().SampleAttentionBackend.supported_kv_cache_layouts = classmethod(
        lambda cls: ("LBHNC",)
    )


@fault(breaks=("attention.kv-layout[layouts]",))
def layouts_are_none_at_all() -> None:
    """The backend supports no layout."""
    attention().SampleAttentionBackend.supported_kv_cache_layouts = classmethod(lambda cls: ())


@fault(breaks=("attention.kv-layout[kernel-block-sizes]",))
def block_size_may_be_zero() -> None:
    """The sizes of the kernels' blocks begin with a text."""
    right = attention().SampleAttentionBackend.get_supported_kernel_block_sizes
    attention().SampleAttentionBackend.get_supported_kernel_block_sizes = staticmethod(
        lambda kv_cache_spec=None: [*right(kv_cache_spec), -16]
    )


@fault(breaks=("attention.kv-layout[customize-spec]",))
def customized_spec_is_forgotten() -> None:
    """customize_spec() returns nothing."""
    attention().SampleAttentionBackend.customize_spec = classmethod(lambda cls, spec: None)


@fault(breaks=("attention.flags[supports_sink]",))
def flag_is_an_attribute() -> None:
    """A flag that vLLM calls is a plain attribute."""
    attention().SampleAttentionBackend.supports_sink = False


@fault(breaks=("attention.flags[supports_mm_prefix]",))
def flag_needs_an_instance() -> None:
    """A flag that vLLM asks of the class is a method of an instance."""
    attention().SampleAttentionBackend.supports_mm_prefix = lambda self: True


@fault(breaks=("attention.flags[supported_kv_cache_dtypes]",))
def cache_dtypes_are_torchs() -> None:
    """The dtypes of the cache are torch's instead of names."""
    import torch

    attention().SampleAttentionBackend.supported_kv_cache_dtypes = [torch.bfloat16]


@fault(breaks=("attention.flags[chosen-for]",))
def backend_is_for_latent_attention() -> None:
    """The backend says that it is for latent attention, and is chosen for dense."""
    attention().SampleAttentionBackend.is_mla = classmethod(lambda cls: True)


@fault(breaks=("attention.stale-member[attention-backend]",))
def layout_is_asked_in_the_old_way() -> None:
    """The backend gives the order of its cache in the way of vLLM 0.28 only."""
    backend = attention().SampleAttentionBackend
    del backend.supported_kv_cache_layouts
    backend.get_kv_cache_stride_order = staticmethod(lambda: (1, 0, 2, 3, 4))
