"""Where runs belong in a matrix, and whether they still hold."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from hwcheck.matrix.documents import StoredRun
from hwcheck.matrix.fold import Placed
from hwcheck.matrix.versions import public_of
from hwcheck.model.host_names import normalise

__all__ = ["newest_date", "placed"]


def placed(
    runs: Sequence[StoredRun],
    rows: Mapping[str, str],
    *,
    hwcheck: str,
    made: str,
    stale_after_days: int | None,
) -> Iterator[Placed]:
    """Place runs; `rows` tells the row of each distribution, others get one of their own name."""
    for stored in runs:
        run = stored.run
        name = normalise(run.plugin.name)
        yield Placed(
            stored=stored,
            plugin=rows.get(name, name),
            host=public_of("" if run.host is None else run.host.version),
            stale=_stale(stored, hwcheck=hwcheck, made=made, days=stale_after_days),
        )


def newest_date(runs: Sequence[StoredRun]) -> str:
    """Tell when the newest evidence was made; empty when there is none."""
    return max((stored.run.started for stored in runs), default="")


def _stale(stored: StoredRun, *, hwcheck: str, made: str, days: int | None) -> str | None:
    run = stored.run
    if run.environment.hwcheck != hwcheck:
        return f"made by hwcheck {run.environment.hwcheck}, and this is {hwcheck}"
    if days is None:
        return None
    try:
        age = _moment(made) - _moment(run.started)
    except ValueError:
        return None  # a run without a date is as old as its hwcheck says
    if age.days > days:
        return f"{age.days} days older than {made}, and {days} are allowed"
    return None


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    # A day without an hour is one of UTC, as the dates of runs are.
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
