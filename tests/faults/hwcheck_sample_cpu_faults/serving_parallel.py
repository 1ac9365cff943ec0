"""Faults of engines with several workers: they are right alone, and wrong together."""

from hwcheck_sample_cpu_faults.fault import fault

_TENSOR = "family.tensor-parallel"
_PIPELINE = "family.pipeline-parallel"
_DATA = "family.data-parallel"


@fault(breaks=(f"{_TENSOR}.greedy[one]", f"{_TENSOR}.greedy[batch]"))
def sums_of_ranks_stay_partial() -> None:
    """The communicator leaves every rank with what it computed itself."""
    from hwcheck_sample_cpu.communicator import SampleCommunicator

    SampleCommunicator.all_reduce = lambda self, input_: input_


@fault(breaks=(f"{_TENSOR}.greedy",))
def tensor_parallel_size_is_dropped() -> None:
    """The platform sets the number of workers back to one, and says nothing."""
    _drop("tensor_parallel_size")


@fault(breaks=(f"{_PIPELINE}.greedy",))
def pipeline_parallel_size_is_dropped() -> None:
    """The platform runs all stages in one worker, and says nothing."""
    _drop("pipeline_parallel_size")


def _drop(size: str) -> None:
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.check_and_update_config.__func__

    def wrong(cls, vllm_config):
        parallel = vllm_config.parallel_config
        if getattr(parallel, size) > 1:
            setattr(parallel, size, 1)
            parallel.world_size = 1
            parallel.distributed_executor_backend = "uni"
        right(cls, vllm_config)

    SampleCpuPlatform.check_and_update_config = classmethod(wrong)


@fault(breaks=(f"{_TENSOR}.ranks[share]",))
def each_rank_keeps_all_heads() -> None:
    """The worker makes groups of one rank, so that each computes the whole model."""
    _change_ranks(before=_separate)


@fault(breaks=(f"{_TENSOR}.ranks[share]", f"{_TENSOR}.ranks[work]"))
def second_rank_looks_on() -> None:
    """The first rank computes the whole model, and the second nothing."""
    _change_ranks(before=_separate, after=_rest_unless_first)


@fault(breaks=(f"{_TENSOR}.ranks[world]",))
def workers_forget_their_rank() -> None:
    """Once it is warm, each worker takes itself for the first."""
    _forget_rank("tensor_parallel_size")


@fault(breaks=(f"{_PIPELINE}.ranks[world]",))
def stages_forget_their_rank() -> None:
    """Once it is warm, the worker of each stage takes itself for the first."""
    _forget_rank("pipeline_parallel_size")


def _forget_rank(size: str) -> None:
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.compile_or_warm_up_model

    def wrong(self):
        done = right(self)
        if getattr(self.parallel_config, size) > 1:
            self.rank = 0
        return done

    SampleCpuWorker.compile_or_warm_up_model = wrong


@fault(breaks=(f"{_DATA}.ranks[work]",))
def all_requests_go_to_the_first_engine() -> None:
    """What shares requests out is replaced, and asks neither for the load nor for the rank."""
    from vllm.v1.engine.core_client import DPLBAsyncMPClient

    right = DPLBAsyncMPClient.get_core_engine_for_request

    def wrong(self, request):
        request.data_parallel_rank = 0
        return right(self, request)

    DPLBAsyncMPClient.get_core_engine_for_request = wrong


def _separate(worker) -> None:
    worker.parallel_config.tensor_parallel_size = 1


def _rest_unless_first(worker) -> None:
    if worker.rank > 0:
        worker.execute_model = lambda scheduler_output: None


def _change_ranks(before=None, after=None) -> None:
    """Change workers that share layers, before and after they take their device."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.init_device

    def wrong(self):
        is_shared = self.parallel_config.tensor_parallel_size > 1
        if is_shared and before is not None:
            before(self)
        right(self)
        if is_shared and after is not None:
            after(self)

    SampleCpuWorker.init_device = wrong


@fault(breaks=(f"{_PIPELINE}.greedy[one]", f"{_PIPELINE}.greedy[batch]"))
def stages_hand_half_on() -> None:
    """Of the two tensors between stages, the residual is lost."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.load_model

    def wrong(self, *given, **named):
        right(self, *given, **named)
        _lose_residual(self.get_model())

    SampleCpuWorker.load_model = wrong


def _lose_residual(model) -> None:
    forward = model.forward

    def wrong(*given, intermediate_tensors=None, **named):
        if intermediate_tensors is not None:
            intermediate_tensors.tensors["residual"].zero_()
        return forward(*given, intermediate_tensors=intermediate_tensors, **named)

    model.forward = wrong


@fault(breaks=(f"{_DATA}.greedy[rank-1]", f"{_DATA}.greedy[shared-out]"))
def second_engine_has_no_head() -> None:
    """The head of the second engine's model is never filled."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.load_model

    def wrong(self, *given, **named):
        right(self, *given, **named)
        if self.parallel_config.data_parallel_index == 1:
            self.get_model().lm_head.weight.data.zero_()

    SampleCpuWorker.load_model = wrong


@fault(
    breaks=(
        f"{_TENSOR}.stop[processes]",
        f"{_PIPELINE}.stop[processes]",
        f"{_DATA}.stop[processes]",
    ),
    # Workers that are forked off the server are no children of their engine.
    whole=True,
)
def workers_leave_a_process() -> None:
    """Each worker starts a helper in a session of its own, and nothing ends it."""
    _at_init_device(_start_helper)


def _start_helper() -> None:
    import subprocess
    import sys

    # It ends by itself at last, should nobody find it.
    subprocess.Popen(
        [sys.executable, "-IS", "-c", "import time; time.sleep(300)"], start_new_session=True
    )


@fault(
    breaks=(
        f"{_TENSOR}.stop[shared-memory]",
        f"{_PIPELINE}.stop[shared-memory]",
        f"{_DATA}.stop[shared-memory]",
    ),
    # Workers that are forked off the server are no children of their engine.
    whole=True,
)
def workers_leave_shared_memory() -> None:
    """Each worker maps a file of shared memory, and does not remove it."""
    _at_init_device(_map_file)


def _map_file() -> None:
    import mmap
    import os
    from pathlib import Path

    with Path(f"/dev/shm/hwcheck-fault-{os.getpid()}").open("w+b") as stream:
        stream.truncate(mmap.PAGESIZE)
        _MAPPED.append(mmap.mmap(stream.fileno(), mmap.PAGESIZE))


_MAPPED: list[object] = []


def _at_init_device(more) -> None:
    """Do `more` in workers that are not in the process of their engine's client."""
    from multiprocessing import parent_process

    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.init_device

    def wrong(self):
        right(self)
        if parent_process() is not None:
            more()

    SampleCpuWorker.init_device = wrong
