"""Shows on a terminal how far a check has come.

Importing it imports rich: do so when there is a terminal, not at start-up.
"""

from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from hwcheck.report.escaping import visible

__all__ = ["CheckProgress"]


class CheckProgress:
    """One line that is replaced by the next and gone at the end."""

    def __init__(self, console: Console) -> None:
        # Drawn when something is told only: to redraw it by itself takes a thread, and with
        # threads running no process can be forked that would share the work.
        self._live = Live(_line("starting"), console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def follow(self, stage: str, subject: str, *, done: int, total: int) -> None:
        """Show a stage, what is worked on, and how much of it is done; `total` 0: not known."""
        number = f" {done}/{total}" if total else ""
        about = f": {visible(subject, 60)}" if subject else ""
        self._live.update(_line(f"{stage}{number}{about}"), refresh=True)


def _line(text: str) -> Text:
    return Text(f"- {text}", no_wrap=True, overflow="ellipsis", end="")
