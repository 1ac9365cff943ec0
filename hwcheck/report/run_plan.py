"""The plan of a run, and how far it has come, as lines of text."""

from collections.abc import Iterator, Sequence

from hwcheck.model.run_plan import EnginePlan

__all__ = ["pace_line", "plan_lines"]

#: So many ids are named; of more, only what they are about.
_NAMED = 3
_MINUTE = 60


def plan_lines(plan: EnginePlan) -> Iterator[str]:
    """Say how many engines are started, and which contracts share each of them."""
    if not plan.starts:
        yield f"engines to start: not known beforehand for {_ids(plan.untold)}"
        return
    yield (
        f"engines to start: {len(plan.starts)}; where a contract is broken, at most as many of "
        "the host's own platform"
    )
    width = len(str(len(plan.starts)))
    for number, start in enumerate(plan.starts, 1):
        yield f"  {number:{width}} {start.what}: {_ids(start.contracts)}"
    if plan.untold:
        yield f"  not known beforehand: {_ids(plan.untold)}"


def pace_line(
    done: int, total: int, now: str | None, elapsed: float, expected: float | None
) -> str:
    """Say how many contracts are examined, which one is in work, and how long it all takes."""
    about = "" if expected is None else f" of about {_clock(expected)}"
    if expected is not None and elapsed > expected:
        about = f", longer than the {_clock(expected)} that were expected"
    in_work = "" if now is None else f", now {now}"
    return f"{done} of {total} contracts examined{in_work}; {_clock(elapsed)}{about}"


def _ids(ids: Sequence[str]) -> str:
    if len(ids) <= _NAMED:
        return ", ".join(ids)
    subjects = sorted({id_.rpartition(".")[0] for id_ in ids})
    return f"{len(ids)} contracts ({', '.join(f'{subject}.*' for subject in subjects)})"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes}:{rest:02}"
