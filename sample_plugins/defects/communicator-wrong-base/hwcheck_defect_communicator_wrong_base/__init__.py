"""The defect: get_device_communicator_cls names a class that is no communicator."""

__all__ = ["register"]


def register() -> str | None:
    """Name the platform class."""
    return "hwcheck_defect_communicator_wrong_base.device_platform.DevicePlatform"
