"""Faults of the plugin's paged attention."""

from hwcheck_sample_cpu_faults.fault import fault

_IN_FLOAT32 = (
    "float32",
    "one-query-head-a-key",
    "one-key-head",
    "wide-heads",
    "sliding-window",
    "blocks-of-16",
    "blocks-of-64",
    "blocks-of-128",
)
_ALL = (*_IN_FLOAT32, "bfloat16", "float16")


def _ids(*cases: str) -> tuple[str, ...]:
    return tuple(f"attention.value[{case}]" for case in cases)


@fault(breaks=_ids(*_ALL))
def attention_skips_a_slot() -> None:
    """The last key of a piece of several tokens is not written to the cache."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._store

    def wrong(self, key, value, kv_cache, slots):
        right(self, key, value, kv_cache, slots[:-1] if len(slots) > 1 else slots)

    SampleAttentionImpl._store = wrong


@fault(breaks=_ids(*_ALL))
def attention_has_no_mask_on_later_pieces() -> None:
    """The tokens of a later piece of a prompt see those that come after them."""
    import torch
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._attend

    def wrong(self, query, keys, values):
        count, length = query.shape[0], keys.shape[1]
        if count in {1, length}:
            return right(self, query, keys, values)
        rows = [right(self, row[None], keys, values) for row in query]
        return torch.cat(rows)

    SampleAttentionImpl._attend = wrong


@fault(breaks=_ids(*_ALL))
def attention_reads_to_the_end_of_a_block() -> None:
    """What an earlier request left behind the last token of a block is attended to."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    def wrong(self, kv_cache, blocks, length):
        used = blocks[: -(-length // kv_cache.shape[2])].long()
        pair = kv_cache[used].transpose(0, 1).flatten(1, 2).float()
        return pair.split(self.head_size, dim=-1)

    SampleAttentionImpl._load = wrong


@fault(breaks=_ids(*_ALL))
def attention_takes_blocks_for_consecutive() -> None:
    """The blocks of a request are taken for those that follow its first."""
    import torch
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._load

    def wrong(self, kv_cache, blocks, length):
        following = (blocks[0] + torch.arange(len(blocks))) % len(kv_cache)
        return right(self, kv_cache, following, length)

    SampleAttentionImpl._load = wrong


@fault(breaks=_ids(*_ALL))
def attention_scale_is_a_tenth_off() -> None:
    """Scores are multiplied by a tenth too much."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._attend

    def wrong(self, query, keys, values):
        return right(self, query * 1.1, keys, values)

    SampleAttentionImpl._attend = wrong


@fault(breaks=_ids(*_IN_FLOAT32))
def attention_keeps_bfloat16() -> None:
    """A cache of dtype float32 holds what is left of keys and values in bfloat16."""
    import torch
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._store

    def wrong(self, key, value, kv_cache, slots):
        if key.dtype == torch.float32:
            key, value = key.bfloat16().float(), value.bfloat16().float()
        right(self, key, value, kv_cache, slots)

    SampleAttentionImpl._store = wrong


@fault(
    breaks=_ids(*(case for case in _ALL if case not in {"one-query-head-a-key", "one-key-head"}))
)
def attention_deals_key_heads_in_turn() -> None:
    """Query heads that share a key head are taken for those that are a stride apart."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._attend

    def wrong(self, query, keys, values):
        count = query.shape[0]
        heads = query.view(count, -1, self.num_kv_heads, self.head_size).transpose(1, 2)
        found = right(self, heads.reshape(query.shape), keys, values)
        return found.transpose(1, 2)

    SampleAttentionImpl._attend = wrong


@fault(breaks=_ids("sliding-window"))
def attention_window_is_one_wider() -> None:
    """A sliding window holds a token more."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl.__init__

    def wrong(self, *positional, **named):
        right(self, *positional, **named)
        if self.sliding_window is not None:
            self.sliding_window += 1

    SampleAttentionImpl.__init__ = wrong


@fault(breaks=_ids("sliding-window"))
def attention_forgets_the_window() -> None:
    """A sliding window is taken and not used."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl.__init__

    def wrong(self, *positional, **named):
        right(self, *positional, **named)
        self.sliding_window = None

    SampleAttentionImpl.__init__ = wrong


@fault(breaks=("attention.builder[build]", *_ids(*_ALL)))
def attention_fails_on_decodes_alone() -> None:
    """A batch of nothing but decodes is taken for an empty one."""
    from hwcheck_sample_cpu.attention import SampleAttentionBuilder

    right = SampleAttentionBuilder.build

    def wrong(self, common_prefix_len, common_attn_metadata, fast_build=False):
        longest = common_attn_metadata.max_query_len

        if longest == 1:
            raise IndexError("no prompt in the batch")
        return right(self, common_prefix_len, common_attn_metadata, fast_build)

    SampleAttentionBuilder.build = wrong
