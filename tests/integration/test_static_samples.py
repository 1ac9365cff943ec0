"""Every id of the check through the front door: a plugin that it finds, and the same mended."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hwcheck.analyse.own_pages import SKIPPED, UNUSED
from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES
from hwcheck.cli.main import main

SAMPLES = Path(__file__).parents[2] / "sample_plugins" / "static"
IDS = sorted(path.name for path in SAMPLES.glob("HW*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a check of one tree gave."""

    code: int
    findings: tuple[dict[str, Any], ...]
    standing: tuple[dict[str, Any], ...]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """
    A folder for what all checks share: the facts of both hosts.
    """
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def check(cache, monkeypatch, capsys):
    """
    Hold a tree against the new host, seen from the old one, as a user would.
    """
    monkeypatch.chdir(SAMPLES)
    monkeypatch.setenv("HWCHECK_CACHE", str(cache))

    def run(tree):
        sides = ["--from", "./hosts/old", "--host", "./hosts/new"]
        code = main(["check", tree, *sides, "--format", "json", "--jobs", "1"])
        found = json.loads(capsys.readouterr().out)["run"]["check"]
        return Done(code=code, findings=tuple(found["findings"]), standing=tuple(found["standing"]))

    return run


def test_every_id_has_a_sample():
    """
    No rule comes without a plugin that breaks it and one that does not.
    """
    pages = [*BUILT_IN_RULES, SKIPPED, UNUSED]

    assert sorted(page.id for page in pages) == IDS
    assert all((SAMPLES / name / form).is_dir() for name in IDS for form in ("bad", "good"))


@pytest.mark.parametrize("name", IDS)
def test_bad_sample_gives_its_id_and_no_other(check, name):
    """
    What is expected is found, on both sides of the difference, and nothing besides.
    """
    expected = tomllib.loads((SAMPLES / name / "expected.toml").read_text(encoding="utf-8"))

    done = check(f"{name}/bad")

    assert [item["rule"] for item in done.findings] == expected.get("found", [])
    assert [item["rule"] for item in done.standing] == expected.get("standing", [])


@pytest.mark.parametrize("name", IDS)
def test_good_sample_gives_nothing(check, name):
    """
    The mended plugin is clean: no finding of any severity, and the exit code says so.
    """
    done = check(f"{name}/good")

    assert (done.code, done.findings, done.standing) == (0, (), ())
