"""Faults that show in the tokens and log-probabilities of an engine."""

from hwcheck_sample_cpu_faults.fault import fault

_GREEDY = ("generate.greedy[batch]", "generate.greedy[one]")
_LOGPROBS = ("generate.logprobs", "generate.prompt-logprobs")


@fault(breaks=("engine.start",))
def weights_are_not_loaded() -> None:
    """The worker looks for a weight under a name of its own."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    def wrong(self, *arguments, **named):
        raise KeyError("model.layers.0.self_attn.qkv.weight")

    SampleCpuWorker.load_model = wrong


@fault(breaks=(*_GREEDY, *_LOGPROBS))
def rotary_is_off_by_one() -> None:
    """Keys are turned by the position of the token before theirs, all but the first."""
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        turned, _ = right(self, positions, query, key.clone())
        _, late = right(self, (positions - 1).clamp(min=0), query.clone(), key)
        return turned, late

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=_LOGPROBS)
def attention_adds_up_in_half() -> None:
    """Attention keeps its weights in half precision although the model is in float32."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right = SampleAttentionImpl._attend

    def wrong(self, query, keys, values):
        return right(self, query.bfloat16(), keys.bfloat16().float(), values.bfloat16().float())

    SampleAttentionImpl._attend = wrong


@fault(breaks=_LOGPROBS)
def logprobs_are_not_normalised() -> None:
    """The largest logit is taken off, and not the logarithm of the sum."""
    from vllm.v1.sample.sampler import Sampler

    Sampler.compute_logprobs = staticmethod(
        lambda logits: (logits - logits.max(dim=-1, keepdim=True).values).float()
    )


@fault(breaks=("generate.prompt-logprobs",))
def prompt_logprobs_are_one_late() -> None:
    """Each token of a prompt gets the log-probabilities of the one before it."""
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner

    right = GPUModelRunner._get_prompt_logprobs_dict

    def wrong(self, hidden_states, num_scheduled_tokens):
        return right(self, hidden_states.roll(1, dims=0), num_scheduled_tokens)

    GPUModelRunner._get_prompt_logprobs_dict = wrong


@fault(breaks=("generate.determinism",))
def reset_makes_the_sampler_forget() -> None:
    """After the prefix cache was emptied, the second-best token is taken once in a while."""
    from vllm.v1.core.kv_cache_manager import KVCacheManager
    from vllm.v1.sample.sampler import Sampler

    state = {"resets": 0, "steps": 0}
    reset, right = KVCacheManager.reset_prefix_cache, Sampler.greedy_sample

    def counted(self):
        state["resets"] += 1
        return reset(self)

    def wrong(logits):
        state["steps"] += 1
        if state["resets"] and state["steps"] % 7 == 0:
            return logits.topk(2, dim=-1).indices[:, 1].view(-1)
        return right(logits)

    KVCacheManager.reset_prefix_cache = counted
    Sampler.greedy_sample = staticmethod(wrong)


@fault(breaks=("generate.batch-invariance", "generate.greedy[batch]", *_LOGPROBS))
def requests_leak_into_each_other() -> None:
    """A request attends to a little of the one before it in the batch."""
    from hwcheck_sample_cpu.attention import SampleAttentionImpl

    right, forward = SampleAttentionImpl._load, SampleAttentionImpl.forward

    def wrong(self, kv_cache, blocks, length):
        keys, values = right(self, kv_cache, blocks, length)
        last, self.leaked = self.leaked, values[:, :1].clone()
        return keys, values if last is None else values + 0.05 * last

    def started(self, *arguments, **named):
        self.leaked = None
        return forward(self, *arguments, **named)

    SampleAttentionImpl._load = wrong
    SampleAttentionImpl.forward = started


@fault(breaks=("generate.volume",))
def one_answer_in_a_thousand_is_of_another() -> None:
    """Of every thousandth request, the first token is the likeliest but one."""
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner

    right = GPUModelRunner._sample
    seen: dict[str, int] = {}

    def wrong(self, logits, *arguments, **named):
        for row, name in enumerate(self.input_batch.req_ids):
            number = seen.setdefault(name, len(seen) + 1)
            # Only its first token: afterwards the name is known.
            is_new = self.requests[name].num_tokens == self.requests[name].num_prompt_tokens
            if number % 1000 == 0 and is_new and logits is not None and row < len(logits):
                logits[row, logits[row].argmax()] = float("-inf")
        return right(self, logits, *arguments, **named)

    GPUModelRunner._sample = wrong
