"""The plan of a pairwise cover."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.exercise.serving.pairs.cover import planned
from hwcheck.exercise.serving.pairs.partners import PARTNERS, Partner
from hwcheck.model.pairs import pair_name, partners_of

SOME = {
    partner.id: partner
    for partner in (
        Partner(id="a", is_setting=True),
        Partner(id="b", is_setting=True, never=("a",)),
        Partner(id="c", is_setting=True, hides_others=True),
        Partner(id="l", is_setting=True, is_last=True),
        Partner(id="x"),
        Partner(id="y"),
        Partner(id="z", apart=("a",)),
    )
}


def shown(plan):
    return [pair for engine in plan.engines for pair in engine.pairs]


def owed(names):
    pairs = combinations(sorted(names), 2)
    return {
        pair_name(*pair)
        for pair in pairs
        if pair[0] not in PARTNERS[pair[1]].never and pair[1] not in PARTNERS[pair[0]].never
    }


@given(st.sets(st.sampled_from(sorted(PARTNERS))))
def test_each_pair_is_shown_once_or_left_out(names):
    """
    Whatever was demonstrated, a pair is in one engine, which has both, or is told to be left out.
    """
    plan = planned(names)

    assert sorted([*shown(plan), *plan.left]) == sorted(owed(names))
    for engine in plan.engines:
        for pair in engine.pairs:
            assert set(partners_of(pair)) <= {*engine.settings, *engine.kinds}


def test_all_partners_need_few_engines():
    """
    Engines are what costs; what is left out has the one setting that cannot be started twice.
    """
    plan = planned(PARTNERS)

    assert len(plan.engines) <= 10
    assert all("spec-decode-ngram" in partners_of(name) for name in plan.left)


def test_what_excludes_each_other_is_no_pair():
    """
    No engine has both, and neither is missed.
    """
    plan = planned(("a", "b", "x"), partners=SOME)

    assert sorted(shown(plan)) == ["a+x", "b+x"]
    assert plan.left == ()


def test_what_may_be_refused_gets_an_engine_of_its_own():
    """
    Else its refusal would keep all others from being shown.
    """
    engines = planned(("a", "x", "z"), partners=SOME).engines

    assert [(item.settings, item.kinds, item.pairs) for item in engines] == [
        ((), ("x", "z"), ("x+z",)),
        (("a",), ("x",), ("a+x",)),
        (("a",), ("z",), ("a+z",)),
    ]


def test_what_hides_others_shows_its_own_pairs():
    """
    Beside answers that are not exact, nothing else is judged.
    """
    hiding = [item for item in planned(SOME, partners=SOME).engines if "c" in item.settings]

    assert hiding
    assert all("c" in partners_of(pair) for item in hiding for pair in item.pairs)


def test_what_ends_the_process_comes_last_and_once():
    """
    Its pairs with other settings are left out, because behind it nothing can be traced.
    """
    plan = planned(("a", "l", "x"), partners=SOME)

    assert plan.engines[-1].settings == ("l",)
    assert sum("l" in item.settings for item in plan.engines) == 1
    assert plan.left == ("a+l",)


@pytest.mark.parametrize("most", [1, 2])
def test_cap_leaves_out_what_it_costs_most_to_show(most):
    """
    The first engines show most; what the others would have shown is told.
    """
    whole, capped = planned(PARTNERS), planned(PARTNERS, most)

    assert len(capped.engines) == most
    assert sorted([*shown(capped), *capped.left]) == sorted([*shown(whole), *whole.left])
    assert len(shown(capped)) > len(PARTNERS)


def test_names_that_cannot_be_combined_are_passed_over():
    """
    Most capabilities are no partners.
    """
    assert planned(("text-generation", "lora")).partners == ("lora",)
