"""Tell vLLM about the sample platform and its operators; importing this needs neither."""

__all__ = ["register", "register_ops"]


def register() -> str | None:
    """Name the platform class; a CPU is always present, so the answer is never None."""
    return "hwcheck_sample_cpu.sample_platform.SampleCpuPlatform"


def register_ops() -> None:
    """Replace vLLM operators by the sample's; calling it again changes nothing."""
    # The operators import vLLM's layers, which is too early while the platform is registered.
    from hwcheck_sample_cpu.operators import replace_operators

    replace_operators()
