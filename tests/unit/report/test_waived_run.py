"""A run with a waived and a flaky outcome and with a stale waiver, in every form."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from hwcheck.codec import decode_run
from hwcheck.model.contract import Profile
from hwcheck.model.outcome import Cause, Outcome, OutcomeState, Reruns
from hwcheck.model.run import Verdict
from hwcheck.model.waiver import Signature, Waiver, WaiverClass, WaiverStanding, WaiverUse
from hwcheck.report import summary
from hwcheck.report.builtin import hwcheck_reporters

WAIVER = Waiver(
    id="lora.swap",
    kind=WaiverClass.PLUGIN_BUG,
    reason="not | written % yet",
    owner="kernels",
    expires="2027-01-01",
    signature=Signature(message="*"),
)
WAIVED = Outcome(
    contract="lora.swap",
    case=None,
    state=OutcomeState.WAIVED,
    cause=Cause.VIOLATED,
    reason="no kernel",
    waiver=WAIVER.told,
)
FLAKY = Outcome(
    contract="sampling.seed",
    case="two",
    state=OutcomeState.FLAKY,
    cause=Cause.VIOLATED,
    reason="other tokens",
    reruns=Reruns(times=3, failed=1),
)
USED = WaiverUse(
    waiver=WAIVER, standing=WaiverStanding.USED, detail="covers 1 outcome", covers=("lora.swap",)
)
STALE = WaiverUse(
    waiver=replace(WAIVER, id="load.call"),
    standing=WaiverStanding.PASSES,
    detail="load.call passed: take the waiver away",
)


@pytest.fixture
def waived_run(make):
    """
    Make a run with these outcomes besides one that passed, and with these waivers.
    """

    def run(*outcomes, waivers=(), verdict=Verdict.WAIVED):
        outcomes = (make.outcome("load.call"), *outcomes)
        profile = replace(
            make.profile_result(Profile.P0, outcomes, verdict),
            waived=sum(item.state is OutcomeState.WAIVED for item in outcomes),
            flaky=sum(item.state is OutcomeState.FLAKY for item in outcomes),
        )
        names = ("load.call", "lora.swap", "sampling.seed")
        return make.run(
            contracts=tuple(map(make.contract, names)),
            outcomes=outcomes,
            profiles=(profile,),
            waivers=waivers,
        )

    return run


def render(form, run):
    return next(item for item in hwcheck_reporters() if item.name == form).render(run)


def test_run_is_clean_but_for_what_is_waived(waived_run):
    """
    The code is 0, and the sentences do not call it kept.
    """
    run = waived_run(WAIVED, waivers=(USED,))

    assert summary.exit_code(run) == 0
    assert summary.exit_meaning(run) == "everything that was required is kept, but for 1 waived"
    assert "keeps, but for what is waived, P0" in summary.verdict_sentence(run)


@pytest.mark.parametrize(
    ("outcome", "waivers", "meaning"),
    [
        (FLAKY, (), "contracts are flaky"),
        (WAIVED, (USED, STALE), "waivers are not, or no more, right"),
    ],
)
def test_flaky_contract_or_stale_waiver_fails_the_run(waived_run, outcome, waivers, meaning):
    """
    Neither is a pass.
    """
    run = waived_run(outcome, waivers=waivers)

    assert (summary.exit_code(run), summary.exit_meaning(run)) == (1, meaning)


@pytest.mark.parametrize("form", ["terminal", "markdown", "junit", "github", "json"])
def test_every_form_tells_all_of_it(waived_run, form):
    """
    The waived outcome, the flaky one with its rate, and the stale waiver.
    """
    text = " ".join(render(form, waived_run(WAIVED, FLAKY, waivers=(USED, STALE))).split())

    for phrase in ("lora.swap", "kernels", "sampling.seed[two]", "other tokens", "passes"):
        assert phrase in text or (form == "json" and phrase == "sampling.seed[two]")
    assert ('"failed": 1' if form == "json" else "failed 1 of 3 reruns") in text


def test_junit_counts_a_waived_case_as_skipped_and_a_stale_waiver_as_failed(waived_run):
    """
    A service that knows nothing of hwcheck sees the same.
    """
    text = render("junit", waived_run(WAIVED, FLAKY, waivers=(USED, STALE)))

    root = ElementTree.fromstring(text.encode())
    cases = {case.get("name"): [item.tag for item in case] for case in root.iter("testcase")}
    assert cases == {
        "load.call": [],
        "lora.swap": ["skipped"],
        "sampling.seed[two]": ["failure"],
        "lora.swap #1": ["system-out"],
        "load.call #2": ["failure"],
    }


def test_github_escapes_what_would_end_a_property(waived_run):
    """
    One command a line: errors for what fails, a notice for what is waived.
    """
    lines = render("github", waived_run(WAIVED, FLAKY, waivers=(USED, STALE))).splitlines()

    assert [line.partition(" ")[0] for line in lines] == [
        "::notice",
        "::error",
        "::error",
        "::notice",
    ]
    assert "not | written %25 yet" in lines[-1]


def test_waivers_are_kept_in_the_document(waived_run):
    """
    What is stored is what was found.
    """
    run = waived_run(WAIVED, FLAKY, waivers=(USED, STALE))

    assert decode_run(render("json", run).encode(), "run") == run
