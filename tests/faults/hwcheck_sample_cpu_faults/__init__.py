"""Faults for the sample plugin, each of which one or a few contracts have to catch."""

import os
import pkgutil
from importlib import import_module

__all__ = ["apply", "areas"]

_APPLIED: set[str] = set()


def apply() -> None:
    """Apply the faults that the environment names, with commas between; a general plugin of vLLM's.

    Raises LookupError: there is no such fault.
    """
    for name in filter(None, os.environ.get("SAMPLE_CPU_FAULT", "").split(",")):
        _apply(name)


def _apply(name: str) -> None:
    from hwcheck_sample_cpu_faults.fault import FAULTS

    for area in areas():
        if name in FAULTS:
            break
        import_module(area)
    if name not in FAULTS:
        raise LookupError(f"no fault is called {name!r}")
    fault = FAULTS[name]
    # A plugin that is called again has its fault already; some of this area are about just that.
    if fault.area == "life" or name not in _APPLIED:
        _APPLIED.add(name)
        fault.apply()


def areas() -> tuple[str, ...]:
    """The modules that hold the faults, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(f"{__name__}.{name}" for name in names if name != "fault")
