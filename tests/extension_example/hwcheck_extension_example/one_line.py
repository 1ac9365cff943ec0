"""The reporter: a run in one line."""

from dataclasses import dataclass

from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run

__all__ = ["OneLineReporter"]


@dataclass(frozen=True, slots=True)
class OneLineReporter:
    """Shows how many cases passed."""

    name: str = "one-line"
    suffix: str = "line.txt"

    def render(self, run: Run) -> str:
        """Render the number of passed cases, and of all."""
        passed = sum(outcome.state is OutcomeState.PASSED for outcome in run.outcomes)
        return f"{run.plugin.name}: {passed} of {len(run.outcomes)} passed\n"
