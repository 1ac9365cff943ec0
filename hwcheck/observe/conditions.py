"""The conditions under which a plugin is run; one record from the command line to the children."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from hwcheck.contain.exchange import Limits
from hwcheck.model.contract import Profile

__all__ = ["OPERATORS", "PAIRS", "UNASKED", "Conditions"]

OPERATORS = "operators"
"""The group of contracts about operators, which take minutes."""
PAIRS = "pairs"
"""The group of the contract about pairs of capabilities, and the child that judges it."""
UNASKED = (Profile.P0, Profile.P1)
"""The profiles of a run that names none: those that need no engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the user asked for, besides the plugin and where the results go."""

    python: str = sys.executable
    """The interpreter of the environment that holds plugin and host."""
    profiles: tuple[Profile, ...] = ()
    """Empty: `UNASKED`."""
    contracts: tuple[str, ...] = ()
    """Ids of contracts, or patterns of ids, that the run is narrowed to; empty: no."""
    groups: tuple[str, ...] = ()
    """The optional groups of contracts that are run besides."""
    most_engines: int | None = None
    """How many engines may be started for pairs; ``None``: as many as they take."""
    model: Path | None = None
    """A checkpoint in the place of the tiny dense model."""
    head_size: int | None = None
    """The size of the heads of the tiny models; ``None`` for the usual one."""
    limits: Limits = field(default_factory=Limits)
    pass_environment: tuple[str, ...] = ()
    """Patterns of further environment variables that the plugin may see."""
    announced: tuple[str, ...] = ()
    """Environment variables that the plugin says it sets."""
    seed: int = 0
    """What generated examples depend on."""
    stub_sdk: bool = False
    """Whether stand-ins take the place of vendor modules that are not installed."""
    cache: Path | None = None
    """Where what the control showed is kept; ``None`` for nowhere."""

    kept: Path | None = None
    """Where what the children find outlives a run that is cut off; ``None`` for nowhere."""

    @property
    def is_foreign(self) -> bool:
        """Whether plugin and vLLM live in another interpreter's environment."""
        return self.python != sys.executable
