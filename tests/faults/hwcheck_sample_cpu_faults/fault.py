"""What a fault is, and the faults by name."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import hwcheck_sample_cpu_faults as package

__all__ = ["FAULTS", "Fault", "all_faults", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a plugin, put into the sample that conforms."""

    name: str
    area: str
    """The module that holds it."""
    words: str
    breaks: tuple[str, ...]
    """The outcomes that it breaks, by id, and no others."""
    apply: Callable[[], None]
    whole: bool = False
    """Whether it shows only when every process is started anew, by a complete ``hwcheck run``."""
    ends: bool = False
    """Whether it ends the process of an engine, and is judged by how the run goes on."""


FAULTS: dict[str, Fault] = {}
"""Those of the modules that are imported already; see `all_faults`."""


def fault(
    *, breaks: tuple[str, ...], whole: bool = False, ends: bool = False
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Enter a function that puts a fault in place; its docstring is the fault in words.

    Raises ValueError: another fault has the name.
    """

    def enter(function: Callable[[], None]) -> Callable[[], None]:
        name = function.__name__.replace("_", "-")
        if name in FAULTS:
            raise ValueError(f"two faults are called {name!r}")
        FAULTS[name] = Fault(
            name=name,
            area=function.__module__.rpartition(".")[2],
            words=" ".join((function.__doc__ or "").split()),
            breaks=breaks,
            apply=function,
            whole=whole,
            ends=ends,
        )
        return function

    return enter


def all_faults() -> tuple[Fault, ...]:
    """Read the whole catalogue, by area; needs neither vLLM nor torch."""
    for area in package.areas():
        import_module(area)
    return tuple(sorted(FAULTS.values(), key=lambda item: item.area))
