"""The exit handlers of the process, run in a copy of it."""

import atexit
import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from hwcheck.model.observation import ExitSeen, Raised
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.copies import Leave, asked_of_copy, read_raised

__all__ = ["exit_handlers_run"]

_run: Callable[[], None] = atexit._run_exitfuncs


def exit_handlers_run(attribution: Attribution) -> ExitSeen:
    """Run them, and tell what was raised in the plugin's own lines.

    Raises RuntimeError: the copy died.
    """

    def run(leave: Leave) -> list[str]:
        found: list[Raised] = []

        def note(unraisable: "sys.UnraisableHookArgs") -> None:
            if unraisable.exc_value is not None:
                found.append(attribution.raised(unraisable.exc_value))

        sys.unraisablehook = note
        _run()
        return [json.dumps(asdict(item)) for item in found if item.in_plugin]

    told = asked_of_copy(attribution, run)
    return ExitSeen(failures=tuple(read_raised(json.loads(text)) for text in told))
