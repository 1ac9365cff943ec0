"""Tests of the folder in which a run is kept until it is complete."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwcheck.errors import UsageError
from hwcheck.model.unfinished import Asked
from hwcheck.observe.conditions import Conditions
from hwcheck.run.unfinished import FOLDER, asked_of, forget, keeping, unfinished_since

ASKED = Asked(
    plugin="acme 1.0",
    code="1",
    host="vllm 9.9",
    python="/usr/bin/python3",
    options=("--seed", "3"),
    variables="2",
    hwcheck="0.1 3",
    started=(),
)
FIRST, SECOND = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"


def cut_off(output, asked=ASKED):
    """Leave a run behind that was cut off when it had found something."""
    with keeping(output, asked, FIRST, resume=False) as kept:
        (kept.folder / "found").touch()


def test_complete_run_leaves_nothing(tmp_path):
    """
    Reports are all that stays of a run that came to its end.
    """
    with keeping(tmp_path, ASKED, FIRST, resume=False) as kept:
        assert (kept.folder.parent, kept.earlier) == (tmp_path, ())
        forget(kept)

    assert list(tmp_path.iterdir()) == []


def test_folder_is_the_same_from_anywhere(tmp_path, monkeypatch):
    """
    Children write there from folders of their own.
    """
    monkeypatch.chdir(tmp_path)

    with keeping(Path("out"), ASKED, FIRST, resume=False) as kept:
        assert kept.folder == tmp_path / "out" / FOLDER


def test_run_that_was_cut_off_can_be_continued(tmp_path):
    """
    What was found stays, and each start is remembered.
    """
    cut_off(tmp_path)

    assert unfinished_since(tmp_path) == FIRST
    with keeping(tmp_path, ASKED, SECOND, resume=True) as kept:
        assert (kept.folder / "found").exists()
        assert kept.earlier == (FIRST,)
    assert unfinished_since(tmp_path) == SECOND
    with keeping(tmp_path, ASKED, "later", resume=True) as kept:
        assert kept.earlier == (FIRST, SECOND)


def test_run_from_the_beginning_gives_up_the_earlier_one(tmp_path):
    """
    Without being asked to continue, nothing of another run is used.
    """
    cut_off(tmp_path)

    with keeping(tmp_path, ASKED, SECOND, resume=False) as kept:
        assert not (kept.folder / "found").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("plugin", "acme 1.1", "the plugin: 'acme 1.0' then, 'acme 1.1' now"),
        ("code", "other", "the plugin's files have changed"),
        ("host", "vllm 10.0", "vLLM: 'vllm 9.9' then, 'vllm 10.0' now"),
        ("python", "/opt/python", "the interpreter: '/usr/bin/python3' then"),
        ("options", (), "the options: '--seed 3' then, 'none' now"),
        ("variables", "other", "the environment variables of --pass-env have changed"),
        ("hwcheck", "0.2 3", "hwcheck: '0.1 3' then, '0.2 3' now"),
    ],
)
def test_other_question_is_refused(name, value, told, tmp_path):
    """
    What differs is named, and what was found is not touched.
    """
    cut_off(tmp_path)

    with (
        pytest.raises(UsageError) as refusal,
        keeping(tmp_path, replace(ASKED, **{name: value}), SECOND, resume=True),
    ):
        pass

    assert told in str(refusal.value)
    assert "start anew without --resume" in str(refusal.value)
    assert (tmp_path / FOLDER / "found").exists()


@pytest.mark.parametrize("text", [None, "no json", '{"schema": "hwcheck/unfinished"}'])
def test_nothing_to_continue_is_refused(text, tmp_path):
    """
    No folder, or one of which nobody knows what was asked.
    """
    if text is not None:
        cut_off(tmp_path)
        (tmp_path / FOLDER / "asked.json").write_text(text, encoding="utf-8")

    with (
        pytest.raises(UsageError, match="there is no unfinished run"),
        keeping(tmp_path, ASKED, SECOND, resume=True),
    ):
        pass

    assert (tmp_path / FOLDER).exists() == (text is not None)


def test_two_runs_at_a_time_are_refused(tmp_path):
    """
    Neither takes from the other what it has found.
    """
    with (
        keeping(tmp_path, ASKED, FIRST, resume=False),
        pytest.raises(UsageError, match="another run goes on"),
        keeping(tmp_path, ASKED, SECOND, resume=False),
    ):
        pass


def test_folder_that_cannot_be_made_is_refused(tmp_path):
    """
    A file of that name is not removed.
    """
    (tmp_path / FOLDER).touch()

    with (
        pytest.raises(UsageError, match="cannot be kept"),
        keeping(tmp_path, ASKED, FIRST, resume=False),
    ):
        pass


def test_what_is_asked_follows_from_the_files_of_the_plugin(tmp_path):
    """
    A changed line of the plugin is another question, and so is a variable that is passed on.
    """
    module = tmp_path / "acme" / "__init__.py"
    module.parent.mkdir()
    module.write_text("A = 1\n", encoding="utf-8")
    (tmp_path / "acme" / "lib.so").write_bytes(b"0")
    target = SimpleNamespace(
        plugin=SimpleNamespace(
            name="acme", version="1.0", entry_points=(SimpleNamespace(module="acme.x"),)
        ),
        host=SimpleNamespace(distribution="vllm", version="9.9"),
        files=SimpleNamespace(root=str(tmp_path)),
    )
    conditions = Conditions(pass_environment=("ACME_*",))

    def asked(**environment):
        return asked_of(target, conditions, ("--seed", "1"), environment)

    first = asked(ACME_MODE="1", OTHER="2")
    same = asked(ACME_MODE="1", OTHER="3")
    other = asked(ACME_MODE="2", OTHER="2")
    module.write_text("A = 2\n", encoding="utf-8")
    changed = asked(ACME_MODE="1", OTHER="2")

    assert first == same
    assert first.variables != other.variables
    assert first.code != changed.code
    assert (first.plugin, first.host) == ("acme 1.0", "vllm 9.9")
