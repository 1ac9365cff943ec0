"""What a specification leads to, in words."""

import pytest

from hwcheck.matrix.plan import make_plan
from hwcheck.matrix.specification import read_specification

COST = "9 cells, about 2 s the first time, 1 s again"
KNOWN = ("0.31.0", "0.32.0", "0.33.0")


@pytest.fixture
def plan(tmp_path):
    """Give a function that plans the text of a specification."""

    def make(text):
        path = tmp_path / "matrix.toml"
        path.write_text(text)
        return list(make_plan(read_specification(path, KNOWN)))

    return make


def test_plan_names_all_that_is_looked_at_and_run(plan):
    """
    Releases, hosts, the runs one by one and how long they take at most are told.
    """
    told = plan(
        'title = "Ours"\nprofiles = ["P0", "P1"]\ndevices = ["cpu", "npu"]\nruns = ["ci"]\n'
        '[[plugins]]\nreleases = ["a==1", "a==2"]\nrun-on = "0.33.0"\n'
        '[[plugins]]\nname = "B"\nreleases = ["b"]\n'
    )

    assert told == [
        "Ours",
        f"static: 3 releases x 3 hosts, 0.31.0 to 0.33.0: {COST}",
        "  a: a==1, a==2",
        "  B: b",
        "runs: 4 of P0, P1, each at most 4 min, together 16 min one after the other",
        "  a==1 on vLLM 0.33.0, device cpu",
        "  a==1 on vLLM 0.33.0, device npu",
        "  a==2 on vLLM 0.33.0, device cpu",
        "  a==2 on vLLM 0.33.0, device npu",
        "run documents that are there: ci",
    ]


def test_plan_without_runs_says_how_to_have_some(plan):
    """
    Where nothing is to be run the field that changes this is named.
    """
    told = plan('[[plugins]]\nreleases = ["a==1"]')

    assert "runs: none; name the hosts of a plugin with `run-on`" in told
    assert told[-1].endswith("none are named")


def test_long_runs_are_told_in_hours(plan):
    """
    Nobody counts four hundred minutes.
    """
    told = plan(
        'profiles = ["P3", "P4"]\n[[plugins]]\nreleases = ["a==1"]\nrun-on = ["0.32.0", "0.33.0"]'
    )

    assert any("each at most 2.4 h, together 4.7 h" in line for line in told)
