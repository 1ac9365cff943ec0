"""The defect: register() raises when it is called again."""

__all__ = ["register"]

_CALLS: list[str] = []


def register() -> str | None:
    """Name the platform class, but refuse to do it twice."""
    if _CALLS:
        raise RuntimeError("the device is registered already")
    _CALLS.append("register")
    return "hwcheck_defect_second_call_raises.device_platform.DevicePlatform"
