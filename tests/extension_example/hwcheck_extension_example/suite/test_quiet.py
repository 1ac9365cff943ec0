"""Whether a plugin is quiet."""

import pytest

from hwcheck.model.observation import Observation
from hwcheck_extension_example.suite.contracts import QUIET


@pytest.mark.contract(QUIET)
def test_children_print_no_more_than_a_screenful(observation: Observation) -> None:
    """
    No child of the probe left more than fifty lines of output.
    """
    loud = [child.name for child in observation.children if child.tail.count("\n") > 50]

    assert not loud
