"""A configuration that the platform may change."""

from types import SimpleNamespace

from vllm import platforms


class ModelConfig:
    """The configuration of a model."""

    def __init__(self, **keywords):
        self.keywords = keywords


class VllmConfig:
    """The configuration, with a model or without."""

    def __init__(self, model_config=None):
        self.model_config = model_config
        self.parallel_config = SimpleNamespace(worker_cls="auto")
        platforms.current_platform.check_and_update_config(self)
