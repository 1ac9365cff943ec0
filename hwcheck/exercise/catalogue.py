"""Which module examines which contracts, by the child that runs them."""

from importlib import import_module

from hwcheck.exercise.bench import Examination

__all__ = ["MODULES", "examinations_of"]

#: The modules of each child; each holds its examinations by contract in ``EXAMINATIONS``.
MODULES: dict[str, tuple[str, ...]] = {
    "behaviour": ("hwcheck.exercise.device_ids",),
    "parts": (),
    "models": (),
    "operators": (),
}


def examinations_of(child: str) -> dict[str, Examination]:
    """Import the examinations of one child, by contract.

    Raises KeyError: no such child.
    """
    found: dict[str, Examination] = {}
    for name in MODULES[child]:
        found |= import_module(name).EXAMINATIONS
    return found
