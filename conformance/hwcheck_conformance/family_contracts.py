"""The contracts about optional abilities, each with an engine of its own.

What a plugin has not is refused, when the engine starts or by the request; the contract then asks
no more than that the refusal is a clear error.
"""

from functools import partial

from hwcheck.model.contract import Contract, Profile
from hwcheck_conformance.served_contract import served

__all__ = ["ALL"]

_REFERENCE = (
    "against a float64 implementation in another process, on the engine's own tokens, with the "
    "tolerance of generate.greedy"
)


_family = partial(served, profile=Profile.P3)
_LORA = "LoRAModelRunnerMixin.set_active_loras() in vllm/v1/worker/lora_model_runner_mixin.py"

LORA_TOKENS = _family(
    "family.lora.tokens",
    "A LoRA adapter is applied, or refused",
    relied_on_by=_LORA,
    remedy="compare what Platform.get_punica_wrapper() names with lora.punica; refuse what is not "
    "computed in check_and_update_config()",
    checked="24 tokens for eight prompts at once with an adapter of rank 8 on all linear layers, "
    f"{_REFERENCE}; tokens of the model without the adapter count as ignored",
)
LORA_SEVERAL = _family(
    "family.lora.several",
    "Each request of a batch gets its own adapter",
    relied_on_by=_LORA,
    remedy="look up the slot of each token, not one of the batch; keep the adapter in the hash of "
    "cached blocks",
    checked=f"six prompts at once with two adapters by turns, {_REFERENCE}",
)
LORA_MIXED = _family(
    "family.lora.mixed",
    "Requests with and without an adapter share a batch",
    relied_on_by=_LORA,
    remedy="a token without an adapter has slot -1, which must add nothing and is no index",
    checked=f"six prompts at once, every other one with an adapter, {_REFERENCE}; both kinds are "
    "judged apart",
)
LORA_SLOTS = _family(
    "family.lora.slots",
    "More adapters are served by turns than there are slots",
    relied_on_by="LRUCacheLoRAModelManager.activate_adapter() in vllm/lora/model_manager.py",
    remedy="write the weights into the device's buffers whenever set_lora() is called",
    checked=f"three adapters one after the other in two slots, and the first again, {_REFERENCE}",
)
LORA_REMOVED = _family(
    "family.lora.removed",
    "Behind requests with an adapter, requests without get the base model's tokens",
    relied_on_by="_gen_lora_extra_hash_keys() in vllm/v1/core/kv_cache_utils.py, and users of "
    "LLMEngine.remove_lora()",
    remedy="set the mapping of tokens to slots in every step; keep the adapter in the hash of "
    "cached blocks",
    checked="the same four prompts with an adapter, then without, then without and with the "
    f"adapter removed, {_REFERENCE}",
)
LORA_LISTED = _family(
    "family.lora.listed",
    "Adapters can be added, listed and removed while the engine runs",
    relied_on_by="LLMEngine.add_lora(), list_loras() and remove_lora() in "
    "vllm/v1/engine/llm_engine.py; /v1/load_lora_adapter of the OpenAI server",
    remedy="hand the worker's add_lora(), list_loras() and remove_lora() on to the model runner",
    checked="two adapters are added and one is removed; the list is compared each time, and the "
    f"tokens with the one that is left, {_REFERENCE}",
)

_MASKS = "apply_grammar_bitmask() in vllm/v1/structured_output/utils.py, which model runners call"
_MASKS_REMEDY = (
    "lay the masks that the scheduler sends on the logits before sampling; refuse what is not "
    "masked in Platform.validate_request()"
)


def _structured(kind: str, title: str, checked: str) -> Contract:
    return _family(
        f"family.structured-output.{kind}",
        title,
        relied_on_by=_MASKS,
        remedy=_MASKS_REMEDY,
        checked=checked,
    )


BEAM_SEARCH = _family(
    "family.beam-search.scores",
    "Beam search finds the beams of the reference",
    relied_on_by="LLM.beam_search() in vllm/entrypoints: asks for log-probabilities, one token at "
    "a time",
    remedy="see generate.logprobs: as many log-probabilities are asked for as there are two beams",
    checked="three beams of six tokens for three prompts; the sum of log-probabilities of each, by "
    "a float64 implementation, is as high as that of the beam which a search on it finds",
)
STRUCTURED_JSON = _structured(
    "json",
    "Text follows a JSON schema, or the request is refused",
    "two prompts with a schema that allows twelve objects, and no blanks; a text that is none of "
    "them breaks it, and counts as ignored where it is what the model says unasked",
)
STRUCTURED_REGEX = _structured(
    "regex",
    "Text matches a regular expression, and is the likeliest that does",
    "three prompts with an expression that 48 texts match; of the tokens that are allowed, each "
    f"must be the likeliest, {_REFERENCE}",
)
STRUCTURED_CHOICE = _structured(
    "choice",
    "Text is one of the choices, and the likeliest of them token by token",
    f"three prompts with three choices of several tokens, {_REFERENCE}",
)
STRUCTURED_GRAMMAR = _structured(
    "grammar",
    "Text follows a grammar, and is the likeliest that does",
    f"three prompts with a grammar that three texts follow, {_REFERENCE}",
)
STRUCTURED_MIXED = _structured(
    "mixed",
    "Each request of a batch gets its own constraint, or none",
    "five prompts at once, three with different constraints and two without, in an order in which "
    f"masks and rows do not agree by chance, {_REFERENCE}; each kind is judged apart",
)
STRUCTURED_REASONING = _family(
    "family.structured-output.reasoning",
    "A constraint waits for the end of the reasoning, and holds from there on",
    relied_on_by="StructuredOutputManager in vllm/v1/structured_output: as long as the reasoning "
    "goes on it sends masks that allow everything, and the scheduler tells it each token",
    remedy="hand every token to StructuredOutputManager.accept_tokens() where the scheduler is the "
    "plugin's own; lay the mask of each step, and none that is kept, on the logits",
    checked="two requests that reason, with three choices for the answer, beside one whose "
    "reasoning has ended in the prompt and one without any constraint; the parser is vLLM's "
    "deepseek_r1, and a bias makes the token that ends the reasoning the likeliest after four to "
    f"sixteen others. Up to there each token must be the likeliest of all, behind it of those that "
    f"the choices allow, {_REFERENCE}",
)
POOLING = _family(
    "family.pooling.embedding",
    "Embeddings are those of the reference",
    relied_on_by="GPUModelRunner._pool() in vllm/v1/worker/gpu_model_runner.py; LLM.embed()",
    remedy="hand the states of all tokens of a step to the model's pooler, with the lengths of "
    "the prompts; refuse runner='pooling' where that is not done",
    checked="one prompt, and eight at once, some longer than a step; the distance of two vectors "
    "of length 1 from a float64 implementation (float32 0.001, float16 0.02, bfloat16 0.15)",
)
PROMPT_EMBEDS_TOKENS = _family(
    "family.prompt-embeds.tokens",
    "The embeddings of a prompt give the tokens that the prompt gives",
    relied_on_by="GPUModelRunner._preprocess() in vllm/v1/worker/gpu_model_runner.py",
    remedy="hand inputs_embeds to the model where the runner has some; keep them in the hash of "
    "cached blocks",
    checked=f"24 tokens for one prompt, and for eight at once, {_REFERENCE}",
)
PROMPT_EMBEDS_MIXED = _family(
    "family.prompt-embeds.mixed",
    "Prompts of tokens and of embeddings share a batch",
    relied_on_by="GPUModelRunner._preprocess() in vllm/v1/worker/gpu_model_runner.py",
    remedy="look up the embeddings of tokens in the rows that have none, and in these alone",
    checked=f"six prompts at once by turns, {_REFERENCE}; both kinds are judged apart",
)
SLEEP = _family(
    "family.sleep.wake-up",
    "An engine gives memory back to sleep and the same tokens afterwards, or sleep is refused",
    relied_on_by="LLM.sleep() and wake_up() in vllm/entrypoints/llm.py; trainers that share the "
    "device",
    remedy="free the cache, and bring the weights and a cache back; or let "
    "Platform.is_sleep_mode_available() answer False",
    checked=f"four prompts, sleep at level 1, wake_up(), the same prompts, {_REFERENCE}; asleep, "
    "at least half as much memory comes free as the cache takes",
)
SLIDING_WINDOW = _family(
    "family.sliding-window.greedy",
    "A model whose attention has a window gives the tokens of the reference",
    relied_on_by="Attention in vllm/model_executor/layers/attention: hands the window to the "
    "backend's implementation",
    remedy="hide what is `sliding_window` or more positions away; say in the backend's "
    "supports_sliding_window() what it does",
    checked="24 tokens for one prompt and for eight at once on a Mistral of two layers with a "
    f"window of 24, {_REFERENCE}",
)
EXPERTS = _family(
    "family.experts.greedy",
    "A model with experts gives the tokens of the reference",
    relied_on_by="FusedMoE in vllm/model_executor/layers/fused_moe",
    remedy="register an implementation for the platform, or refuse such models in "
    "check_and_update_config()",
    checked="24 tokens for one prompt and for eight at once on a Mixtral of two layers with four "
    f"experts, of which each token takes two, {_REFERENCE}",
)
LOGITS_PROCESSORS = _family(
    "family.logits-processors.applied",
    "A logits processor that the user gives to the engine is applied",
    relied_on_by="build_logitsprocs() in vllm/v1/sample/logits_processor",
    remedy="build them as the model runner of vLLM does, and hand them to the sampler",
    checked="six prompts at once, of which three name the one token that is allowed; the other "
    f"three must stay as they are, {_REFERENCE}",
)
ASYNC_SCHEDULING = _family(
    "family.async-scheduling.greedy",
    "Steps that are planned ahead give the tokens of the reference",
    relied_on_by="AsyncScheduler in vllm/v1/core/sched/async_scheduler.py",
    remedy="fill the place of the token that is not yet known from the step before; or switch "
    "async_scheduling off in check_and_update_config()",
    checked=f"one prompt, and eight at once that end at different steps, {_REFERENCE}",
)
KV_DTYPE = _family(
    "family.kv-dtype.fp8",
    "A cache in eight bits is nearly as good, or refused",
    relied_on_by="users of kv_cache_dtype='fp8'; Attention in vllm/model_executor/layers/attention",
    remedy="leave it out of the backend's supported_kv_cache_dtypes, or store and scale it as "
    "the layer's scales say",
    checked="24 tokens for eight prompts at once; no token that a float64 implementation finds "
    "more than 2.0 less likely than its own, in log-probability; with weights in float32, one "
    "log-probability must differ by what eight bits lose",
)
COMPILE = _family(
    "family.compile.tokens",
    "A compiled model gives the tokens of the reference, or compilation is switched off",
    relied_on_by="TorchCompileWithNoGuardsWrapper in vllm/compilation/wrapper.py and VllmBackend "
    "in vllm/compilation/backends.py: every engine that is started without enforce_eager",
    remedy="compare what get_compile_backend() names with torch's 'eager'; set "
    "compilation_config.mode to NONE in check_and_update_config() where there is no compiler",
    checked=f"24 tokens for one prompt and for eight at once, {_REFERENCE}; graphs are not "
    "captured. torch and vLLM count what was compiled: a mode that is left on while nothing is "
    "compiled counts as ignored",
)
GRAPH = _family(
    "family.graph.tokens",
    "Steps that are run as static graphs give the tokens of the reference, or graphs are off",
    relied_on_by="CudagraphDispatcher in vllm/v1/cudagraph_dispatcher.py decides for each step; "
    "VllmBackend in vllm/compilation/backends.py and GPUModelRunner.load_model() wrap what is "
    "captured with get_static_graph_wrapper_cls()",
    remedy="capture and replay in the wrapper where the forward context's cudagraph_runtime_mode "
    "is the wrapper's own, by its batch_descriptor; set compilation_config.cudagraph_mode to NONE "
    "in check_and_update_config() where nothing is captured",
    checked=f"24 tokens for one prompt and for eight at once, {_REFERENCE}; the calls of the "
    "wrapper in such steps are counted, and those in which what it wraps runs again: graphs that "
    "are never replayed count as ignored",
)
KV_TRANSFER_SAVED = _family(
    "family.kv-transfer.saved",
    "An engine hands the keys and values of prompts to a connector, or transfer is refused",
    relied_on_by="maybe_transfer_kv_layer() in vllm/model_executor/layers/attention, which saves "
    "each layer behind its attention",
    remedy="call the attention through vLLM's Attention layer, with the cache in the layout that "
    "the backend names; refuse kv_transfer_config in check_and_update_config() otherwise",
    checked=f"12 tokens for three prompts with kv_role='kv_producer', {_REFERENCE}; vLLM's "
    "ExampleConnector has written a file for each layer of each prompt",
)
KV_TRANSFER_LOADED = _family(
    "family.kv-transfer.loaded",
    "Another engine loads them, and gives the tokens of the reference",
    relied_on_by="KVConnectorModelRunnerMixin in vllm/v1/worker; Scheduler.schedule() in "
    "vllm/v1/core/sched/scheduler.py counts on what it loads",
    remedy="enter maybe_get_kv_connector_output() around the model's forward, and give the "
    "connector the caches that the layers use",
    checked="the same prompts with kv_role='kv_consumer' in a new engine, which computes only what "
    f"is not in a full block, {_REFERENCE}; the engine counts the tokens that it loaded",
)
WEIGHT_UPDATE = _family(
    "family.weight-update.reload",
    "An engine whose weights are replaced gives the tokens of the new ones",
    relied_on_by="reload_weights() in vllm/v1/worker/gpu_worker.py, which trainers call through "
    "LLM.collective_rpc()",
    remedy="load into the tensors that the device computes with, and pack or convert them again "
    "as after the first load; raise where weights cannot be replaced",
    checked="eight prompts before, with the weights of another model, and with the first ones "
    f"again, {_REFERENCE}; the prefix cache is emptied in between, and nothing may come out of it. "
    "Tokens of the old weights count as ignored",
)
QUANTIZED_INT4 = _family(
    "family.quantization.int4",
    "A checkpoint in four bits gives the tokens of the numbers that it stands for, or is refused",
    relied_on_by="choose_mp_linear_kernel() in vllm/model_executor/kernels/linear: the kernels of "
    "compressed-tensors and others, of which a plugin has none unless it registers one",
    remedy="register a kernel with register_linear_kernel(), or leave what is not computed out of "
    "Platform.supported_quantization",
    checked="24 tokens for one prompt and for eight at once on a checkpoint of compressed-tensors "
    "with groups of 64, in bfloat16 or float16, against a float64 implementation with the same "
    "numbers unpacked, with the tolerance of generate.greedy; the plain model's tokens are far off",
)
QUANTIZED_INT8 = _family(
    "family.quantization.int8",
    "A checkpoint in whole numbers of eight bits gives nearly the tokens that it stands for, or is "
    "refused",
    relied_on_by="init_int8_linear_kernel() in vllm/model_executor/kernels/linear, of whose "
    "kernels a plugin has none unless it registers one",
    remedy="register a kernel with register_linear_kernel(..., kernel_type='int8'), or leave what "
    "is not computed out of Platform.supported_quantization",
    checked="24 tokens for eight prompts at once on a checkpoint of compressed-tensors with a "
    "scale for each output, the inputs rounded token by token, in bfloat16 or float16; no token "
    "that a float64 implementation with the numbers that the weights stand for, and with inputs "
    "that are not rounded, finds more than 1.5 less likely than its own, in log-probability",
)
QUANTIZED_FP8 = _family(
    "family.quantization.fp8",
    "A checkpoint in floats of eight bits gives nearly the tokens that it stands for, or is "
    "refused",
    relied_on_by="init_fp8_linear_kernel() in vllm/model_executor/kernels/linear, of whose "
    "kernels a plugin has none unless it registers one",
    remedy="register a kernel with register_linear_kernel(..., kernel_type='fp8'), or leave what "
    "is not computed out of Platform.supported_quantization",
    checked="the same as quantization.int8 with floats of three bits of mantissa (e4m3fn); the "
    "limit is 2.0",
)
MULTIMODAL_AUDIO = _family(
    "family.multimodal.audio",
    "A model that hears gives the tokens of transformers, each request with its own sound",
    relied_on_by="GPUModelRunner._execute_mm_encoder() and _gather_mm_embeddings() in "
    "vllm/v1/worker/gpu_model_runner.py",
    remedy="run the model's encoder, and put what it makes of a sound in the places of the prompt "
    "that are its own; keep the sound in the hash of cached blocks",
    checked="12 tokens for one prompt with a sound, and for five at once, with three sounds and "
    "without any, the texts the same, on a Qwen2-Audio of two layers; against transformers in "
    "float64 in another process, on the engine's own tokens, with the tolerance of generate.greedy",
)
SPECULATIVE_DRAFT = _family(
    "family.speculative.draft",
    "A draft model changes no token, and some of its tokens are accepted",
    relied_on_by="RejectionSampler in vllm/v1/sample/rejection_sampler.py; "
    "GPUModelRunner.propose_draft_token_ids()",
    remedy="compare each proposed token with the model's own; give the draft model the positions "
    "and blocks behind the last accepted token",
    checked=f"48 tokens for one prompt and for eight at once, {_REFERENCE}; the engine counts the "
    "proposed and the accepted. The models agree on a good part, so none at all is a breach",
)
SPECULATIVE_SAMPLED = _family(
    "family.speculative.sampled",
    "Tokens that are sampled come as often with a draft model as without",
    relied_on_by="rejection_sample() and sample_recovered_tokens() in "
    "vllm/v1/sample/rejection_sampler.py",
    remedy="accept a proposed token with the chance that the model gives it by that of the draft; "
    "sample what takes the place of a rejected one from what is left of the distribution",
    checked="600 tokens at temperature 1, each against the distribution that a float64 "
    "implementation has at its place, as in sampling.temperature; the chance that a plugin without "
    "fault fails here or there is below 1e-7. Not measured where no proposed token is accepted. "
    "Before, whether the host's kernel gives each draft the temperature of its request: vLLM 0.32 "
    "has none for a CPU that does, and Platform.register_triton_kernel_overrides() may bring one",
)
SPECULATIVE_NGRAM = _family(
    "family.speculative.ngram",
    "Proposals from repeats change no token, and some are accepted",
    relied_on_by="NgramProposer.propose() in vllm/v1/spec_decode/ngram_proposer.py",
    remedy="compare each proposed token with the model's own; hand the runner's token ids to the "
    "proposer",
    checked="the same as speculative.draft. The model runs in cycles; where the tokens repeat "
    "nothing, acceptance is not measured",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
