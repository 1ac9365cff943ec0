"""The defect: register() names another class when it is called again."""

__all__ = ["register"]

_CALLS: list[str] = []


def register() -> str | None:
    """Name a class that depends on how often it was asked."""
    _CALLS.append("register")
    if len(_CALLS) > 1:
        return "hwcheck_defect_second_call_differs.device_platform.OtherPlatform"
    return "hwcheck_defect_second_call_differs.device_platform.DevicePlatform"
