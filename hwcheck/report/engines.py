"""What ran in the engines of a run, in lines of text."""

from collections.abc import Iterator

from hwcheck.model.run import Run
from hwcheck.model.served import EngineSeen, PartSeen

__all__ = ["engine_lines"]

_OWN, _HOST = "the plugin's", "the host's"


def engine_lines(run: Run) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give each engine a heading, and a line for each part with whose it is."""
    return tuple((_heading(engine), tuple(_parts(engine))) for engine in run.engines)


def _heading(engine: EngineSeen) -> str:
    graphs = f", graphs {engine.graph_mode}" if engine.graph_mode else ""
    is_compiled = engine.compile_mode not in ("", "NONE")
    compiled = f", compiled {engine.compile_mode}" if is_compiled else ""
    device = engine.device or "an unknown device"
    return f"{engine.model} on {device}, {engine.dtype}{compiled}{graphs}"


def _parts(engine: EngineSeen) -> Iterator[str]:
    for name, part in (
        ("worker", engine.worker),
        ("model runner", engine.runner),
        ("scheduler", engine.scheduler),
        *(("attention", part) for part in engine.attention),
        ("adapters", engine.adapters),
        ("communicator", engine.communicator),
    ):
        if part is not None:
            yield f"{name}: {_whose(part)}, {part.name}"
    for rank in engine.ranks:
        worker = "" if rank.worker is None else f", {_whose(rank.worker)}, {rank.worker.name}"
        yield f"rank {rank.rank}: on {rank.device or 'an unknown device'}{worker}"
    own = [item.name for item in engine.operators if item.is_own]
    other = [f"{item.name} ({item.runs})" for item in engine.operators if not item.is_own]
    if own:
        yield f"operators, {_OWN}: {', '.join(own)}"
    if other:
        yield f"operators, {_HOST}: {', '.join(other)}"


def _whose(part: PartSeen) -> str:
    return _OWN if part.is_own else _HOST
