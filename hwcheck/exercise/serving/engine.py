"""An engine of vLLM's in this process, on one model: requests in, answers and what it did out."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from hwcheck.exercise.serving.compiling import Compilations
from hwcheck.exercise.serving.heap import keep_out_what_lasts

__all__ = [
    "Answer",
    "Ask",
    "Engine",
    "Given",
    "Step",
    "answers_of",
    "clean_up",
    "given_by",
    "sampling_of",
    "start_engine",
]

AnswerT = TypeVar("AnswerT")

#: Seconds for all workers to answer a question about themselves.
_ASKING_LIMIT = 30.0
#: A generous number of steps for any batch of requests to a tiny model.
_MOST_STEPS = 4000
#: A request has some hundred tokens at most. A device that compiles takes long for few steps, and
#: an engine that waits for a grammar makes many steps in no time: both together tell.
_IDLE_STEPS, _IDLE_SECONDS = 500, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: tokens to continue, and how (the keywords of vLLM's ``SamplingParams``)."""

    prompt: tuple[int, ...]
    how: Mapping[str, object] = field(default_factory=dict)
    salt: str | None = None
    """Keeps what is cached for this prompt from requests with another salt."""
    adapter: object = None
    """A ``LoRARequest``."""
    media: Mapping[str, object] = field(default_factory=dict)
    """Sounds and the like, by kind, for which the prompt has places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one of the sequences of a request."""

    tokens: tuple[int, ...]
    text: str
    finish: str | None
    """Why it ended: ``stop``, ``length``, ``abort``."""
    stop: object
    """What stopped it: a token, a text, or nothing."""
    logprobs: tuple[Mapping[int, float], ...] | None
    """For each token the log-probabilities that were asked for, by token."""
    prompt_logprobs: tuple[Mapping[int, float] | None, ...] | None
    cached: int
    """Tokens of the prompt that came out of the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the scheduler gave to one step of the worker: tokens of each request."""

    tokens: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the engine works with, after the plugin changed the configuration."""

    context: int
    """Tokens of prompt and answer together."""
    requests: int
    """Requests at a time."""
    step_tokens: int
    """Tokens in one step."""
    block_size: int
    blocks: int | None
    has_prefix_cache: bool
    has_chunked_prefill: bool
    dtype: str
    prompt_unit: int = 1
    """A prompt takes the room of the next multiple of it."""

    def room(self, new: int) -> int:
        """Tokens of the longest prompt that an answer of `new` tokens has room behind."""
        return max(1, (self.context - new) // self.prompt_unit * self.prompt_unit)


class Engine:
    """One engine; it is spoilt by anything that its steps raise."""

    def __init__(self, llm: Any) -> None:
        self._llm = llm
        self._engine = llm.llm_engine
        self._numbers = iter(range(10**9))
        self.is_spoilt = False
        self.before: Compilations | None = None
        """What had been compiled in this process when it was started."""
        self.given = given_by(self._engine.vllm_config)
        # LLM.generate() and its like make their steps by themselves.
        self._engine.step = self._marking(self._engine.step)

    @property
    def llm(self) -> Any:
        """vLLM's own ``LLM``."""
        return self._llm

    @property
    def config(self) -> Any:
        """vLLM's ``VllmConfig`` as the plugin left it."""
        return self._engine.vllm_config

    @property
    def core(self) -> Any:
        """vLLM's ``EngineCore``; ``None`` where it lives in another process."""
        return getattr(self._engine.engine_core, "engine_core", None)

    @property
    def worker(self) -> Any:
        """The worker of the only rank; ``None`` where it lives in another process."""
        wrapper = getattr(getattr(self.core, "model_executor", None), "driver_worker", None)
        return getattr(wrapper, "worker", wrapper)

    def ask_workers(self, question: Callable[[Any], AnswerT]) -> list[AnswerT]:
        """Put a question to each worker in its own process; empty where none can be reached.

        It has to be a function of a module, which the processes of the workers import.
        """
        if self.worker is not None:
            return [question(self.worker)]
        executor = getattr(self.core, "model_executor", None)
        if executor is None:
            return []
        return list(executor.collective_rpc(question, timeout=_ASKING_LIMIT))

    def answer(self, asks: Sequence[Ask]) -> list[list[Answer]]:
        """Serve requests that come at once, and return the answers to each in order.

        Raises whatever refuses a request, with none of them left behind, or spoils the engine.
        """
        names = self.add(asks)
        done = self.run()
        return [done[name] for name in names]

    def first(self, asks: Sequence[Ask]) -> list[Answer]:
        """Serve requests for one sequence each."""
        return [answers[0] for answers in self.answer(asks)]

    def add(self, asks: Sequence[Ask]) -> list[str]:
        """Hand requests over and return their names; none stays when one is refused."""
        names: list[str] = []
        try:
            for ask in asks:
                name = f"hwcheck-{next(self._numbers)}"
                self._add(name, ask)
                names.append(name)
        except BaseException:
            self.abort(names)
            raise
        return names

    def step(self) -> dict[str, list[Answer]]:
        """Let the engine make one step; return what is done with it, by name.

        Raises what the step raises; the engine is spoilt then.
        """
        outputs = self._engine.step()
        return {item.request_id: answers_of(item) for item in outputs if item.finished}

    def run(self, most: int = _MOST_STEPS) -> dict[str, list[Answer]]:
        """Make steps until nothing is left to do.

        Raises TimeoutError: it does not come to an end.
        """
        done: dict[str, list[Answer]] = {}
        idle, since = 0, monotonic()
        for _ in range(most):
            if not self._engine.has_unfinished_requests():
                return done
            if finished := self.step():
                done |= finished
                idle, since = 0, monotonic()
            idle += 1
            if idle >= _IDLE_STEPS and monotonic() - since > _IDLE_SECONDS:
                self.is_spoilt = True
                raise TimeoutError(f"no request was finished in {idle} steps of the engine")
        self.is_spoilt = True
        raise TimeoutError(f"requests are not finished after {most} steps of the engine")

    def abort(self, names: Sequence[str]) -> None:
        """Take requests back."""
        self._engine.abort_request(list(names))

    @contextmanager
    def watched(self) -> Iterator[list[Step]]:
        """Note what the scheduler gives to each step meanwhile.

        Raises LookupError: the scheduler is not in this process.
        """
        scheduler = getattr(self.core, "scheduler", None)
        if scheduler is None:
            raise LookupError("the scheduler of this engine is in another process")
        seen: list[Step] = []
        schedule = scheduler.schedule

        def noted(*arguments: object, **named: object) -> object:
            output = schedule(*arguments, **named)
            seen.append(Step(tokens=dict(output.num_scheduled_tokens)))
            return output

        scheduler.schedule = noted
        try:
            yield seen
        finally:
            del scheduler.schedule

    def counted(self, name: str) -> float:
        """Read one of the engine's own counters, such as ``vllm:num_preemptions``.

        Raises LookupError: this vLLM has no such counter.
        """
        values = [item.value for item in self._llm.get_metrics() if item.name == name]
        if not values:
            raise LookupError(f"this vLLM has no counter {name!r}")
        return float(sum(values))

    def sampling(self, ask: Ask) -> Any:
        """vLLM's ``SamplingParams`` of a request."""
        return sampling_of(ask)

    def free_blocks(self) -> int | None:
        """How many blocks of the cache no request holds; ``None`` where that is not to be seen."""
        with suppress(AttributeError):
            return int(self.core.scheduler.kv_cache_manager.block_pool.get_num_free_blocks())
        return None

    def forget(self) -> bool:
        """Empty the prefix cache; whether the engine says that it did."""
        return self._llm.reset_prefix_cache() is not False

    def stop(self) -> None:
        """End the engine, with all that it holds in this process."""
        client = self._engine.engine_core
        del self._llm, self._engine
        # vLLM 0.32 ends both by emptying a cache of torch's accelerator, and raises where a
        # platform is neither one of torch's accelerators nor vLLM's own CPU.
        with suppress(Exception):
            client.shutdown()
        del client
        clean_up()

    def _marking(self, step: Callable[[], Any]) -> Callable[[], Any]:
        def marked() -> Any:
            try:
                return step()
            except BaseException:
                self.is_spoilt = True
                raise

        return marked

    def _add(self, name: str, ask: Ask) -> None:
        prompt: dict[str, object] = {"prompt_token_ids": list(ask.prompt)}
        if ask.salt is not None:
            prompt["cache_salt"] = ask.salt
        if ask.media:
            prompt["multi_modal_data"] = dict(ask.media)
        how = self.sampling(ask)
        extra = {} if ask.adapter is None else {"lora_request": ask.adapter}
        self._engine.add_request(name, prompt, how, **extra)


def start_engine(checkpoint: Path, arguments: Mapping[str, object]) -> Engine:
    """Start an engine in this process, with the arguments of vLLM's ``LLM``.

    Raises whatever the host or the plugin raises on the way.
    """
    make = import_module("vllm").LLM
    keep_out_what_lasts()
    return Engine(make(model=str(checkpoint), **arguments))


def sampling_of(ask: Ask) -> Any:
    """vLLM's ``SamplingParams`` of a request."""
    parameters = import_module("vllm.sampling_params")
    # As LLM.generate() does; of several sequences, only the last one would come otherwise.
    whole = parameters.RequestOutputKind.FINAL_ONLY
    return parameters.SamplingParams(**{"output_kind": whole, **ask.how})


def clean_up() -> None:
    """End what an engine leaves behind in its process, whole or half started."""
    before = gc.get_stats()[-1]["collections"]
    # Some releases empty a cache of an accelerator there that a CPU has not.
    with suppress(Exception):
        import_module("vllm.distributed.parallel_state").cleanup_dist_env_and_memory()
    # It collects by itself on the way, which takes long: the heap holds torch and vLLM.
    if gc.get_stats()[-1]["collections"] == before:
        gc.collect()


def given_by(config: Any) -> Given:
    """Read the limits of an engine in its ``VllmConfig``."""
    scheduler, cache = config.scheduler_config, config.cache_config
    return Given(
        context=config.model_config.max_model_len,
        requests=scheduler.max_num_seqs,
        step_tokens=scheduler.max_num_batched_tokens,
        block_size=cache.block_size,
        blocks=cache.num_gpu_blocks,
        has_prefix_cache=bool(cache.enable_prefix_caching),
        has_chunked_prefill=bool(
            getattr(
                scheduler,
                "enable_chunked_prefill",
                getattr(scheduler, "chunked_prefill_enabled", False),
            )
        ),
        dtype=str(config.model_config.dtype).removeprefix("torch."),
    )


def answers_of(output: Any) -> list[Answer]:
    """Read vLLM's ``RequestOutput``: one answer a sequence."""
    prompt = getattr(output, "prompt_logprobs", None)
    return [
        Answer(
            tokens=tuple(item.token_ids),
            text=item.text,
            finish=item.finish_reason,
            stop=item.stop_reason,
            logprobs=None if item.logprobs is None else tuple(map(_numbers, item.logprobs)),
            prompt_logprobs=None
            if prompt is None
            else tuple(None if entry is None else _numbers(entry) for entry in prompt),
            cached=output.num_cached_tokens or 0,
        )
        for item in sorted(output.outputs, key=lambda item: item.index)
    ]


def _numbers(entry: Any) -> dict[int, float]:
    return {int(token): float(found.logprob) for token, found in entry.items()}
