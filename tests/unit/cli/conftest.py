"""Stored runs."""

from dataclasses import replace

import pytest

from hwcheck.codec import encode_run
from hwcheck.model.outcome import Outcome
from hwcheck.model.plugin import Host, Origin, Plugin
from hwcheck.model.run import Environment, Run

RUN = Run(
    plugin=Plugin(
        name="a|b\x1b[31m", version="1", origin=Origin.INSTALLED, location="x", entry_points=()
    ),
    host=Host(distribution="vllm", version="0.32.0", location="x"),
    environment=Environment(
        hwcheck="0", python="3.11", torch=None, system="Linux", machine="x86_64"
    ),
    started="2026-12-01T00:00:00+00:00",
    seconds=1.0,
    complete=True,
    interruption=None,
    contracts=(),
    outcomes=(),
    profiles=(),
    capabilities=(),
    standings=(),
)


@pytest.fixture
def stored(tmp_path):
    """
    Store a run with one outcome, and give its path.
    """

    def store(name, state, *, contract="load.call", case="x|y", **changes):
        outcome = Outcome(contract=contract, case=case, state=state, reason="a\n<b>")
        path = tmp_path / name
        path.write_bytes(encode_run(replace(RUN, outcomes=(outcome,), **changes)))
        return str(path)

    return store
