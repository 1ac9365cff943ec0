"""Runs made fit for a folder that is published: they do not tell where things stood."""

import re
from dataclasses import replace
from pathlib import PurePath

from hwcheck.model.outcome import Outcome
from hwcheck.model.run import Run
from hwcheck.report.cleaning import cleaned

__all__ = ["published"]

#: The path in a line of a traceback.
_OF_A_FRAME = re.compile(r'(?<=File ")/[^"\n]+(?=", line )')


def published(run: Run) -> Run:
    """Leave out of a run what only its machine should know; a run that is published stays as is.

    What plugin and host are called remains, and what was found; the command is the user's own.
    """
    places = _places(run)
    return replace(
        run,
        plugin=replace(run.plugin, location=_last_part(run.plugin.location)),
        host=run.host and replace(run.host, location=_last_part(run.host.location)),
        outcomes=tuple(_outcome(outcome, places) for outcome in run.outcomes),
        children=tuple(replace(child, tail=cleaned(child.tail)) for child in run.children),
    )


def _places(run: Run) -> tuple[str, ...]:
    """The folders of plugin and host, those within others first."""
    given = {run.plugin.location, "" if run.host is None else run.host.location}
    folders = {place.rstrip("/") for place in given if PurePath(place).is_absolute()}
    return tuple(sorted(filter(None, folders), key=len, reverse=True))


def _outcome(outcome: Outcome, places: tuple[str, ...]) -> Outcome:
    # A reason is no log, though it may quote one: routes such as /v1/models are not paths.
    reason = outcome.reason
    if reason is not None:
        reason = _OF_A_FRAME.sub(lambda found: cleaned(found[0]), _without(reason, places))
    place = outcome.place
    return replace(
        outcome,
        reason=reason,
        tail=outcome.tail and cleaned(outcome.tail),
        place=place and replace(place, file=_last_part(_without(place.file, places))),
    )


def _without(text: str, places: tuple[str, ...]) -> str:
    for place in places:
        text = text.replace(f"{place}/", "")
    return text


def _last_part(path: str) -> str:
    """An absolute path's last part; a relative one as it is."""
    return PurePath(path).name if PurePath(path).is_absolute() else path
