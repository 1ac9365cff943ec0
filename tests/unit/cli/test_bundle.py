"""``hwcheck bundle`` and ``hwcheck bundle verify``."""

import json

import pytest

from hwcheck.cli.main import main
from hwcheck.model.outcome import OutcomeState


def test_bundle_is_packed_and_verified(stored, tmp_path, capsys):
    """
    The made-up run's conclusions do not follow, which is told in both forms.
    """
    bundle = str(tmp_path / "evidence.zip")
    run = stored("run.json", OutcomeState.PASSED)

    assert main(["bundle", run, "--output", bundle]) == 0
    assert "wrote" in capsys.readouterr().err
    assert main(["bundle", "verify", bundle]) == 1
    told = capsys.readouterr().out
    assert "edited: load.call: it has an outcome" in told
    assert "\x1b" not in told
    assert main(["bundle", "verify", bundle, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["doubts"][0]["kind"] == "edited"


@pytest.mark.parametrize(
    ("words", "code", "phrase"),
    [
        (("verify",), 2, "name the bundle"),
        (("verify", "missing.zip"), 2, "cannot read the bundle 'missing.zip'"),
        (("verify", "run.json"), 2, "is no evidence bundle"),
        (("verify", "run.json", "--today", "soon"), 2, "is no date"),
        (("run.json",), 2, "--output"),
        (("run.json", "two", "--output", "x"), 2, "one name too many"),
        (("missing.json", "--output", "x"), 2, "cannot read the run document"),
        (("run.json", "--output", "x", "--keep", "missing"), 2, "cannot read the logs"),
        (("run.json", "--output", "/no/such/folder/x"), 3, "cannot write"),
    ],
)
def test_what_cannot_be_done_is_told(stored, tmp_path, monkeypatch, capsys, *, words, code, phrase):
    """
    One message, no traceback, and no file.
    """
    stored("run.json", OutcomeState.PASSED)
    monkeypatch.chdir(tmp_path)

    assert main(["bundle", *words]) == code
    assert phrase in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
