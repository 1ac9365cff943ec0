"""Several engines behind one client, each in a process of its own with the whole model."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import import_module
from inspect import signature
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from hwcheck.exercise.serving.engine import Answer, Ask, answers_of, given_by, sampling_of
from hwcheck.exercise.serving.parallel.departure import Present, present

__all__ = ["Replicas"]

AnswerT = TypeVar("AnswerT")

#: Seconds for all answers to one batch, and for all workers to answer a question.
_LIMIT = 60.0
#: Seconds for the engines to end in.
_END_LIMIT = 30.0
#: What vLLM gives them unasked.
_OWN_END_LIMIT = 5.0


class Replicas:
    """vLLM's client of several engines, which `vllm serve` uses."""

    def __init__(self, checkpoint: Path, arguments: Mapping[str, object]) -> None:
        """Start the engines.

        Raises whatever the host or the plugin raises on the way.
        """
        self._loop = asyncio.new_event_loop()
        self._names = count()
        arguments_of = import_module("vllm.engine.arg_utils").AsyncEngineArgs
        made = {name: value for name, value in arguments.items() if name != "disable_log_stats"}
        engine = import_module("vllm.v1.engine.async_llm").AsyncLLM
        self._llm = engine.from_engine_args(arguments_of(model=str(checkpoint), **made))
        self.given = given_by(self._llm.vllm_config)

    @property
    def config(self) -> Any:
        """vLLM's ``VllmConfig`` as the plugin left it."""
        return self._llm.vllm_config

    def first(self, asks: Sequence[Ask], rank: int | None = None) -> list[Answer]:
        """Serve requests that come at once: by one engine, or shared out by vLLM.

        Raises TimeoutError: they are not all answered in time.
        """

        async def all_of_them() -> list[Answer]:
            return list(await asyncio.gather(*(self._first(ask, rank) for ask in asks)))

        return self._run(all_of_them())

    def ask_workers(self, question: Callable[[Any], AnswerT]) -> list[AnswerT]:
        """Put a question to the workers of all engines, each in its own process.

        Raises AttributeError: this vLLM's client asks the first engine alone.
        """
        ask = self._llm.engine_core.call_utility_all_async
        told = self._run(ask("collective_rpc", question, _LIMIT, (), {}))
        return [answer for answers in told for answer in answers]

    def finished(self) -> dict[str, float]:
        """How many requests each engine has finished, by vLLM's name of it."""
        found: dict[str, float] = {}
        for item in import_module("vllm.v1.metrics.reader").get_metrics_snapshot():
            if item.name == "vllm:request_success":
                engine = item.labels.get("engine", "")
                found[engine] = found.get(engine, 0.0) + item.value
        return found

    def present(self, processes: Sequence[int]) -> Present:
        """Look at the processes of the workers, and at what belongs to them."""
        return present(os.getpid(), processes)

    @property
    def patience(self) -> float:
        """Seconds in which the engines may end; then vLLM kills them, with what they hold."""
        return _END_LIMIT if self._takes_time() else _OWN_END_LIMIT

    def stop(self) -> None:
        """End all engines."""
        self._llm.shutdown(**({"timeout": _END_LIMIT} if self._takes_time() else {}))
        self._loop.close()

    def _takes_time(self) -> bool:
        # Older releases have a time of their own.
        return "timeout" in signature(self._llm.shutdown).parameters

    def _run(self, work: Coroutine[Any, Any, AnswerT]) -> AnswerT:
        return self._loop.run_until_complete(asyncio.wait_for(work, _LIMIT))

    async def _first(self, ask: Ask, rank: int | None) -> Answer:
        last = None
        async for output in self._llm.generate(
            {"prompt_token_ids": list(ask.prompt)},
            sampling_of(ask),
            f"hwcheck-{next(self._names)}",
            data_parallel_rank=rank,
        ):
            last = output
        return answers_of(last)[0]
