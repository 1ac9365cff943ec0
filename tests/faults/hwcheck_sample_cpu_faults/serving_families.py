"""Faults of the optional abilities: an engine with them serves, and serves wrongly."""

from hwcheck_sample_cpu_faults.fault import fault


def _change_adapters(changed) -> None:
    """Change the adapters of the requests and tokens of a step, 0 for none."""
    from vllm.v1.worker.lora_model_runner_mixin import LoRAModelRunnerMixin

    right = LoRAModelRunnerMixin._set_active_loras

    def wrong(self, requests, tokens, adapters, *rest):
        requests, tokens = changed(requests), changed(tokens)
        used = {item for item in adapters if item.lora_int_id in requests}
        right(self, requests, tokens, used, *rest)

    LoRAModelRunnerMixin._set_active_loras = wrong


@fault(
    breaks=(
        "family.lora.tokens",
        "family.lora.several",
        "family.lora.mixed[adapter]",
        "family.lora.slots",
        "family.lora.listed[left]",
    )
)
def adapters_are_ignored() -> None:
    """Adapters are loaded, and no token is mapped to one."""
    _change_adapters(lambda ids: (0,) * len(ids))


@fault(breaks=("family.lora.several",))
def adapter_of_the_first_request_for_all() -> None:
    """A step has one adapter: that of its first request with any."""

    def first(ids):
        found = next((item for item in ids if item), 0)
        return tuple(item and found for item in ids)

    _change_adapters(first)


@fault(breaks=("family.lora.mixed[adapter]",))
def adapters_are_left_out_of_mixed_batches() -> None:
    """As soon as one request of a step has no adapter, none has."""
    _change_adapters(lambda ids: ids if all(ids) else (0,) * len(ids))


@fault(breaks=("family.lora.several", "family.lora.slots", "family.lora.listed[left]"))
def adapter_slots_keep_their_first_weights() -> None:
    """A slot that is taken again is not written again."""
    from vllm.lora.model_manager import LoRAModelManager

    right = LoRAModelManager.activate_adapter
    written = set()

    def wrong(self, lora_id):
        slot = next((i for i, held in enumerate(self.lora_index_to_id) if held is None), None)
        modules = self.modules
        if slot in written and lora_id not in self._active_adapters:
            self.modules = {}
        written.add(slot)
        try:
            return right(self, lora_id)
        finally:
            self.modules = modules

    LoRAModelManager.activate_adapter = wrong


@fault(breaks=("family.lora.listed[remove]",))
def removed_adapters_stay() -> None:
    """The worker says that it removed an adapter, and keeps it."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    SampleCpuWorker.remove_lora = lambda self, lora_id: True


@fault(
    breaks=(
        "family.lora.several",
        "family.lora.mixed[base]",
        "family.lora.removed[behind]",
        "family.lora.removed[removed]",
    )
)
def cached_blocks_forget_their_adapter() -> None:
    """The hash of a cached block does not know with which adapter it was computed."""
    from vllm.v1.core import kv_cache_utils

    kv_cache_utils._gen_lora_extra_hash_keys = lambda request: []


_STRUCTURED = "family.structured-output"


@fault(
    breaks=(
        *(f"{_STRUCTURED}.{kind}" for kind in ("json", "regex", "choice", "grammar")),
        *(f"{_STRUCTURED}.mixed[{kind}]" for kind in ("regex", "choice", "grammar")),
        *(f"{_STRUCTURED}.reasoning[{case}]" for case in ("thinking", "ended")),
    )
)
def constraints_are_dropped() -> None:
    """The scheduler forgets the constraint of a request, and nothing says so."""
    from hwcheck_sample_cpu.scheduler import SampleAsyncScheduler, SampleScheduler
    from vllm.v1.request import RequestStatus

    for scheduler in (SampleScheduler, SampleAsyncScheduler):
        _forget_constraints(scheduler, RequestStatus.WAITING)


def _forget_constraints(scheduler, waiting) -> None:
    right = scheduler.add_request

    def wrong(self, request):
        if request.structured_output_request is not None:
            request.structured_output_request = None
            request.status = waiting
        right(self, request)

    scheduler.add_request = wrong


def _change_masks(changed) -> None:
    """Change the rows that are masked: `changed` gets what masks, and its arguments."""
    from vllm.v1.worker import gpu_model_runner as module

    right = module.apply_grammar_bitmask
    module.apply_grammar_bitmask = lambda *given: changed(right, *given)


@fault(
    breaks=(*(f"{_STRUCTURED}.mixed[{kind}]" for kind in ("regex", "choice", "grammar", "free")),)
)
def masks_are_laid_on_the_first_rows() -> None:
    """The mask of the first row with a constraint is laid on the first row, and so on.

    Where reasoning comes first, it depends on time which rows are the first: all is well there.
    """
    from types import SimpleNamespace

    from vllm.v1.structured_output import StructuredOutputManager

    def wrong(right, scheduled, grammar, batch, logits):
        constrained = [
            name for name in batch.req_ids if name in grammar.structured_output_request_ids
        ]
        free = [name for name in batch.req_ids if name not in constrained]
        right(scheduled, grammar, SimpleNamespace(req_ids=constrained + free), logits)

    def is_plain(self, config):
        begin(self, config)
        reasons.append(self.reasoner_cls is not None)

    begin = StructuredOutputManager.__init__
    StructuredOutputManager.__init__ = is_plain
    reasons = []
    _change_masks(lambda right, *given: right(*given) if reasons[-1] else wrong(right, *given))


@fault(breaks=(f"{_STRUCTURED}.mixed[free]", f"{_STRUCTURED}.reasoning[free]"))
def free_rows_take_the_first_mask() -> None:
    """What the first mask forbids is forbidden to the requests without a constraint as well."""
    from vllm.v1.core.sched.scheduler import Scheduler

    add, free = Scheduler.add_request, set()

    def noting(self, request):
        if request.structured_output_request is None:
            free.add(request.request_id)
        add(self, request)

    def wrong(right, scheduled, grammar, batch, logits):
        right(scheduled, grammar, batch, logits)
        rows = {name: row for row, name in enumerate(batch.req_ids)}
        masked = logits[rows[grammar.structured_output_request_ids[0]]].isinf()
        for name in free.intersection(rows):
            logits[rows[name], masked] = float("-inf")

    Scheduler.add_request = noting
    _change_masks(wrong)


@fault(
    breaks=(
        *(f"{_STRUCTURED}.{kind}" for kind in ("regex", "choice", "grammar")),
        *(f"{_STRUCTURED}.mixed[{kind}]" for kind in ("regex", "choice", "grammar")),
        *(f"{_STRUCTURED}.reasoning[{case}]" for case in ("thinking", "ended")),
    )
)
def masked_rows_take_the_first_token() -> None:
    """What is allowed gets the same logit, so the first allowed token wins."""
    import torch

    def wrong(right, scheduled, grammar, batch, logits):
        before = logits.clone()
        right(scheduled, grammar, batch, logits)
        masked = (logits != before).any(dim=-1)
        logits[masked] = torch.where(logits[masked].isinf(), logits[masked], 0.0)

    _change_masks(wrong)


@fault(breaks=(f"{_STRUCTURED}.reasoning[thinking]",))
def constraints_hold_in_the_reasoning() -> None:
    """The scheduler takes every request with a constraint for one whose reasoning has ended."""
    from hwcheck_sample_cpu.scheduler import SampleAsyncScheduler, SampleScheduler

    for scheduler in (SampleScheduler, SampleAsyncScheduler):
        _end_reasoning(scheduler)


def _end_reasoning(scheduler) -> None:
    right = scheduler.add_request

    def wrong(self, request):
        if request.structured_output_request is not None:
            request.structured_output_request.reasoning_ended = True
        right(self, request)

    scheduler.add_request = wrong


@fault(breaks=(f"{_STRUCTURED}.reasoning[thinking]",))
def end_of_the_reasoning_is_not_noticed() -> None:
    """The scheduler tells of tokens only as soon as a constraint holds."""
    from vllm.v1.structured_output import StructuredOutputManager

    right = StructuredOutputManager.accept_tokens

    def wrong(self, request, tokens):
        asked = request.structured_output_request
        if asked is not None and asked.reasoning_ended is False:
            return True
        return right(self, request, tokens)

    StructuredOutputManager.accept_tokens = wrong


def _change_pool(changed) -> None:
    from vllm.model_executor.layers.pooler.seqwise.methods import LastPool

    LastPool.forward = lambda self, states, metadata: changed(states, metadata.get_pooling_cursor())


@fault(breaks=("family.pooling.embedding[one]", "family.pooling.embedding[batch]"))
def first_token_is_pooled() -> None:
    """The state of the first token of the step is taken instead of the last."""
    _change_pool(lambda states, cursor: states[cursor.first_token_indices_gpu])


@fault(breaks=("family.pooling.embedding[batch]",))
def embeddings_change_places() -> None:
    """Each text of a step gets the embedding of the one before."""
    _change_pool(lambda states, cursor: states[cursor.last_token_indices_gpu].roll(1, 0))


@fault(breaks=("family.pooling.embedding[one]", "family.pooling.embedding[batch]"))
def embeddings_keep_their_length() -> None:
    """The pooled state is not normalised."""
    from vllm.model_executor.layers.pooler.activations import PoolerNormalize

    PoolerNormalize.forward_chunk = lambda self, pooled: pooled


@fault(
    breaks=(
        "family.prompt-embeds.tokens[one]",
        "family.prompt-embeds.tokens[batch]",
        "family.prompt-embeds.mixed[embeddings]",
    )
)
def prompt_embeddings_are_ignored() -> None:
    """The runner looks up token 0 where it was given an embedding."""
    from vllm.v1.worker.gpu_input_batch import InputBatch

    right = InputBatch.add_request

    def wrong(self, request):
        index = right(self, request)
        self.is_token_ids[index, : request.num_tokens] = True
        return index

    InputBatch.add_request = wrong


@fault(
    breaks=(
        "family.prompt-embeds.tokens[batch]",
        "family.prompt-embeds.mixed[embeddings]",
    )
)
def cached_blocks_forget_their_embeddings() -> None:
    """The hash of a cached block knows the tokens alone, which embeddings do not have."""
    from vllm.v1.core import kv_cache_utils

    kv_cache_utils._gen_prompt_embeds_extra_hash_keys = lambda *given: []


@fault(breaks=("family.sliding-window.greedy[one]", "family.sliding-window.greedy[batch]"))
def window_is_ignored() -> None:
    """The attention of a model with a window looks at all that came before."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    _change_window(SampleAttentionImpl, lambda window: None)


@fault(breaks=("family.sliding-window.greedy[one]", "family.sliding-window.greedy[batch]"))
def window_is_one_too_short() -> None:
    """The window does not count the token itself."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    _change_window(SampleAttentionImpl, lambda window: window and window - 1)


def _change_window(implementation, changed) -> None:
    right = implementation.__init__

    def wrong(self, *given, **named):
        right(self, *given, **named)
        self.sliding_window = changed(self.sliding_window)

    implementation.__init__ = wrong


@fault(breaks=("family.logits-processors.applied[forced]",))
def logits_processors_are_ignored() -> None:
    """The sampler leaves out what the user gave to the engine."""
    from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

    AdapterLogitsProcessor.apply = lambda self, logits: logits


def _change_routes(changed) -> None:
    import hwcheck_sample_cpu.experts as module

    right = module.routed
    module.routed = lambda logits, chosen: changed(right, logits, chosen)


@fault(breaks=("family.experts.greedy[one]", "family.experts.greedy[batch]"))
def tokens_go_to_the_next_expert() -> None:
    """The experts are counted from one."""

    def wrong(right, logits, chosen):
        shares, experts = right(logits, chosen)
        return shares, (experts + 1) % logits.shape[-1]

    _change_routes(wrong)


@fault(breaks=("family.experts.greedy[one]", "family.experts.greedy[batch]"))
def shares_of_experts_are_not_renormalised() -> None:
    """What the experts that were not chosen would have had is lost."""

    def wrong(right, logits, chosen):
        _, experts = right(logits, chosen)
        return logits.float().softmax(dim=-1).gather(-1, experts), experts

    _change_routes(wrong)


@fault(breaks=("family.beam-search.scores",))
def many_logprobs_are_told_backwards() -> None:
    """Asked for six log-probabilities, the device sorts them the other way than the tokens."""
    from vllm.v1.sample.sampler import Sampler

    right = Sampler.gather_logprobs

    def wrong(logprobs, num_logprobs, token_ids):
        told = right(logprobs, num_logprobs, token_ids)
        if num_logprobs < 6:
            return told
        # The first column is the token that was taken.
        told.logprobs[:, 1:] = told.logprobs[:, 1:].flip(-1)
        return told

    Sampler.gather_logprobs = staticmethod(wrong)


@fault(breaks=("family.sleep.wake-up[after]",))
def woken_engines_have_no_weights() -> None:
    """Sleep gives the memory of the weights back, and nothing brings them back."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.sleep

    def wrong(self, level=1):
        right(self, level)
        for parameter in self.model_runner.model.parameters():
            parameter.data.zero_()

    SampleCpuWorker.sleep = wrong


@fault(breaks=("family.sleep.wake-up[memory]",))
def sleep_gives_nothing_back() -> None:
    """Sleep and waking up are taken for granted, as vLLM's own CPU worker takes them."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    SampleCpuWorker.sleep = lambda self, level=1: None
    SampleCpuWorker.wake_up = lambda self, tags=None: None


@fault(
    breaks=("family.async-scheduling.greedy[one]", "family.async-scheduling.greedy[batch]"),
)
def asynchronous_steps_forget_the_last_token() -> None:
    """Steps are planned ahead, and what the step before has sampled is lost."""
    from vllm.engine.arg_utils import EngineArgs
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner

    right, prepare = EngineArgs.create_engine_config, GPUModelRunner._prepare_input_ids

    def asynchronous(self, *given, **named):
        config = right(self, *given, **named)
        if self.async_scheduling:
            config.scheduler_config.async_scheduling = True
            name = "hwcheck_sample_cpu.scheduler.SampleAsyncScheduler"
            config.scheduler_config.scheduler_cls = name
        return config

    def wrong(self, *given, **named):
        if self.input_batch.prev_sampled_token_ids is not None:
            self.input_batch.prev_sampled_token_ids.zero_()
        return prepare(self, *given, **named)

    EngineArgs.create_engine_config = asynchronous
    GPUModelRunner._prepare_input_ids = wrong
