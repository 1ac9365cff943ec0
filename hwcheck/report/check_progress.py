"""Shows on a terminal how far a check has come.

Importing it imports rich: do so when there is a terminal, not at start-up.
"""

from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from hwcheck.report.escaping import visible

__all__ = ["CheckProgress"]


class CheckProgress:
    """One line that is replaced by the next and gone at the end."""

    def __init__(self, console: Console) -> None:
        # The only spinner that every encoding can show.
        self._status = Status("starting", console=console, spinner="line")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._status.stop()

    def follow(self, stage: str, subject: str, *, done: int, total: int) -> None:
        """Show a stage, what is worked on, and how much of it is done; `total` 0: not known."""
        number = f" {done}/{total}" if total else ""
        about = f": {visible(subject, 60)}" if subject else ""
        self._status.update(escape(f"{stage}{number}{about}"))
