"""Faults for the sample plugin, each of which one or a few contracts have to catch."""

import os
from importlib import import_module

__all__ = ["apply"]

_AREAS = ("behaviour", "life", "parts", "models", "operators")


def apply() -> None:
    """Apply the fault that the environment names, if any; a general plugin of vLLM's."""
    name = os.environ.get("SAMPLE_CPU_FAULT")
    if not name:
        return
    from hwcheck_sample_cpu_faults.fault import FAULTS

    for area in _AREAS:
        try:
            import_module(f"hwcheck_sample_cpu_faults.{area}")
        except ModuleNotFoundError as error:
            if error.name != f"hwcheck_sample_cpu_faults.{area}":
                raise
    FAULTS[name].apply()
