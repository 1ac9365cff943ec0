"""Faults that show in ``vllm serve``: its spawned engine, its API, its counters and its end."""

import multiprocessing
import os
import sys
from pathlib import Path

from hwcheck_sample_cpu_faults.fault import fault
from hwcheck_sample_cpu_faults.platform_patches import put


@fault(breaks=("server.start",))
def engine_finds_no_device_when_spawned() -> None:
    """What the plugin needs is prepared in the first process, and handed on to no other."""
    if multiprocessing.parent_process() is not None:
        raise RuntimeError("the device was not prepared in this process")


@fault(breaks=("server.chat", "server.completion[tokens]", "server.concurrent", "server.text"))
def spawned_engine_turns_by_late_positions() -> None:
    """In a process that was spawned, keys are turned by the position before theirs."""
    if multiprocessing.parent_process() is None:
        return
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        turned, _ = right(self, positions, query, key.clone())
        _, late = right(self, (positions - 1).clamp(min=0), query.clone(), key)
        return turned, late

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=("server.completion[usage]", "server.concurrent"))
def usage_counts_one_token_more() -> None:
    """The serving layer is replaced, and the usage counts a token that begins the prompt."""
    if not _serves():
        return
    from vllm.entrypoints.openai.completion.serving import OpenAIServingCompletion

    right = OpenAIServingCompletion.request_output_to_completion_response

    def wrong(self, *arguments, **named):
        response = right(self, *arguments, **named)
        response.usage.prompt_tokens += 1
        return response

    OpenAIServingCompletion.request_output_to_completion_response = wrong


@fault(breaks=("server.chat", "server.stream[chat]", "server.stream[completion]", "server.text"))
def text_loses_its_spaces() -> None:
    """Tokens are turned into text each by itself, without the space before it."""
    if not _serves():
        return
    from vllm.v1.engine.detokenizer import FastIncrementalDetokenizer

    right = FastIncrementalDetokenizer.decode_next
    FastIncrementalDetokenizer.decode_next = lambda self, token: right(self, token).strip()


@fault(breaks=("server.chat", "server.stream[chat]"))
def chat_template_is_ignored() -> None:
    """The contents of the messages are joined, and the model's template is left out."""
    if not _serves():
        return
    from vllm.renderers import hf

    right = hf.safe_apply_chat_template

    def wrong(*arguments, **named):
        named["chat_template"] = "{% for item in messages %}{{ item['content'] }}{% endfor %}"
        return right(*arguments, **named)

    hf.safe_apply_chat_template = wrong


@fault(breaks=("server.tool-choice",))
def spawned_engine_drops_constraints() -> None:
    """In a process that was spawned, the scheduler forgets the constraint of a request."""
    if multiprocessing.parent_process() is None:
        return
    from hwcheck_sample_cpu_faults.serving_families import constraints_are_dropped

    constraints_are_dropped()


@fault(breaks=("server.stream[completion]",))
def stream_ends_before_its_last_piece() -> None:
    """The piece that ends a streamed completion is not sent."""
    if not _serves():
        return
    from vllm.entrypoints.openai.completion.serving import OpenAIServingCompletion

    right = OpenAIServingCompletion.completion_stream_generator

    async def wrong(self, *arguments, **named):
        async for piece in right(self, *arguments, **named):
            if '"finish_reason":"length"' not in piece:
                yield piece

    OpenAIServingCompletion.completion_stream_generator = wrong


@fault(breaks=("server.concurrent",))
def rows_over_eight_get_the_second_best() -> None:
    """The sampler's buffer has room for eight requests."""
    from vllm.v1.sample.sampler import Sampler

    right = Sampler.greedy_sample

    def wrong(logits):
        tokens = right(logits)
        if len(tokens) > 8:
            tokens[8:] = logits[8:].topk(2, dim=-1).indices[:, 1]
        return tokens

    Sampler.greedy_sample = staticmethod(wrong)


@fault(breaks=("server.metrics",))
def tokens_are_not_counted() -> None:
    """The counters of a step lack the tokens that it made."""
    if not _serves():
        return
    from vllm.v1.metrics.loggers import PrometheusStatLogger

    right = PrometheusStatLogger.record

    def wrong(self, scheduler_stats, iteration_stats, *arguments, **named):
        if iteration_stats is not None:
            iteration_stats.num_generation_tokens = 0
        return right(self, scheduler_stats, iteration_stats, *arguments, **named)

    PrometheusStatLogger.record = wrong


@fault(breaks=("server.bad-request[unknown-token]",))
def request_check_looks_up_every_token() -> None:
    """The plugin's check of a request reads a table of costs by token, before vLLM looks."""

    def wrong(cls, processed_inputs, params):
        costs = [1] * 384
        for token in processed_inputs.get("prompt_token_ids", ()):
            costs[token]

    put("validate_request", wrong)


@fault(breaks=("server.disconnect",))
def engine_dies_of_an_abort() -> None:
    """Taking back a request raises in the engine of a server."""
    from vllm.v1.engine.core import EngineCoreProc

    def wrong(self, request_ids):
        raise KeyError(next(iter(request_ids), None))

    EngineCoreProc.abort_requests = wrong


@fault(breaks=("server.disconnect",))
def aborts_are_left_for_later() -> None:
    """The engine of a server takes note of an abort, and works on."""
    from vllm.v1.engine.core import EngineCoreProc

    EngineCoreProc.abort_requests = lambda self, request_ids: None


@fault(breaks=("server.stop[exit]",), whole=True)
def server_waits_for_its_device_at_the_end() -> None:
    """What is called at the end of a server's first process never comes back."""
    if not _serves() or multiprocessing.parent_process() is not None:
        return
    import atexit
    import time

    atexit.register(time.sleep, 600)


@fault(breaks=("server.stop[processes]",), whole=True)
def worker_leaves_a_daemon() -> None:
    """The worker of a server starts a monitor in a session of its own, and forgets it."""
    if not _serves():
        return
    import subprocess

    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.init_device

    def wrong(self):
        right(self)
        subprocess.Popen(
            [sys.executable, "-IS", "-c", "import time; time.sleep(300)"], start_new_session=True
        )

    SampleCpuWorker.init_device = wrong


@fault(breaks=("server.stop[shared-memory]",), whole=True)
def worker_leaves_shared_memory() -> None:
    """The worker of a server shares a buffer by a name, which nobody takes away."""
    if not _serves():
        return
    import mmap

    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.init_device

    def wrong(self):
        right(self)
        file = Path("/dev/shm") / f"hwcheck-sample-{os.getpid()}"
        file.write_bytes(bytes(4096))
        with file.open("r+b") as stream:
            self.shared = mmap.mmap(stream.fileno(), 4096)

    SampleCpuWorker.init_device = wrong


def _serves() -> bool:
    """Whether this process belongs to ``vllm serve``; what it spawns has its arguments."""
    return "serve" in sys.argv
