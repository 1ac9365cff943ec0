"""What the calls of a wrapper and vLLM's counter say about steps that should use graphs."""

import pytest

from hwcheck.exercise.serving.families.graphs import captured_case
from hwcheck.exercise.serving.graph_watch import GraphSteps
from hwcheck.model.examination import CaseState
from hwcheck.model.outcome import Refusal

MODE = "PIECEWISE"


@pytest.mark.parametrize(
    ("steps", "captured"),
    [
        # Captured when it was first needed, or all at the start; by a device that counts, or not.
        (GraphSteps(asked=9, ran=3), 3),
        (GraphSteps(asked=9), 0),
        (GraphSteps(asked=9, is_seen=False), 3),
    ],
)
def test_calls_that_do_not_run_what_is_wrapped_are_replays(steps, captured):
    """
    Where it cannot be seen what runs, graphs that vLLM counts are proof.
    """
    assert captured_case(MODE, steps, captured).state is CaseState.KEPT


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (GraphSteps(), "no step is run with a graph"),
        (GraphSteps(asked=9, ran=9), "what is wrapped runs each time"),
    ],
)
def test_mode_without_graphs_is_ignored(steps, reason):
    """
    A mode that is left on is a promise.
    """
    case = captured_case(MODE, steps, 0)

    assert (case.state, case.refusal) == (CaseState.BROKEN, Refusal.IGNORED)
    assert case.reason == f"the configuration says {MODE}, and {reason}"


@pytest.mark.parametrize(
    ("steps", "captured"), [(GraphSteps(asked=9, is_seen=False), 0), (GraphSteps(), 4)]
)
def test_graphs_that_cannot_be_seen_are_not_judged(steps, captured):
    """
    A plugin may capture in a way of its own, which nobody counts.
    """
    assert captured_case(MODE, steps, captured).state is CaseState.NOT_MEASURED
