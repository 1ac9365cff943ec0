"""Faults of attention that show in what an engine answers."""

from hwcheck_sample_cpu_faults.fault import fault

#: Whatever has a prompt that is worked on in pieces, in it or before it.
_IN_PIECES = (
    "cache.prefix[first-block]",
    "cache.prefix[hit]",
    "cache.prefix[middle]",
    "cache.prefix[reset]",
    "cache.prefix[salt]",
    "generate.batch-invariance",
    "generate.determinism",
    "generate.greedy[batch]",
    "generate.logprobs",
    "generate.prompt-logprobs",
    "scheduling.chunked-prefill[alone]",
    "scheduling.chunked-prefill[beside-answers]",
    "scheduling.preemption",
    "scheduling.staggered",
)


@fault(breaks=_IN_PIECES)
def pieces_are_masked_from_their_own_start() -> None:
    """The mask of a prompt's later piece takes the piece's first token for position 0."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._attend

    def wrong(self, query, keys, values):
        if 1 < query.shape[0] < keys.shape[1]:
            return right(self, query, keys[:, : query.shape[0]], values[:, : query.shape[0]])
        return right(self, query, keys, values)

    SampleAttentionImpl._attend = wrong


@fault(breaks=_IN_PIECES)
def later_pieces_are_stored_a_slot_behind() -> None:
    """Keys and values of a prompt's later piece are written one slot behind their own."""
    from hwcheck_sample_cpu.attention import SampleAttentionBuilder

    right = SampleAttentionBuilder.build

    def wrong(self, common_prefix_len, common_attn_metadata, fast_build=False):
        built = right(self, common_prefix_len, common_attn_metadata, fast_build)
        starts = built.query_starts
        built.slots = built.slots.clone()
        for request, length in enumerate(built.sequence_lengths):
            if 1 < starts[request + 1] - starts[request] < length:
                built.slots[starts[request] : starts[request + 1]] += 1
        return built

    SampleAttentionBuilder.build = wrong


@fault(
    breaks=(
        "generate.batch-invariance",
        "generate.determinism",
        "generate.greedy[batch]",
        "generate.logprobs",
        "scheduling.chunked-prefill[beside-answers]",
        "scheduling.staggered",
    )
)
def answers_beside_prompts_miss_a_token() -> None:
    """In a step with prompts in it, an answer does not see the token before its own."""
    from itertools import pairwise

    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right_forward, right = SampleAttentionImpl.forward, SampleAttentionImpl._attend

    def forward(self, *arguments, **named):
        batch = named.get("attn_metadata", arguments[5] if len(arguments) > 5 else None)
        starts = batch.query_starts if batch else []
        counts = {after - before for before, after in pairwise(starts)}
        self.is_mixed = 1 in counts and len(counts) > 1
        return right_forward(self, *arguments, **named)

    def wrong(self, query, keys, values):
        length = keys.shape[1]
        if self.is_mixed and query.shape[0] == 1 and length > 2:
            seen = [*range(length - 2), length - 1]
            return right(self, query, keys[:, seen], values[:, seen])
        return right(self, query, keys, values)

    SampleAttentionImpl.forward = forward
    SampleAttentionImpl._attend = wrong


@fault(
    breaks=(
        "generate.batch-invariance",
        "generate.determinism",
        "generate.greedy[batch]",
        "generate.logprobs",
        "generate.prompt-logprobs",
        "sampling.mixed-batch[greedy]",
        "scheduling.abort[answering]",
        "scheduling.abort[waiting]",
        "scheduling.chunked-prefill[beside-answers]",
        "scheduling.preemption",
        "scheduling.staggered",
        "stop.length[min-stop-token]",
    )
)
def rows_move_without_their_blocks() -> None:
    """When a request leaves the batch, the last one takes its row but not its block table."""
    from vllm.v1.worker.block_table import BlockTable

    def wrong(self, src, tgt):
        self.num_blocks_per_row[tgt] = self.num_blocks_per_row[src]
        self.num_blocks_per_row[src] = 0

    BlockTable.move_row = wrong
