from vllm.v1.worker.worker_base import WorkerBase


class LooseWorker(WorkerBase): ...
