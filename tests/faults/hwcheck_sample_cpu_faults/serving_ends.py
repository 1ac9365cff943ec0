"""Faults that end the engine's process, or keep it from going on, in the middle of a step."""

import ctypes
import os
import signal
from collections.abc import Callable
from typing import Any

from hwcheck_sample_cpu_faults.fault import fault

_MEBIBYTE = 2**20


@fault(breaks=("generate.logprobs",), ends=True)
def engine_exits() -> None:
    """The runtime gives up where log-probabilities are wanted, and takes the process along."""
    _where(lambda how: how.logprobs == 3, lambda: os._exit(13))


@fault(breaks=("generate.prompt-logprobs",), ends=True)
def kernel_reads_outside() -> None:
    """A kernel reads where there is nothing when the logits of a whole prompt are wanted."""
    _where(lambda how: how.prompt_logprobs, lambda: ctypes.string_at(0))


@fault(breaks=("stop.token",), ends=True)
def engine_waits_for_ever() -> None:
    """A step waits for a device that never answers, and holds the interpreter meanwhile."""
    _where(lambda how: how.stop_token_ids, lambda: ctypes.PyDLL(None).sleep(3600))


@fault(breaks=("stop.length",), ends=True)
def engine_prints_without_end() -> None:
    """Somebody left a debugging print in a loop that does not end."""
    text = b"waiting for min_tokens\n" * 2**15

    def flood() -> None:
        while True:
            os.write(1, text)

    _where(lambda how: how.min_tokens, flood)


@fault(breaks=("sampling.bias",), ends=True)
def engine_eats_memory() -> None:
    """A table of biases grows and grows."""

    def grow() -> None:
        kept = []
        while True:
            kept.append(b"\1" * (16 * _MEBIBYTE))

    _where(lambda how: how.logit_bias, grow)


@fault(breaks=("sampling.allowed-tokens",), ends=True)
def engine_is_killed() -> None:
    """A watchdog of the vendor's kills the process that takes a mask for a runaway."""
    _where(lambda how: how.allowed_token_ids, lambda: os.kill(os.getpid(), signal.SIGKILL))


@fault(breaks=("sampling.bad-words",), ends=True)
def step_raises() -> None:
    """A kernel for forbidden words is not there, which shows in a step."""

    def miss() -> None:
        raise RuntimeError("no kernel for forbidden words")

    _where(lambda how: how.bad_words, miss)


@fault(
    breaks=(
        "generate.logprobs",
        "generate.prompt-logprobs",
        "stop.token",
        "stop.length",
        "sampling.bias",
        "sampling.bad-words",
    ),
    ends=True,
)
def engine_ends_in_all_ways() -> None:
    """An engine exits, crashes, hangs, prints, eats memory and raises, each at its own contract."""
    engine_exits()
    kernel_reads_outside()
    engine_waits_for_ever()
    engine_prints_without_end()
    engine_eats_memory()
    step_raises()


def _where(is_asked: Callable[[Any], object], harm: Callable[[], object]) -> None:
    """Do harm in the step in which a request of a kind comes to the worker."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.execute_model

    def wrong(self, scheduler_output, *arguments, **named):
        for request in scheduler_output.scheduled_new_reqs:
            if request.sampling_params is not None and is_asked(request.sampling_params):
                harm()
        return right(self, scheduler_output, *arguments, **named)

    SampleCpuWorker.execute_model = wrong
