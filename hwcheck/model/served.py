"""What ran in an engine: whose classes, on which device, with which operators."""

from dataclasses import dataclass

__all__ = ["EngineSeen", "OperatorSeen", "PartSeen", "RankSeen", "Served"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSeen:
    """A class that has a part in an engine."""

    name: str
    """The dotted name."""
    is_own: bool
    """Whether the plugin defines it; else it is the host's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSeen:
    """An operator class of vLLM's in a model that was served."""

    name: str
    """vLLM's name of it."""
    runs: str
    """The method that its layers call, with its class: ``vllm.….RMSNorm.forward_native``."""
    is_own: bool
    """Whether that method is the plugin's; else the host's stands in."""
    layers: int
    """How many layers of the model there are of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSeen:
    """One of several workers of an engine, each in a process of its own."""

    rank: int
    device: str
    worker: PartSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSeen:
    """One engine."""

    model: str
    device: str
    dtype: str
    graph_mode: str
    """What is captured as a graph: ``NONE``, ``PIECEWISE``, ``FULL``; empty where unknown."""
    compile_mode: str = ""
    """How the model is compiled: ``NONE``, ``VLLM_COMPILE``; empty where unknown."""
    worker: PartSeen | None = None
    runner: PartSeen | None = None
    scheduler: PartSeen | None = None
    attention: tuple[PartSeen, ...] = ()
    """The backends of its layers."""
    adapters: PartSeen | None = None
    """What applies adapters, where the engine takes any."""
    communicator: PartSeen | None = None
    """What connects its workers, where there are several."""
    operators: tuple[OperatorSeen, ...] = ()
    ranks: tuple[RankSeen, ...] = ()
    """Its workers, where there are several; what is told beside them is the first one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The engines that one contract has started, in order."""

    engines: tuple[EngineSeen, ...]
