"""What a run is going to do: which contracts its children examine, and which engines they start."""

from dataclasses import dataclass

__all__ = ["EnginePlan", "PlannedStart", "RunPlan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStart:
    """One engine or server, which several contracts may share."""

    what: str
    """The model, and how the engine differs from the usual one."""
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlan:
    """All starts that the selected contracts need, in order, where nothing goes wrong."""

    starts: tuple[PlannedStart, ...]
    untold: tuple[str, ...] = ()
    """Contracts of which it is not known beforehand what they start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What is selected, as far as children judge it by themselves."""

    examinations: tuple[tuple[str, tuple[str, ...]], ...]
    """The contracts of each child."""
    engines: EnginePlan | None
    """``None`` where no engine is started."""
