"""SARIF of checks: the published schema, and what code-scanning services read."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from hwcheck.model.check import Baseline, BaselineKind, Selection
from hwcheck.report.sarif import render

SCHEMA = Path(__file__).parents[2] / "data" / "sarif-schema-2.1.0.json"


def sarif(run):
    """Render, and give the only run in the document."""
    (found,) = json.loads(render(run))["runs"]
    return found


@pytest.fixture(scope="module")
def validator():
    """Return a validator of the published schema that also looks at the form of addresses."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


@pytest.mark.parametrize("name", ["fitting", "breaking", "window", "hostile"])
def test_document_is_as_the_published_schema_says(name, checks, validator):
    """
    Every fixed check, hostile text too, gives a valid document.
    """
    errors = [error.message for error in validator.iter_errors(json.loads(render(checks[name])))]

    assert errors == []


def test_rule_of_a_result_is_found_by_its_index(checks):
    """
    The index of every result leads to the rule of its id, known or not.
    """
    run = sarif(checks["breaking"])

    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[item["ruleIndex"]] for item in run["results"]] == [
        item["ruleId"] for item in run["results"]
    ]
    assert len(set(rules)) == len(rules)


def test_places_are_relative_and_start_at_line_one(checks):
    """
    Paths are quoted and relative to a named folder; a line below the first is the first.
    """
    run = sarif(checks["hostile"])

    places = [
        place["physicalLocation"]
        for result in run["results"]
        for place in (*result["locations"], *result.get("relatedLocations", ()))
    ]
    assert {place["artifactLocation"]["uriBaseId"] for place in places} == {"%SRCROOT%", "VLLM"}
    assert not any(set(place["artifactLocation"]["uri"]) & set(":\\ <>|") for place in places)
    assert all(place["region"]["startLine"] >= 1 for place in places)


def test_fingerprint_stays_when_lines_move(make):
    """
    A finding is recognised by what it is about, on any host and at any line.
    """
    before = make.check(findings=(make.finding(line=10),))
    after = make.check(host="0.34.0", findings=(make.finding(line=90, host_side="other"),))

    (one,) = sarif(make.check_run(before))["results"]
    (other,) = sarif(make.check_run(after))["results"]

    assert one["partialFingerprints"] == other["partialFingerprints"]


def test_fingerprints_of_equal_findings_differ(make):
    """
    Two findings of one key are told apart by their order.
    """
    check = make.check(findings=(make.finding(line=1), make.finding(line=2)))

    one, other = sarif(make.check_run(check))["results"]

    assert one["partialFingerprints"] != other["partialFingerprints"]


def test_standing_findings_are_unchanged_and_suppressed_ones_marked(checks):
    """
    New ones are new, those also on the baseline are unchanged, ignored ones are suppressed.
    """
    run = checks["breaking"]
    check = replace(run.check, selection=Selection(standing=True))

    results = sarif(replace(run, check=check))["results"]

    assert [item["baselineState"] for item in results] == ["new"] * 4 + ["unchanged", "new"]
    assert [item["ruleId"] for item in results if "suppressions" in item] == ["HW102"]


def test_without_a_baseline_nothing_is_new(make):
    """
    When there is nothing to compare with, no state is claimed.
    """
    nothing = Baseline(kind=BaselineKind.NONE, host=None, reason="no release is known")

    (result,) = sarif(make.check_run(make.check(baseline=nothing, findings=(make.finding(),))))[
        "results"
    ]

    assert "baselineState" not in result


def test_unread_files_make_the_execution_unsuccessful(checks):
    """
    A partial check says so, and names the files.
    """
    (invocation,) = sarif(checks["breaking"])["invocations"]

    assert invocation["executionSuccessful"] is False
    assert (
        invocation["toolExecutionNotifications"][-1]["locations"][0]["physicalLocation"][
            "artifactLocation"
        ]["uri"]
        == "plugins/acme/acme/broken.py"
    )


def test_text_that_would_be_a_link_is_none(make):
    """
    Square brackets that would make a link are escaped, others are left.
    """
    found = make.finding(plugin_side="[x](http://evil)", host_side="list[str]")

    (result,) = sarif(make.check_run(make.check(findings=(found,))))["results"]

    assert result["message"]["text"].startswith("\\[x\\](http://evil)\nvLLM 0.33.0: list[str]")
