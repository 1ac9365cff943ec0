"""What a fault is, and the faults by name."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["FAULTS", "Fault", "fault"]


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


FAULTS: dict[str, Fault] = {}


def fault(*, breaks: tuple[str, ...]) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Enter a function that puts a fault in place; its docstring is the fault in words."""

    def enter(function: Callable[[], None]) -> Callable[[], None]:
        name = function.__name__.replace("_", "-")
        if name in FAULTS:
            raise ValueError(f"two faults are called {name!r}")
        FAULTS[name] = Fault(
            name=name,
            area=function.__module__.rpartition(".")[2],
            words=(function.__doc__ or "").strip(),
            breaks=breaks,
            apply=function,
        )
        return function

    return enter
