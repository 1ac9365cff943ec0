"""Names that are alike enough to be the same thing renamed."""

from difflib import SequenceMatcher

import pytest

from hwcheck.analyse.rules.moved import nearest_name

NAMES = (
    "build_attention_metadata",
    "build_attn_metadata",
    "build_metadata",
    "get_attn_metadata",
    "metadata_builder",
    "make_sampler",
    "sampler",
)


@pytest.mark.parametrize("alike", [0.3, 0.6, 0.75])
@pytest.mark.parametrize("name", [*NAMES, "build_attention_meta", "x"])
def test_shortcuts_do_not_change_the_nearest_name(name, alike):
    """
    What is told is what comparing with each of the names would tell.
    """
    others = [other for other in NAMES if other != name]
    ratios = {other: SequenceMatcher(None, name, other, autojunk=False).ratio() for other in others}
    best = max(others, key=lambda other: (ratios[other], other))

    found = nearest_name(name, others, alike=alike)

    assert found == (best if ratios[best] >= alike else None)


def test_last_of_equally_near_names_is_told():
    """
    The order in which the names are given does not matter.
    """
    assert nearest_name("run_one", ["run_onf", "run_ong"]) == "run_ong"
    assert nearest_name("run_one", ["run_ong", "run_onf"]) == "run_ong"


def test_no_name_is_near_nothing():
    """
    Without candidates nothing is told.
    """
    assert nearest_name("run_one", []) is None
