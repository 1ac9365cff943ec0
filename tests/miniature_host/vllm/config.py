"""A configuration that the platform may change."""

from types import SimpleNamespace

from vllm import platforms


class VllmConfig:
    """The configuration without a model."""

    def __init__(self):
        self.parallel_config = SimpleNamespace(worker_cls="auto")
        platforms.current_platform.check_and_update_config(self)
