from vllm.v1.worker.worker_base import WorkerBase


class AcmeWorker(WorkerBase):
    def init_device(self): ...


def get_worker_class():
    return "vllm_acme.AcmeWorker"


def register(): ...
