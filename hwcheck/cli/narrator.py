"""What `hwcheck run` tells on standard error: the plan, how far it has come, what is broken."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from rich.console import Console

from hwcheck.model.record import RecordLine
from hwcheck.model.run import Run
from hwcheck.model.run_plan import RunPlan
from hwcheck.observe.conditions import Conditions
from hwcheck.observe.following import StepNews
from hwcheck.observe.target import Target
from hwcheck.report.pairs import pair_lines
from hwcheck.report.progress import Progress
from hwcheck.report.run_plan import pace_line, plan_lines
from hwcheck.run.known_durations import keep_durations, known_durations
from hwcheck.run.pace import Durations, Pace, measured

__all__ = ["Narrator"]

#: Seconds between two lines about the pace where there is no terminal.
LINE_EVERY = 30.0


class Narrator:
    """Tells how far a run has come, and keeps what it took."""

    def __init__(self, conditions: Conditions, given_up: str | None = None) -> None:
        """Tell also, where a run was cut off that is not continued, when that was started."""
        self._given_up = given_up
        self._progress = Progress(Console(stderr=True))
        self._python = conditions.python
        self._cache: Path | None = conditions.cache
        self._target: Target | None = None
        self._plan: RunPlan | None = None
        self._pace = Pace(Durations(), 1)
        self._lines: list[RecordLine] = []
        self._began = self._told = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def begin(self, target: Target) -> None:
        """Say what was found, before anything is started."""
        plugin, host = target.plugin, target.host
        self._target = target
        known = known_durations(target, self._python, self._cache)
        self._pace = Pace(known, len(os.sched_getaffinity(0)))
        self._progress.say(
            f"{plugin.name} {plugin.version} under {host.distribution} {host.version}"
        )
        if self._given_up is not None:
            self._progress.say(
                f"the run of {self._given_up} was cut off and is given up; "
                "--resume would have continued it"
            )

    def say(self, text: str) -> None:
        """Tell of something that takes its time."""
        self._progress.say(text)

    def follow(self, line: RecordLine) -> None:
        """Show one line of the record."""
        self._lines.append(line)
        if line.heading is not None:
            self._progress.start(line.heading.cases)
        if line.plan is not None:
            self._plan = line.plan
            self._pace.plan(line.plan)
            for text in () if line.plan.engines is None else plan_lines(line.plan.engines):
                self._progress.say(text)
        if line.pairs is not None:
            for text in pair_lines(line.pairs):
                self._progress.say(text)
        if line.outcome is not None:
            self._progress.advance(line.outcome)

    def look(self, news: Sequence[StepNews]) -> None:
        """Show what the children have said since the last look, which may be nothing."""
        self._pace.take(news)
        now = time.monotonic()
        # Once all is examined, the outcomes follow each other too fast to be told beside them.
        if not self._pace.total or self._pace.done >= self._pace.total:
            return
        if not self._progress.is_drawn and now - self._told < LINE_EVERY:
            return
        self._told = now
        pace = self._pace
        self._progress.tell(
            pace_line(pace.done, pace.total, pace.now, now - self._began, pace.expected)
        )

    def conclude(self, run: Run) -> None:
        """Keep what a run took that was made in one go."""
        if not run.complete or run.resumed:
            return
        if self._plan is not None and self._target is not None:
            made = measured(self._lines, self._pace.seconds, self._plan)
            keep_durations(made, self._target, self._python, self._cache)
