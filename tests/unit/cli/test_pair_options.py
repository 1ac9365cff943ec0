"""The words about pairs."""

import argparse

import pytest

from hwcheck.cli.pair_options import add_pair_options, pair_groups, pair_words
from hwcheck.errors import UsageError
from hwcheck.observe.conditions import PAIRS


def arguments_of(*words, profile=("P2",), contract=()):
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.set_defaults(profile=list(profile), contract=list(contract))
    add_pair_options(parser)
    return parser.parse_args(words)


def test_pairs_ask_for_their_group_and_are_repeated():
    """
    The command that repeats the run has them too.
    """
    arguments = arguments_of("--pairs", "--pairs-cap", "3")

    assert pair_groups(arguments) == (PAIRS,)
    assert list(pair_words(arguments)) == ["--pairs", "--pairs-cap", "3"]


def test_run_without_pairs_has_none():
    """
    They take minutes, so they are asked for.
    """
    assert pair_groups(arguments_of()) == ()
    assert list(pair_words(arguments_of())) == []


@pytest.mark.parametrize("profile", [(), ("P0", "P1")])
def test_pairs_of_nothing_are_wrong_usage(profile):
    """
    Profiles without an engine demonstrate nothing that could be combined.
    """
    with pytest.raises(UsageError, match="add --profile P2 --profile P3"):
        pair_groups(arguments_of("--pairs", profile=profile))


def test_pairs_of_named_contracts_need_no_profile():
    """
    Named contracts are run whatever their profile.
    """
    assert pair_groups(arguments_of("--pairs", profile=(), contract=("family.*",))) == (PAIRS,)


def test_cap_without_pairs_is_wrong_usage():
    """
    An option that does nothing is a mistake.
    """
    with pytest.raises(UsageError, match="--pairs, which is not given"):
        pair_groups(arguments_of("--pairs-cap", "3"))


@pytest.mark.parametrize("text", ["0", "-1", "1000", "many", "1.5", ""])
def test_cap_is_a_number_of_engines(text):
    """
    None of these is one.
    """
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        arguments_of("--pairs", f"--pairs-cap={text}")
