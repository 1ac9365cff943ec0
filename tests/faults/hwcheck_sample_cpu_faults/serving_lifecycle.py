"""Faults of what an engine leaves behind, and of its worker while it lives."""

from collections.abc import Callable
from typing import Any

from hwcheck_sample_cpu_faults.fault import fault

#: What is never released.
_KEPT: list[Any] = []


@fault(breaks=("engine.restart[processes]",))
def each_worker_leaves_a_process() -> None:
    """The worker starts a helper that nobody ends."""
    import subprocess

    # It ends with this process, whose end of the pipe closes then.
    _on_device(lambda worker: subprocess.Popen(["cat"], stdin=subprocess.PIPE))


@fault(breaks=("engine.restart[threads]",))
def each_worker_leaves_a_thread() -> None:
    """The worker starts a thread that waits for ever."""
    import threading

    def start(worker: Any) -> Any:
        thread = threading.Thread(target=threading.Event().wait, daemon=True)
        thread.start()
        return thread

    _on_device(start)


@fault(breaks=("engine.restart[ports]",))
def each_worker_leaves_a_port() -> None:
    """The worker listens for its peers and goes on when it is shut down."""
    import socket

    _on_device(lambda worker: socket.create_server(("127.0.0.1", 0)))


@fault(breaks=("engine.restart[shared-memory]",))
def each_worker_leaves_shared_memory() -> None:
    """The worker makes a buffer in shared memory and does not remove its file."""
    from multiprocessing.shared_memory import SharedMemory

    _on_device(lambda worker: SharedMemory(create=True, size=4096))


@fault(breaks=("engine.restart[memory]",))
def each_worker_keeps_memory() -> None:
    """A module holds the staging buffers of every worker that there was."""
    _on_device(lambda worker: bytearray(b"\1") * (24 * 2**20))


@fault(breaks=("engine.restart[tokens]",))
def weights_are_scaled_at_each_start() -> None:
    """Scales that a module remembers are applied again when the same engine is started again."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.load_model
    times: dict[str, int] = {}

    def wrong(self, *arguments, **named):
        right(self, *arguments, **named)
        kind = self.vllm_config.compute_hash()
        times[kind] = times.get(kind, -1) + 1
        for name, weight in self.model_runner.model.named_parameters():
            if "o_proj" in name:
                weight.data.mul_(1 + times[kind])

    SampleCpuWorker.load_model = wrong


@fault(breaks=("worker.health",))
def healthy_worker_raises() -> None:
    """check_health() asks a device that is not there."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    def wrong(self):
        raise RuntimeError(f"{self.device} does not answer")

    SampleCpuWorker.check_health = wrong


@fault(breaks=("worker.cache-spec",))
def cache_kinds_are_told_once() -> None:
    """The worker hands its kinds of KV cache over, and has none when it is asked again."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.get_kv_cache_spec

    def wrong(self):
        is_first, self.is_asked = not getattr(self, "is_asked", False), True
        return right(self) if is_first else {}

    SampleCpuWorker.get_kv_cache_spec = wrong


def _on_device(make: Callable[[Any], Any]) -> None:
    """Make something when a worker takes its device, and hold it."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.init_device

    def wrong(self):
        right(self)
        _KEPT.append(make(self))

    SampleCpuWorker.init_device = wrong
