"""Tell vLLM about the minimal platform; importing this needs neither vLLM nor torch."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class; a CPU is always present, so the answer is never None."""
    return "hwcheck_sample_minimal.minimal_platform.MinimalPlatform"
