"""Waivers inside a real pytest."""

import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from hwcheck.codec import decode_line
from hwcheck.model.record import RecordLine

SUITE = """
import pytest
from hwcheck.model.contract import Contract, Profile

def contract(id, profile="P0"):
    return pytest.mark.contract(Contract(
        id=id, profile=Profile(profile), title="t", relied_on_by="r", remedy="m"))

@contract("tiny.pass")
def test_pass():
    pass

@contract("tiny.fail", "P1")
@pytest.mark.parametrize("point", ["a", "b"])
def test_fail(point):
    pytest.fail(f"no kernel for {point}")
"""
WAIVER = """
[[waiver]]
id = "{id}"
class = "plugin-bug"
reason = "not written yet"
owner = "kernels"
expires = {expires}
signature.message = "{message}"
"""


def waiver(id="tiny.fail", expires="2027-01-31", message="no kernel"):
    return WAIVER.format(id=id, expires=expires, message=message)


@pytest.fixture
def suite(tmp_path):
    """
    A tree with a host, a plugin and a suite, and a way to run pytest on it with waivers.
    """
    for name, points in (("vllm", ""), ("acme", "[vllm.platform_plugins]\nacme = acme:register\n")):
        info = tmp_path / "site" / f"{name}-9.9.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n")
        (info / "entry_points.txt").write_text(points)
    (tmp_path / "site" / "vllm").mkdir()
    (tmp_path / "site" / "vllm" / "__init__.py").write_text("")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_tiny.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(config, *words, plugins=()):
        (tmp_path / "hwcheck.toml").write_text(config)
        done = subprocess.run(
            [
                *(sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", "-q"),
                *("-p", "hwcheck.pytest_plugin", "--hwcheck-platform", "acme", *plugins),
                *("--hwcheck-record", "record.jsonl", "--junitxml", "junit.xml"),
                *("--hwcheck-today", "2026-12-01", *words, "tests"),
            ],
            cwd=tmp_path,
            env={
                **os.environ,
                # What these tests import, their pytest does as well.
                "PYTHONPATH": os.pathsep.join(
                    [str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")]
                ),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        record = tmp_path / "record.jsonl"
        lines = record.read_text().splitlines() if record.exists() else []
        return done, [decode_line(line, RecordLine) for line in lines]

    return run


@pytest.mark.parametrize(
    "plugins", [(), ("-p", "xdist.plugin", "-n", "2")], ids=["alone", "parallel"]
)
def test_waived_failure_is_expected_and_no_pass(suite, tmp_path, plugins):
    """
    pytest and JUnit call it an expected failure, the record calls it waived.
    """
    done, lines = suite(waiver(), plugins=plugins)

    assert done.returncode == 0, done.stdout
    assert "1 passed, 2 xfailed" in done.stdout
    assert "used: tiny.fail: covers 2 outcomes" in done.stdout
    states = {line.outcome.id: str(line.outcome.state) for line in lines if line.outcome}
    assert states == {"tiny.pass": "passed", "tiny.fail[a]": "waived", "tiny.fail[b]": "waived"}
    skipped = list(ElementTree.parse(tmp_path / "junit.xml").getroot().iter("skipped"))
    assert [item.get("type") for item in skipped] == ["pytest.xfail", "pytest.xfail"]
    assert all("not written yet" in item.get("message") for item in skipped)
    (told,) = ElementTree.parse(tmp_path / "junit.xml").getroot().iterfind("*/properties/property")
    assert told.get("value").startswith("used: tiny.fail: covers 2 outcomes")


def test_other_failure_than_the_signature_fails(suite):
    """
    It is told that the waiver is not about it.
    """
    done, _ = suite(waiver(message="out of memory"))

    assert done.returncode == 1
    assert "2 failed, 1 passed" in done.stdout
    assert "other-failure: tiny.fail" in done.stdout


@pytest.mark.parametrize(
    "plugins", [(), ("-p", "xdist.plugin", "-n", "2")], ids=["alone", "parallel"]
)
@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"id": "tiny.pass"}, "passes: tiny.pass: tiny.pass passed: take the waiver away"),
        ({"id": "tiny.fail[c]"}, "matches-nothing: tiny.fail[c]: tiny.fail was run"),
        ({"id": "tiny.fial"}, "no contract is called 'tiny.fial'; did you mean 'tiny.fail'?"),
        ({"id": "tiny.pass", "expires": "2026-11-30"}, "expired: tiny.pass: it ended with"),
    ],
)
def test_waiver_that_is_not_right_fails_the_run(suite, plugins, fields, phrase):
    """
    Although no test fails.
    """
    done, _ = suite(waiver() + waiver(**fields), plugins=plugins)

    assert done.returncode == 1
    assert "1 passed, 2 xfailed" in done.stdout
    assert phrase in done.stdout


def test_expired_waiver_waives_nothing(suite):
    """
    The failure is one again.
    """
    done, _ = suite(waiver(expires='"9.0"'))

    assert done.returncode == 1
    assert "2 failed, 1 passed" in done.stdout
    assert "expired: tiny.fail" in done.stdout


@pytest.mark.parametrize("words", [("--hwcheck-profile", "P0"), ("-k", "test_pass")], ids=" ".join)
def test_waiver_of_what_was_not_run_is_no_fault(suite, words):
    """
    A part of the suite can be run with the waivers of all.
    """
    done, _ = suite(waiver(), *words)

    assert done.returncode == 0, done.stdout
    assert "not-selected: tiny.fail: what it names was not run" in done.stdout


@pytest.mark.parametrize(
    ("config", "words", "phrase"),
    [
        ("[[waivr]]\n", (), "did you mean 'waiver'?"),
        ("", ("--hwcheck-config", "missing.toml"), "cannot read the configuration"),
        ("", ("--hwcheck-today", "soon"), "is no date such as"),
    ],
)
def test_wrong_configuration_is_refused(suite, config, words, phrase):
    """
    Before anything is run.
    """
    done, _ = suite(config, *words)

    assert done.returncode == 4
    assert phrase in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
