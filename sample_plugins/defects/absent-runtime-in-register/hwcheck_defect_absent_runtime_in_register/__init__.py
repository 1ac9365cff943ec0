"""The defect: register() imports a runtime that is not installed."""

__all__ = ["register"]


def register() -> str | None:
    """Start the device's runtime without asking whether there is one."""
    import hwcheck_defect_absent_runtime_in_register_runtime

    hwcheck_defect_absent_runtime_in_register_runtime.initialize()
    return "hwcheck_defect_absent_runtime_in_register.device_platform.DevicePlatform"
