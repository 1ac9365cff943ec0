"""The defect: register() sets an environment variable that belongs to others."""

import os

__all__ = ["register"]


def register() -> str | None:
    """Decide for everyone how tokenizers run."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    return "hwcheck_defect_sets_environment.device_platform.DevicePlatform"
