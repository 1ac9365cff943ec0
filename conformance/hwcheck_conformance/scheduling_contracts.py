"""The contracts about which requests an engine works on when, and what it does at its limits."""

from hwcheck.model.contract import Contract
from hwcheck_conformance.served_contract import served

__all__ = ["ALL"]

_SCHEDULER = "Scheduler.schedule() in vllm/v1/core/sched/scheduler.py"
_INPUT = "InputProcessor in vllm/v1/engine/input_processor.py"


PREFIX = served(
    "cache.prefix",
    "What was computed for a prompt serves the same beginning again, and nothing else",
    relied_on_by="KVCacheManager.get_computed_blocks() in vllm/v1/core/kv_cache_manager.py: hands "
    "the blocks to the worker, which computes only what comes behind them",
    remedy="read the keys and values of cached tokens through the block table; leave the hashes "
    "of blocks to vLLM, with the salt in them; or set enable_prefix_caching to False",
    checked="a prompt as long as the context allows, again (hit: some tokens come from the cache), "
    "with another first token (none do), with another token in the middle of a block (none behind "
    "it do), with a salt and after a reset (none do); the tokens are always the reference's",
)
BLOCKS_FREED = served(
    "cache.blocks-freed",
    "Blocks of the cache are free again when their requests have ended",
    relied_on_by="KVCacheManager.allocate_slots() in vllm/v1/core/kv_cache_manager.py: has no "
    "other blocks to give",
    remedy="call the host's _free_request() from a scheduler of your own, for every way to end",
    checked="free blocks before and after eight requests that ended, and eight that were aborted",
)
STAGGERED = served(
    "scheduling.staggered",
    "Requests join others that are in their answers",
    relied_on_by=f"{_SCHEDULER}: puts prompts and answers into one step",
    remedy="look at how the attention metadata tells the prompts of a step from its decodes",
    checked="eight requests in three groups, three steps apart, against the reference; some steps "
    "must have worked on a prompt while another request was in its answer",
)
CHUNKED_PREFILL = served(
    "scheduling.chunked-prefill",
    "A prompt that is longer than a step is worked on in pieces",
    relied_on_by=f"{_SCHEDULER}: gives a step no more than max_num_batched_tokens",
    remedy="mask a later piece by its position, and let it see the pieces before it; or set "
    "enable_chunked_prefill to False",
    checked="a prompt that nearly fills the context, alone and beside another request's answer, "
    "against the reference; no step may take more than its limit of it",
)
ABORT = served(
    "scheduling.abort",
    "A request that is taken back stops, and disturbs no other",
    relied_on_by="Scheduler.finish_requests() in vllm/v1/core/sched/scheduler.py: clients leave",
    remedy="drop the request from the batch of the model runner when the scheduler names it as "
    "finished, and move the rows behind it with all that they hold",
    checked="one of several requests is aborted in its answer, in the middle of its prompt, and "
    "while it waits: it is in no later step, its blocks come back, and the others' tokens are the "
    "reference's",
)
LIMIT = served(
    "request.limit",
    "A request may fill the context, and no more",
    relied_on_by=f"{_INPUT}: refuses what is longer; check_stop() in vllm/v1/core/sched/utils.py",
    remedy="size positions and block tables for max_model_len; leave vLLM's checks in place",
    checked="a prompt of one token less than the context gives one token, the reference's, and "
    "ends with 'length' (on a platform that gives prompts the room of whole blocks, as many as "
    "there is room for); one token more is refused with the limit in the message, and the engine "
    "serves the next request",
)
EMPTY = served(
    "request.empty",
    "A prompt without tokens is refused",
    relied_on_by=f"{_INPUT}: a step of no tokens has no logits to sample from",
    remedy="leave vLLM's check in place",
    checked="refused with a message that speaks of the prompt; the next request is served",
)
UNKNOWN_TOKEN = served(
    "request.unknown-token",
    "A token that is not in the vocabulary is refused",
    relied_on_by=f"{_INPUT}: the embedding is read at the token, and behind its end otherwise",
    remedy="leave vLLM's check in place",
    checked="it is refused with a message that names it, and the next request is served",
)
TEXT = served(
    "request.text",
    "A prompt that is text is served as its tokens are, and answered in text",
    relied_on_by="LLM.generate() in vllm/entrypoints/llm.py and the OpenAI server",
    remedy="change neither the prompt's tokens nor those that the sampler chose",
    checked="letters of one to three bytes: the tokens of the prompt spell it, the answer's "
    "tokens are the reference's, and its text is what they spell",
)
REPEATED = served(
    "request.repeated",
    "Many equal requests at once get the same right answer",
    relied_on_by="load generators, and servers behind a cache of prompts",
    remedy="keep the state of a request by its identity, never by its prompt",
    checked="twenty equal requests, more than are served at a time, against the reference",
)
CACHE_SPEC = served(
    "worker.cache-spec",
    "The worker tells the kind of KV cache of every attention layer",
    relied_on_by="EngineCore._initialize_kv_caches() in vllm/v1/engine/core.py: allocates a cache "
    "for these layers and no others",
    remedy="build the answer of get_kv_cache_spec() from the layers each time that it is called",
    checked="the worker of an engine that serves is asked again; the layers are those of the model "
    "that share no other layer's cache",
)
HEALTH = served(
    "worker.health",
    "A worker that serves says that it is well",
    relied_on_by="MultiprocExecutor.check_health() in vllm/v1/executor/multiproc_executor.py: "
    "called for /health, which answers 503 when it raises",
    remedy="raise in check_health() only when the device cannot serve any more",
    checked="check_health() of the worker of an engine that served requests does not raise",
)
RESTART = served(
    "engine.restart",
    "An engine can be stopped, and started again in the same process",
    relied_on_by="EngineCore.shutdown() in vllm/v1/engine/core.py; tests, notebooks and trainers "
    "that make one engine after another",
    remedy="release in shutdown() of the worker what its init made; keep nothing of it in modules",
    checked="three engines after each other: the later ones give the first one's tokens or the "
    "reference's; not every stop may leave 16 MiB more of memory, of the process or on the device, "
    "nor a process, thread, listening port or file in /dev/shm",
)
PREEMPTION = served(
    "scheduling.preemption",
    "A request that had to give its blocks away goes on as if it had not",
    relied_on_by="Scheduler._preempt_request() in vllm/v1/core/sched/scheduler.py: frees its "
    "blocks, and computes prompt and answer anew later",
    remedy="take a resumed request's blocks and tokens in place of the old ones, not behind them",
    checked="four requests in an engine with nine blocks, where the engine's own counter of "
    "preemptions must rise; the tokens are the reference's; a platform that refuses a cache with "
    "less room than its requests can need never preempts",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
