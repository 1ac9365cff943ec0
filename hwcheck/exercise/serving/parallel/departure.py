"""What workers must not leave behind when their engine is stopped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import monotonic, sleep

from hwcheck.exercise.serving.leftovers import Holdings, held_now
from hwcheck.exercise.serving.server.process_tree import (
    Running,
    descendants,
    end_all,
    held_shared_files,
    still_running,
)
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["Present", "judged_departure", "present"]

#: Seconds for workers to follow their engine.
_GRACE = 5.0
_PAUSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is there while an engine runs."""

    workers: tuple[Running, ...]
    """The processes of its workers, and what they started."""
    files: frozenset[str]
    """The files of shared memory that these use."""


def present(parent: int, workers: Sequence[int]) -> Present:
    """Look at the workers, by the ids of their processes, which descend from `parent`."""
    known = {item.id: item for item in descendants(parent)}
    found = {id_: known[id_] for id_ in workers if id_ in known}
    for id_ in tuple(found):
        found |= {item.id: item for item in descendants(id_)}
    return Present(
        workers=tuple(found[id_] for id_ in sorted(found)),
        files=held_shared_files(tuple(found)),
    )


def judged_departure(
    during: Present,
    before: Holdings,
    stop: Callable[[], None],
    *,
    grace: float = _GRACE,
    patience: float = inf,
) -> Iterator[ExaminedCase]:
    """Stop an engine and judge what is left of what was there; ports are compared with before.

    What takes longer than `patience` is killed by vLLM, and cannot take its files away.
    """
    begun = monotonic()
    stop()
    seconds = monotonic() - begun
    figures = [Figure(name="seconds to the end", value=round(seconds, 1))]
    end = monotonic() + grace
    while (running := still_running(during.workers)) and monotonic() < end:
        sleep(_PAUSE)
    if running:
        names = ", ".join(sorted({item.name for item in running}))
        yield broken(f"{len(running)} processes are left: {names}", "processes", figures=figures)
    else:
        yield kept("processes", figures=figures)
    end_all(running)
    left = sorted(name for name in during.files if Path(name).exists())
    if left and seconds >= patience:
        reason = f"the engine took {seconds:.0f} s to end, and vLLM kills it after {patience:g} s"
        yield not_measured(reason, "shared-memory")
    else:
        yield broken(f"files are left: {left}", "shared-memory") if left else kept("shared-memory")
    for name in left:
        # The engine was ours, so what it left is ours to take away.
        Path(name).unlink(missing_ok=True)
    ports = sorted(item.partition("/")[0] for item in held_now().ports - before.ports)
    yield broken(f"sockets still listen: {ports}", "ports") if ports else kept("ports")
