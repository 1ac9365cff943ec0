"""Badges of plugins and cells."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from made_matrix import HOSTILE_NAMES, make_matrix

from hwcheck.model.run import Verdict
from hwcheck.report.matrix_badges import badge_path, make_badges

ENDPOINT_COLOURS = {"brightgreen", "yellow", "red", "lightgrey"}


def badges_of(matrix) -> dict[str, str]:
    """The badges, by path."""
    return {file.path: file.text for file in make_badges(matrix)}


def message_of(badges: dict[str, str], *place: str) -> str:
    """What a badge says."""
    return json.loads(badges[f"{badge_path(*place)}.json"])["message"]


def test_each_plugin_and_cell_has_both_forms():
    """
    A plugin and each of its releases on each host has a picture and an endpoint.
    """
    badges = badges_of(make_matrix(plugins=2, hosts=3, releases=2))

    assert len(badges) == 2 * (2 + 2 * 2 * 3)
    assert "badges/vllm-made-01/1.1.0/0.10.2.svg" in badges
    assert "badges/vllm-made-01.json" in badges


def test_endpoint_is_as_shields_reads_it():
    """
    Each endpoint has the four fields, and a colour that shields.io knows.
    """
    badges = badges_of(make_matrix())

    for path, text in badges.items():
        if path.endswith(".json"):
            told = json.loads(text)
            assert list(told) == ["schemaVersion", "label", "message", "color"]
            assert told["schemaVersion"] == 1
            assert told["label"]
            assert told["message"]
            assert told["color"] in ENDPOINT_COLOURS


def test_pictures_are_well_formed_and_say_it_in_text():
    """
    Whatever the names are, the picture is XML, and tells screen readers what it shows.
    """
    badges = badges_of(make_matrix(names=HOSTILE_NAMES))

    for path, text in badges.items():
        if path.endswith(".svg"):
            root = ElementTree.fromstring(text)
            label = root.get("aria-label")
            assert label == root.findtext("{*}title")
            assert label == ": ".join(part.text for part in root.findall(".//{*}text"))


def test_picture_escapes_what_it_shows():
    """
    A host's name cannot add markup to a badge.
    """
    matrix = make_matrix(plugins=1, hosts=1, releases=1)
    cell = replace(matrix.checks[0], host='"><script>x</script>\x00')

    badges = badges_of(replace(matrix, checks=(cell,)))

    (picture,) = (text for path, text in badges.items() if path.count("/") > 1 and "svg" in path)
    assert "<script" not in picture
    assert "&lt;script&gt;" in picture


def test_broken_profile_is_told_and_is_red():
    """
    A cell whose source fits is no good cell when a run broke a profile there.
    """
    matrix = make_matrix(plugins=1, hosts=1, releases=1)
    endpoint = json.loads(badges_of(matrix)["badges/vllm-made-00/0.0.0/0.10.2.json"])

    assert endpoint["message"] == "fits, P1 broken"
    assert endpoint["color"] == "red"


@pytest.mark.parametrize(
    "changes", [{"is_stubbed": True}, {"stale": "another vLLM"}, {"superseded": True}]
)
def test_runs_that_prove_nothing_now_are_not_told(changes):
    """
    Neither stand-ins nor evidence that no longer holds makes a badge better or worse.
    """
    matrix = make_matrix(plugins=1, hosts=1, releases=1)
    runs = tuple(replace(run, **changes) for run in matrix.runs)

    badges = badges_of(replace(matrix, runs=runs))

    assert message_of(badges, "vllm-made-00", "0.0.0", "0.10.2") == "fits"


def test_profile_that_is_both_kept_and_broken_is_broken():
    """
    When two runs disagree, the badge tells the worse.
    """
    matrix = make_matrix(plugins=1, hosts=1, releases=1)
    (run,) = matrix.runs
    kept = replace(run, id="1", profiles=(replace(run.profiles[0], verdict=Verdict.KEPT),))

    badges = badges_of(replace(matrix, runs=(run, kept)))

    assert message_of(badges, "vllm-made-00", "0.0.0", "0.10.2") == "fits, P1 broken"


def test_plugin_without_window_fits_nothing_or_is_not_known():
    """
    A plugin that breaks everywhere says so; one that could not be read says that.
    """
    matrix = make_matrix(plugins=1, hosts=2, releases=1)
    (plugin,) = matrix.plugins
    bare = replace(plugin, releases=(replace(plugin.releases[0], window=None),))

    told = message_of(badges_of(replace(matrix, plugins=(bare,))), plugin.name)
    unknown = message_of(badges_of(replace(matrix, plugins=(bare,), checks=())), plugin.name)

    assert (told, unknown) == ("fits no known release", "not known")
