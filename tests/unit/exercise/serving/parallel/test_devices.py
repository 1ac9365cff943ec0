"""Devices enough for two workers."""

from types import SimpleNamespace

from hwcheck.exercise.serving.parallel.devices import known_devices


def test_processors_are_no_limit():
    """
    Any number of workers can share them.
    """
    assert known_devices(SimpleNamespace(device_type="cpu")) is None
