"""The contracts about serving: one engine on a tiny model, and what it answers."""

from hwcheck.model.contract import Contract
from hwcheck_conformance.served_contract import served

__all__ = ["ALL"]

_LLM = "the users of LLM.generate() in vllm/entrypoints/llm.py and of the OpenAI server"


START = served(
    "engine.start",
    "An engine starts on a tiny model",
    relied_on_by="EngineCore.__init__() in vllm/v1/engine/core.py: makes the worker, loads the "
    "model, asks for the kinds of KV cache and allocates it",
    remedy="mend what the reason names; `hwcheck run NAME --profile P1` looks at the parts alone",
    checked="an engine is started in one process, without compilation, on a Llama of two layers "
    "with fixed weights; what the plugin changed of context, batch and block size is read back",
)
GREEDY = served(
    "generate.greedy",
    "Greedy decoding gives the tokens of the reference",
    relied_on_by=_LLM,
    remedy="see at which token and for which prompt it goes apart: the first token speaks for "
    "the prefill, later ones for the cache and the positions",
    checked="24 tokens for one prompt, and for eight prompts at once that are shorter and longer "
    "than a block and a step; against a float64 implementation in another process, on the engine's "
    "own tokens. A token is wrong when the reference finds another more than twice the tolerance "
    "of the dtype likelier (in log-probability: float32 0.001, float16 0.05, bfloat16 0.3)",
)
LOGPROBS = served(
    "generate.logprobs",
    "Log-probabilities are those of the reference",
    relied_on_by="Sampler.gather_logprobs() in vllm/v1/sample/sampler.py; evaluation harnesses",
    remedy="compare the logits that the model runner hands to the sampler; they must be float32",
    checked="logprobs=3 for eight prompts at once: each number within the tolerance of the dtype",
)
PROMPT_LOGPROBS = served(
    "generate.prompt-logprobs",
    "Log-probabilities of the prompt are those of the reference, or refused",
    relied_on_by="GPUModelRunner._get_prompt_logprobs_dict() in vllm/v1/worker/gpu_model_runner.py",
    remedy="compute the logits of all positions of a prompt, in every piece of it; or refuse the "
    "request in Platform.validate_request()",
    checked="prompt_logprobs=2 for eight prompts, some of them worked on in pieces",
)
DETERMINISM = served(
    "generate.determinism",
    "The same batch gives the same tokens again",
    relied_on_by="users who compare runs; vLLM's own tests",
    remedy="look for memory that is read before it is written, and for sums in varying order",
    checked="eight prompts at once, three times, with the prefix cache emptied in between",
)
BATCH_INVARIANCE = served(
    "generate.batch-invariance",
    "A request's log-probabilities depend on what it is batched with by no more than rounding",
    relied_on_by="VLLM_BATCH_INVARIANT in vllm/model_executor/layers/batch_invariant.py",
    remedy="look for what one request of a batch can see of another: masks, block tables, slots",
    checked="eight prompts together and each alone: up to the first token that differs, by at most "
    "twice the tolerance of the dtype. The largest distance is kept as a figure: 0 is invariance",
)
VOLUME = served(
    "generate.volume",
    "Of three thousand short answers none is wrong",
    relied_on_by=_LLM,
    remedy="ask for the same answers again and see whether the same ones are wrong: what comes and "
    "goes is read before it is written, or is shared between steps; what stays has to do with "
    "where in the batch or in the cache a request is",
    checked="3000 greedy answers of one to three tokens to 64 short prompts in ever other company, "
    "all against the reference. Where one answer in a thousand is wrong, 95 of 100 runs see it "
    "(1 - 0.999 ** 3000), and where one in three hundred is, all but one of twenty thousand. Takes "
    "at most ten seconds of the processor, and says how many answers there were; with fewer than "
    "1000 nothing is said",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
