"""The platform class, which has the defect."""

from hwcheck_sample_minimal.minimal_platform import MinimalPlatform
from vllm.platforms.interface import Platform

__all__ = ["DevicePlatform"]

_LEFT_OUT = ("manual_seed_all", "__dict__", "__weakref__", "__doc__", "__module__")

#: The minimal platform without the one member.
DevicePlatform = type(
    "DevicePlatform",
    (Platform,),
    {name: member for name, member in vars(MinimalPlatform).items() if name not in _LEFT_OUT},
)
