"""The release that a plugin was made for: what requirements say, and where little is wrong."""

import pytest

from hwcheck.analyse.baseline import declared_release, fewest_findings
from hwcheck.analyse.pairs import PairResult
from hwcheck.model.check import BaselineKind
from hwcheck.model.finding import Finding, Location, Severity

KNOWN = ("0.17.0", "0.17.1", "0.18.0", "0.18.1", "0.19.0")


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        (["vllm==0.18.0"], "0.18.0"),
        (["vllm==0.18.0+cpu"], "0.18.0"),
        (["vllm===0.18.0+cpu"], "0.18.0"),
        (["vllm<0.18.1,>=0.17.0"], "0.18.0"),
        (["vllm~=0.17.0"], "0.17.1"),
        (["vllm<=0.18.1", 'vllm[audio]; extra == "audio"'], "0.18.1"),
        (['vllm==0.17.1; extra == "cpu"'], "0.17.1"),
        (["vllm==0.18.0", "vllm==0.19.0"], "0.18.0"),
    ],
)
def test_newest_release_that_a_bounded_requirement_allows(requirements, expected):
    """
    Requirements with an upper bound tell the release; build suffixes do not matter.
    """
    baseline = declared_release(requirements, KNOWN)

    assert baseline is not None
    assert (baseline.kind, baseline.host) == (BaselineKind.DECLARED, expected)
    assert "vllm" in baseline.reason


@pytest.mark.parametrize(
    "requirements",
    [[], ["vllm"], ["vllm>=0.17.0"], ["vllm!=0.18.0"], ["torch==2.0"], ["vllm==9.9"], ["vllm ?"]],
)
def test_requirement_without_upper_bound_declares_nothing(requirements):
    """
    What is too old, another distribution or an unknown release tell no baseline.
    """
    assert declared_release(requirements, KNOWN) is None


class Answers:
    """Answers pairs with as many findings as the new host is away from the best release."""

    def __init__(self, counts):
        self.counts = counts
        self.asked = []

    def answers(self, pairs):
        for pair in pairs:
            self.asked.append(pair.new)
            yield PairResult(findings=(note(),) * self.counts[pair.new], unreached=())


def note():
    return Finding(
        rule="HW102",
        severity=Severity.NOTE,
        where=Location(path="acme/a.py", line=1),
        symbol="vllm.a",
        plugin_side="imports it",
        host_side="has it not",
    )


def fewest(counts):
    answers = Answers(counts)
    baseline = fewest_findings(
        answers, tuple(counts), keeps=lambda finding: True, progress=lambda stage: None
    )
    return baseline, answers.asked


@pytest.mark.parametrize("best", [0, 1, 7, 18, 30, 41, 42])
def test_bottom_of_the_valley_is_found_without_trying_all_releases(best):
    """
    The counts fall towards the release and rise after it, so a look around the best is enough.
    """
    counts = {f"0.{number}.0": 2 * abs(number - best) for number in range(43)}

    baseline, asked = fewest(counts)

    assert (baseline.kind, baseline.host) == (BaselineKind.FEWEST, f"0.{best}.0")
    assert len(asked) == len(set(asked)) < 25


def test_newest_of_equal_releases_is_taken():
    """
    Where two releases are as good, the newer one counts.
    """
    baseline, _ = fewest({"0.1.0": 3, "0.2.0": 1, "0.3.0": 1, "0.4.0": 2})

    assert baseline.host == "0.3.0"
    assert "0.2.0: 1, 0.3.0: 1" in baseline.reason


def test_without_known_releases_there_is_no_baseline():
    """
    Nothing to compare with is said, not hidden.
    """
    baseline, _ = fewest({})

    assert (baseline.kind, baseline.host) == (BaselineKind.NONE, None)
