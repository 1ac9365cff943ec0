"""What workers derive from."""


class WorkerBase:
    """A worker."""

    def __init__(self, vllm_config, rank=0):
        self.vllm_config = vllm_config
