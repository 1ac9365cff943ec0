"""The defect: the general plugin raises, which stops every process of vLLM."""

__all__ = ["register", "register_ops"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_general_raises.device_platform.DevicePlatform"


def register_ops() -> None:
    """Fail where vLLM has no guard."""
    raise RuntimeError("the operators were built for another device")
