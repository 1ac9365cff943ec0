"""One generated use of an operator: how it is constructed and what it is given."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis.strategies import SearchStrategy

__all__ = ["DTYPES", "MODEL_DTYPE", "Drawn", "Input", "Recipe", "Trial", "Whole"]

#: Names in torch; float16 and bfloat16 are what models are served in.
DTYPES = ("float32", "bfloat16", "float16")
#: Stands for the model's dtype among the arguments of a constructor.
MODEL_DTYPE = "(model dtype)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A tensor of the model's dtype."""

    shape: tuple[int, ...]
    content: str = "normal"
    """``normal``, ``zeros``, ``small`` (thousandths) or ``spike`` (one 400 in each row)."""
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A tensor of whole numbers from 0, such as positions and tokens."""

    shape: tuple[int, ...]
    below: int
    seed: int = 0


Input = Drawn | Whole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One use of an operator."""

    dtype: str
    settings: tuple[tuple[str, object], ...]
    """The arguments of the constructor, by vLLM's names and in vLLM's order."""
    inputs: tuple[Input, ...]
    may_change: tuple[int, ...] = field(default=(), repr=False)
    """The inputs that some implementation of vLLM's own overwrites."""
    views: tuple[int, ...] = field(default=(), repr=False)
    """The inputs that vLLM hands over as a part of wider rows."""
    slack: float = field(default=1.0, repr=False)
    """How much wider than the common one the tolerance is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one of vLLM's operator classes is constructed and used."""

    name: str
    """The name of the class, which is what a replacement is registered by."""
    trials: Callable[[str], SearchStrategy[Trial]]
    """The uses, for a dtype."""
    needs_groups: bool = False
    """Whether its constructor asks for the parallel groups."""
