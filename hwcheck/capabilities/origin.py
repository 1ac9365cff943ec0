"""Whether what was demonstrated ran on the plugin's own parts, or on the host's in their place."""

from collections.abc import Iterator, Sequence

from hwcheck.model.capability import Mark
from hwcheck.model.served import EngineSeen

__all__ = ["PARTS", "origin_of"]

PARTS = ("adapters", "attention", "communicator", "operators", "scheduler", "worker")
"""The parts of an engine that a capability can run on."""


def origin_of(part: str, engines: Sequence[EngineSeen]) -> Mark | None:
    """Say whose part it was; ``None`` where that was not seen.

    Native is what the plugin has any class or operator of its own for in that part.
    """
    seen = [is_own for engine in engines for is_own in _owned(part, engine)]
    if not seen:
        return None
    return Mark.NATIVE if any(seen) else Mark.FALLBACK


def _owned(part: str, engine: EngineSeen) -> Iterator[bool]:
    match part:
        case "attention":
            yield from (item.is_own for item in engine.attention)
        case "operators":
            yield from (item.is_own for item in engine.operators)
        case "worker" if engine.worker is not None:
            yield engine.worker.is_own
        case "scheduler" if engine.scheduler is not None:
            yield engine.scheduler.is_own
        case "adapters" if engine.adapters is not None:
            yield engine.adapters.is_own
        case "communicator" if engine.communicator is not None:
            yield engine.communicator.is_own
