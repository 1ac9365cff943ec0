"""``hwcheck waivers check`` in folders of all kinds."""

import json

import pytest

from hwcheck.cli.main import main

WAIVER = """
[[waiver]]
id = "load.call"
class = "plugin-bug"
reason = "the bus needs time"
owner = "firmware"
expires = 2027-01-31
signature = {message = "*"}
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """
    A folder with one waiver that is right.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hwcheck.toml").write_text(WAIVER)
    return tmp_path


def test_right_waivers_are_clean(repository, capsys):
    """
    Exit code 0, with the end of each.
    """
    assert main(["waivers", "check", "--today", "2027-01-31"]) == 0
    told = capsys.readouterr().out
    assert "fine: load.call: until 2027-01-31 (firmware)" in told
    assert "1 waivers, 0 of them wrong" in told


def test_wrong_waivers_fail_and_are_named(repository, capsys):
    """
    Exit code 1; for machines as well.
    """
    (repository / "hwcheck.toml").write_text(
        WAIVER + WAIVER.replace("load.call", "load.coll").replace("2027-01-31", "2029-01-31")
    )

    assert main(["waivers", "check", "hwcheck.toml", "--today", "2027-02-01"]) == 1
    told = capsys.readouterr().out
    assert "expired: load.call: it ended with 2027-01-31" in told
    assert "matches-nothing: load.coll: no contract is called 'load.coll'; did you mean" in told
    assert main(["waivers", "check", "--today", "2027-02-01", "--format", "json"]) == 1
    assert [use["standing"] for use in json.loads(capsys.readouterr().out)] == [
        "expired",
        "matches-nothing",
    ]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("[[waiver]\n", "cannot read the configuration"),
        (WAIVER.replace("load.call", "load call"), "$.waiver[0].id"),
        (WAIVER.replace('owner = "firmware"', ""), "missing required field `owner`"),
        (WAIVER.replace("2027-01-31", '"soon"'), "neither a date nor a vLLM release"),
        (WAIVER + 'scope = {host = "new ones"}\n', "$.waiver[0].scope.host"),
        (WAIVER + "until = 2027-01-31\n", "unknown key 'until'"),
    ],
)
def test_file_that_cannot_be_read_is_wrong_usage(repository, capsys, text, phrase):
    """
    Exit code 2, with the file and the place.
    """
    (repository / "hwcheck.toml").write_text(text)

    assert main(["waivers", "check"]) == 2
    told = capsys.readouterr().err
    assert "hwcheck.toml" in told
    assert phrase in told


def test_nothing_to_check_is_no_success(repository, capsys):
    """
    No file in a folder, no such file, no release: each is told.
    """
    (repository / "empty").mkdir()

    assert main(["waivers", "check", "empty"]) == 2
    assert "no hwcheck.toml" in capsys.readouterr().err
    assert main(["waivers", "check", "missing.toml"]) == 2
    assert "'missing.toml': No such file" in capsys.readouterr().err
    assert main(["waivers", "check", "--host", "new"]) == 2
    assert "'new' is no release" in capsys.readouterr().err
