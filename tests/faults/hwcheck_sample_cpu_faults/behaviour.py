"""Faults of what the platform's members do."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(breaks=("platform.device-mapping",))
def mask_is_reversed() -> None:
    """The mask's last device is taken for the first."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.device_id_to_physical_device_id.__func__

    def wrong(cls, device_id: int) -> int:
        import os

        count = len(os.environ[cls.device_control_env_var].split(","))
        return right(cls, count - 1 - device_id)

    SampleCpuPlatform.device_id_to_physical_device_id = classmethod(wrong)
