"""Shows on a console how far a run has come.

Importing it imports rich: do so when a run begins, not at start-up.
"""

from collections import Counter

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.report.escaping import visible

__all__ = ["LINE_EVERY", "Progress"]

#: Outcomes between two lines where there is no terminal to draw a bar on.
LINE_EVERY = 25
_TOLD = frozenset({OutcomeState.BROKEN, OutcomeState.FLAKY, OutcomeState.HARNESS_ERROR})
_LONGEST = 100


class Progress:
    """A bar on a terminal; elsewhere a line now and then, and one for each broken outcome."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._total = 0
        self._states: Counter[OutcomeState] = Counter()
        self._bar = _bar(console) if console.is_terminal else None

    def start(self, total: int) -> None:
        """Begin; `total` is the number of outcomes that are expected."""
        self._total = total
        if self._bar is not None:
            self._bar.add_task("starting", total=total)
            self._bar.start()

    def advance(self, outcome: Outcome) -> None:
        """Count one outcome, and say so when it is broken."""
        self._states[outcome.state] += 1
        # A test can have several outcomes, and how many is known only afterwards.
        self._total = max(self._total, self._states.total())
        if outcome.state in _TOLD:
            self.say(f"{outcome.state}: {outcome.id}: {outcome.reason or 'no reason is known'}")
        if self._bar is not None:
            for task in self._bar.task_ids:
                self._bar.update(
                    task, advance=1, total=self._total, description=visible(outcome.id, 60)
                )
        elif self._states.total() % LINE_EVERY == 0:
            self.say(self._counted())

    @property
    def is_drawn(self) -> bool:
        """Whether there is a terminal with a bar, on which nothing told stays."""
        return self._bar is not None

    def tell(self, text: str) -> None:
        """Tell the pace: beside the bar, or in a line of its own."""
        if self._bar is None:
            self.say(text)
            return
        for task in self._bar.task_ids:
            self._bar.update(task, description=visible(text, _LONGEST))

    def say(self, text: str) -> None:
        """Print one line, above the bar where there is one."""
        self._console.print(Text(visible(text)), soft_wrap=True, highlight=False)

    def stop(self) -> None:
        """End; a second call does nothing."""
        if self._bar is not None:
            self._bar.stop()

    def _counted(self) -> str:
        states = ", ".join(f"{number} {state}" for state, number in sorted(self._states.items()))
        return f"{self._states.total()}/{self._total}: {states}"


def _bar(console: Console) -> Bar:
    return Bar(
        # The only spinner that every encoding can show.
        SpinnerColumn("line"),
        MofNCompleteColumn(),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        # What is described are ids with a plugin's own words in them.
        TextColumn("{task.description}", markup=False),
        console=console,
        transient=True,
    )
