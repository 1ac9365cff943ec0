"""What platforms derive from."""


class Platform:
    """A platform: what it leaves out is ``None``."""

    device_type: str
    device_name = ""
    supported_dtypes = ("float32",)

    @classmethod
    def is_pin_memory_available(cls):
        """Answer a question."""
        return False

    @classmethod
    def get_punica_wrapper(cls):
        """Answer with a class path."""
        return "vllm.v1.worker.worker_base.WorkerBase"

    @classmethod
    def check_and_update_config(cls, config):
        """Change the configuration."""

    def __getattr__(self, name):
        return None


class UnspecifiedPlatform(Platform):
    """The platform of a host that found none."""

    device_type = ""
