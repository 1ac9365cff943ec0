"""What can be said of waivers without a run."""

from dataclasses import replace
from datetime import date

import pytest

from hwcheck.model.waiver import Scope, Signature, Waiver, WaiverClass, WaiverStanding
from hwcheck.waivers.apply import WaiverBook
from hwcheck.waivers.without_run import check_waivers

KNOWN = frozenset({"lora.swap", "load.call"})
WAIVER = Waiver(
    id="lora.swap",
    kind=WaiverClass.PLUGIN_BUG,
    reason="known",
    owner="kernels",
    expires="2026-12-01",
    signature=Signature(message="no kernel"),
)


def checked(*waivers, host="", today=date(2026, 12, 1)):
    return check_waivers(WaiverBook(waivers=waivers, today=today), KNOWN, host)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, WaiverStanding.NOT_JUDGED),
        ({"id": "lora.*[a]"}, WaiverStanding.NOT_JUDGED),
        ({"id": "lora.swop"}, WaiverStanding.MATCHES_NOTHING),
        ({"expires": "2026-11-30"}, WaiverStanding.EXPIRED),
        ({"expires": "0.34.0"}, WaiverStanding.NOT_JUDGED),
        ({"scope": Scope(host=">=0.99")}, WaiverStanding.NOT_JUDGED),
        ({"id": "lora.swop", "scope": Scope(host=">=0.99")}, WaiverStanding.MATCHES_NOTHING),
    ],
)
def test_what_every_run_would_call_wrong_is_found(changes, standing):
    """
    Expired waivers and unknown contracts, also where the scope would hide them.
    """
    assert [use.standing for use in checked(replace(WAIVER, **changes))] == [standing]


def test_end_that_is_a_release_comes_with_the_host():
    """
    The first release without the waiver, not the last one with it.
    """
    waiver = replace(WAIVER, expires="0.34.0")

    assert not checked(waiver, host="0.33.9")[0].standing.is_fault
    assert checked(waiver, host="0.34.0")[0].standing is WaiverStanding.EXPIRED


def test_second_waiver_of_the_same_is_named():
    """
    Whatever else it says; another scope or signature is another waiver.
    """
    same = replace(WAIVER, owner="others")
    elsewhere = replace(WAIVER, scope=Scope(device="npu"))

    first, second, third = checked(WAIVER, same, elsewhere)

    assert [use.standing.is_fault for use in (first, second, third)] == [False, True, False]
    assert "waiver 1 of the file covers the same" in second.detail


def test_unknown_contract_has_a_suggestion():
    """
    The nearest id.
    """
    (use,) = checked(replace(WAIVER, id="lora.swop"))

    assert use.detail == "no contract is called 'lora.swop'; did you mean 'lora.swap'?"
