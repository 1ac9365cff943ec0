"""Faults of which request is worked on when, and with which blocks of the cache."""

from hwcheck_sample_cpu_faults.fault import fault
from hwcheck_sample_cpu_faults.scheduler_patches import schedulers


@fault(breaks=("cache.prefix[salt]",))
def salt_is_not_in_the_hash() -> None:
    """The scheduler makes the hashes of a prompt's blocks anew, without its salt."""
    for cls in schedulers():

        def wrong(self, request, right=cls.add_request):
            request.cache_salt = None
            request.block_hashes = []
            request.update_block_hashes()
            right(self, request)

        cls.add_request = wrong


@fault(breaks=("cache.prefix[middle]",))
def hash_takes_half_a_block() -> None:
    """A block is known by the first half of its tokens, so others are taken for it."""
    from vllm.v1.core import kv_cache_utils

    right = kv_cache_utils.hash_block_tokens

    def wrong(function, parent, tokens, extra_keys=None):
        return right(function, parent, tokens[: len(tokens) // 2], extra_keys)

    kv_cache_utils.hash_block_tokens = wrong


@fault(
    breaks=(
        "cache.prefix[hit]",
        "cache.prefix[middle]",
        "generate.batch-invariance",
        "generate.determinism",
        "generate.logprobs",
        "scheduling.preemption",
    )
)
def last_cached_block_is_another() -> None:
    """In place of the last block of a cached prefix, the scheduler hands the first over again."""
    from vllm.v1.core.kv_cache_manager import KVCacheBlocks, KVCacheManager

    right = KVCacheManager.get_computed_blocks

    def wrong(self, request):
        found, *rest = right(self, request)
        blocks = tuple([*group[:-1], *group[:1]] for group in found.blocks)
        return (KVCacheBlocks(blocks), *rest)

    KVCacheManager.get_computed_blocks = wrong


@fault(breaks=("cache.prefix[hit]",))
def prefix_cache_is_never_read() -> None:
    """Prefix caching is on, and the scheduler never looks for a prefix."""
    from vllm.v1.core.kv_cache_manager import KVCacheManager

    KVCacheManager.prefix_cache_lookup_enabled = lambda self, request: False


@fault(breaks=("cache.prefix[reset]",))
def reset_forgets_nothing() -> None:
    """The scheduler answers that it reset the prefix cache, and keeps it."""
    for cls in schedulers():
        cls.reset_prefix_cache = lambda self, *arguments, **named: True


@fault(breaks=("cache.blocks-freed[ended]", "cache.prefix[reset]"))
def long_prompts_keep_their_blocks() -> None:
    """Blocks of a request that ended are not freed when its prompt was longer than a step."""
    from vllm.v1.core.kv_cache_manager import KVCacheManager
    from vllm.v1.request import RequestStatus

    right = KVCacheManager.free

    def wrong(self, request):
        is_whole = request.status is RequestStatus.FINISHED_LENGTH_CAPPED
        if not is_whole or request.num_prompt_tokens <= 64:
            right(self, request)

    KVCacheManager.free = wrong


@fault(
    breaks=(
        "cache.blocks-freed[aborted]",
        "scheduling.abort[answering]",
        "scheduling.abort[prompt]",
    )
)
def aborted_requests_keep_their_blocks() -> None:
    """Blocks of a request that was aborted are not freed."""
    from vllm.v1.core.kv_cache_manager import KVCacheManager
    from vllm.v1.request import RequestStatus

    right = KVCacheManager.free

    def wrong(self, request):
        if request.status is not RequestStatus.FINISHED_ABORTED:
            right(self, request)

    KVCacheManager.free = wrong


@fault(
    breaks=(
        "cache.blocks-freed[aborted]",
        "scheduling.abort[answering]",
        "scheduling.abort[prompt]",
        "scheduling.abort[waiting]",
    )
)
def aborts_are_not_heard() -> None:
    """The scheduler goes on with requests that were aborted."""
    for cls in schedulers():
        cls.finish_requests = lambda self, names, status: []


@fault(breaks=("scheduling.chunked-prefill[alone]", "scheduling.chunked-prefill[beside-answers]"))
def prompts_are_never_cut() -> None:
    """Buffers are made for the whole context, and a step takes all of a prompt."""
    from copy import copy

    from hwcheck_sample_cpu.worker import SampleCpuWorker

    for cls in schedulers():

        def start(self, *arguments, right=cls.__init__, **named):
            right(self, *arguments, **named)
            self.scheduler_config = copy(self.scheduler_config)
            self.scheduler_config.max_num_batched_tokens = 2048
            self.max_num_scheduled_tokens = 2048

        cls.__init__ = start
    init_device = SampleCpuWorker.init_device

    def wrong(self):
        told = self.vllm_config.scheduler_config.max_num_batched_tokens
        self.vllm_config.scheduler_config.max_num_batched_tokens = 2048
        init_device(self)
        self.vllm_config.scheduler_config.max_num_batched_tokens = told

    SampleCpuWorker.init_device = wrong


@fault(breaks=("scheduling.preemption",))
def resumed_requests_keep_their_old_blocks() -> None:
    """A request that was preempted gets its new blocks behind those that it gave away."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.execute_model

    def wrong(self, scheduler_output, *arguments, **named):
        cached = scheduler_output.scheduled_cached_reqs
        for number, name in enumerate(cached.req_ids):
            if name in cached.resumed_req_ids:
                old = self.model_runner.requests[name].block_ids
                new = cached.new_block_ids[number]
                # As many as there is room for.
                cached.new_block_ids[number] = tuple(
                    [*before, *now][: max(len(before), len(now))]
                    for before, now in zip(old, new, strict=True)
                )
        return right(self, scheduler_output, *arguments, **named)

    SampleCpuWorker.execute_model = wrong


@fault(breaks=("scheduling.preemption",))
def preempted_answers_are_lost() -> None:
    """A preempted request comes back with its prompt alone, and answers it once more."""
    for cls in schedulers():

        def wrong(self, request, *arguments, right=cls._preempt_request, **named):
            right(self, request, *arguments, **named)
            del request._output_token_ids[:]
            del request._all_token_ids[request.num_prompt_tokens :]

        cls._preempt_request = wrong


@fault(breaks=("request.repeated",))
def equal_requests_are_cut_short() -> None:
    """Of many equal requests that wait, all but some get one token, as if they were served."""
    for cls in schedulers():

        def wrong(self, request, right=cls.add_request):
            tokens = list(request.prompt_token_ids)
            equal = [item for item in self.waiting if list(item.prompt_token_ids) == tokens]
            if len(equal) > 10:
                request.max_tokens = 1
            right(self, request)

        cls.add_request = wrong
