"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform

__all__ = ["DevicePlatform"]

_MEMBERS = {
    name: member
    for cls in reversed(MinimalPlatform.__mro__[:-1])
    for name, member in vars(cls).items()
    if name not in ("__dict__", "__weakref__", "__doc__", "__module__")
}

#: All members, copied instead of inherited.
DevicePlatform = type("DevicePlatform", (), _MEMBERS)
