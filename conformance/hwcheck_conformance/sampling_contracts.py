"""The contracts about how tokens are chosen, and where answers end."""

from hwcheck.model.contract import Contract
from hwcheck_conformance.served_contract import served

__all__ = ["ALL"]

_SAMPLER = "Sampler in vllm/v1/sample/sampler.py"
_STEPWISE = (
    "each token against the same change of the reference's logits after the same tokens, near ties "
    "left aside; requests without the parameter share the batch, and are left alone"
)
_CHANCES = (
    "each token of many answers is compared with the reference's distribution after the tokens "
    "before it: none may come that the parameter forbids (but for the tolerance of the dtype), and "
    "the shares of likelier and less likely, and of lower and higher tokens may be no farther from "
    "the due ones than Chernoff's bound allows. All cases of the four such contracts together "
    "accuse a plugin without fault less than once in a million runs (the bounds add up to 1e-7). "
    "600 samples a case, or what five seconds of the processor give"
)


STOP_TOKEN = served(
    "stop.token",
    "A stop token ends its answer, and only that",
    relied_on_by="check_stop() in vllm/v1/core/sched/utils.py, called by the scheduler",
    remedy="a scheduler of one's own calls check_stop() for every new token",
    checked="a token that greedy decoding gives is made a stop token, the second of two: it is the "
    "last of the answer, and the reason is `stop`; alone, and in a batch of requests with other "
    "stop tokens and with none; and the end of the sequence, forced by a bias, ends an answer "
    "unless ignore_eos is set",
)
STOP_TEXT = served(
    "stop.text",
    "A stop text ends its answer, also where two tokens make it together",
    relied_on_by="BaseIncrementalDetokenizer.update() in vllm/v1/engine/detokenizer.py; "
    "OutputProcessor.process_outputs() aborts the request in the engine",
    remedy="hand on every token once and in order; do not replace the detokenizer",
    checked="the last character of one token with the first of the next is made a stop text, with "
    "include_stop_str_in_output and without: the answer ends there, with the text that is due",
)
STOP_LENGTH = served(
    "stop.length",
    "An answer has at most max_tokens tokens, and before min_tokens nothing stops it",
    relied_on_by="check_stop() in vllm/v1/core/sched/utils.py; MinTokensLogitsProcessor in "
    "vllm/v1/sample/logits_processor/builtin.py",
    remedy="build the logits processors with build_logitsprocs() and apply them before sampling; "
    "update their state with every change of the batch",
    checked="max_tokens of 1, 2 and 7 in one batch; with min_tokens=8, a stop token does not come "
    "earlier and the likeliest other one does; the end of the sequence, forced by a bias, comes as "
    "token 8",
)
PENALTIES = served(
    "sampling.penalties",
    "Repetition, presence and frequency penalties change the logits as defined",
    relied_on_by=f"{_SAMPLER}: apply_all_penalties() in vllm/v1/sample/ops/penalties.py",
    remedy="hand prompts and outputs of each row to apply_all_penalties(), in the order of the "
    "batch; the repetition penalty counts the prompt, the others do not",
    checked=f"greedy answers with one penalty: {_STEPWISE}",
)
BIAS = served(
    "sampling.bias",
    "logit_bias is added to the logits",
    relied_on_by=f"{_SAMPLER}: LogitBiasLogitsProcessor in "
    "vllm/v1/sample/logits_processor/builtin.py",
    remedy="apply the logits processors that are not argmax-invariant before the greedy choice",
    checked=f"greedy answers with three biases at once: {_STEPWISE}",
)
ALLOWED = served(
    "sampling.allowed-tokens",
    "Only tokens of allowed_token_ids come",
    relied_on_by=f"{_SAMPLER}: fills logits with -inf where allowed_token_ids_mask is True, so it "
    "is False for allowed tokens (vllm/v1/worker/gpu_input_batch.py)",
    remedy="set the mask to True for the row, and to False for the tokens that are allowed",
    checked=f"greedy answers with ten, with twenty and with nearly all tokens: {_STEPWISE}",
)
BAD_WORDS = served(
    "sampling.bad-words",
    "A word of bad_words does not come",
    relied_on_by=f"{_SAMPLER}: apply_bad_words() in vllm/v1/sample/ops/bad_words.py",
    remedy="hand the outputs of each row to apply_bad_words(), in the order of the batch",
    checked=f"a character, and two in a row, that greedy decoding gives are forbidden: {_STEPWISE}",
)
TEMPERATURE = served(
    "sampling.temperature",
    "Tokens are sampled as often as the temperature says",
    relied_on_by=f"{_SAMPLER}: apply_temperature()",
    remedy="divide each row by its own temperature; take exponential noise for each row and token",
    checked=f"temperatures 0.4, 1 and 1.6 in one batch: {_CHANCES}",
)
TOP_K = served(
    "sampling.top-k",
    "Only the top_k likeliest tokens come, as often as they are due",
    relied_on_by="TopKTopPSampler in vllm/v1/sample/ops/topk_topp_sampler.py",
    remedy="compare with apply_top_k_top_p_pytorch(), row by row",
    checked=f"top_k of 3 and 12 in one batch: {_CHANCES}",
)
TOP_P = served(
    "sampling.top-p",
    "Only the likeliest tokens that reach top_p together come, as often as they are due",
    relied_on_by="TopKTopPSampler in vllm/v1/sample/ops/topk_topp_sampler.py",
    remedy="compare with apply_top_k_top_p_pytorch(), row by row",
    checked=f"top_p of 0.5 and 0.9 in one batch: {_CHANCES}",
)
MIN_P = served(
    "sampling.min-p",
    "Only tokens with min_p of the largest probability come, as often as they are due",
    relied_on_by="MinPLogitsProcessor in vllm/v1/sample/logits_processor/builtin.py",
    remedy="apply the argmax-invariant logits processors after the temperature",
    checked=f"min_p of 0.02 and 0.2 in one batch: {_CHANCES}",
)
SEED = served(
    "sampling.seed",
    "A seed gives the same tokens again, alone and in a batch; another seed gives others",
    relied_on_by="random_sample() in vllm/v1/sample/ops/topk_topp_sampler.py: takes the noise of "
    "a row from its generator",
    remedy="keep a generator for each seeded request and let it follow its row",
    checked="three requests: twice alone; twice in batches of one form whose other requests have "
    "other seeds; alone and in the batch, in float32; two of three that differ are a breach. "
    "Four seeds for one prompt, whose equality would be a chance below 1e-8",
)
SEQUENCES = served(
    "sampling.n",
    "n sequences of one request come, independent of each other",
    relied_on_by="ParentRequest in vllm/v1/engine/parallel_sampling.py: makes n requests of one",
    remedy="keep requests apart whose names differ in their number alone",
    checked="n=3, without a seed and with one: three sequences, whose equality would be a chance "
    "below 1e-8; with temperature=0, where this vLLM takes that, three equal ones",
)
MIXED = served(
    "sampling.mixed-batch",
    "Greedy, penalised, biased and seeded requests in one batch each give what is theirs",
    relied_on_by="InputBatch in vllm/v1/worker/gpu_input_batch.py: rows move when requests end",
    remedy="move everything that belongs to a row with it, in condense() and swap_states()",
    checked="eight requests of different lengths: greedy ones token by token against the "
    "reference; seeded ones against themselves alone, in float32, where two of three that differ "
    "are a breach",
)
SEED_CHUNKED = served(
    "sampling.seed-chunked",
    "A seed gives the same tokens into however many pieces a prompt is cut",
    relied_on_by="GPUModelRunner._bookkeeping_sync() in vllm/v1/worker/gpu_model_runner.py: takes "
    "a generator back after a piece of a prompt",
    remedy="do not draw for requests whose prompt is not complete, or restore the generator's "
    "state; CPU generators have no offset",
    checked="on an engine of its own, three seeded prompts of nearly two steps, alone and behind "
    "another prompt, so that they are cut into other pieces (counted in the scheduler); in "
    "float32, two of three that differ are a breach",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
