"""Run documents from anywhere, put into the folder of a matrix."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hwcheck.codec import decode_run
from hwcheck.errors import ReportError
from hwcheck.matrix.documents import RUNS, add_runs, read_runs
from hwcheck.model.check import Baseline, BaselineKind, Check

OLD = Path(__file__).parents[2] / "data" / "run-1.json"


def test_documents_are_named_by_content_and_kept_once(tmp_path, keep, run):
    """
    The same run under two names is one; another one is another.
    """
    first = keep("a.json", run())
    keep("copy.json", run())
    keep("b.json", run(started="2026-11-21T00:00:00+00:00"))

    added = add_runs(["documents"], tmp_path / "site", seen_from=tmp_path)
    again = add_runs([str(first)], tmp_path / "site", seen_from=tmp_path)

    assert len(added.new) == 2
    assert (again.new, set(again.known) < set(added.new)) == ((), True)
    names = sorted(path.name for path in (tmp_path / "site" / RUNS).iterdir())
    assert names == sorted(f"{id_}.json" for id_ in added.new)


def test_form_of_a_document_does_not_matter(tmp_path, keep, run):
    """
    The same run on one line, with its fields in another order, has the same name.
    """
    path = keep("a.json", run())
    document = json.loads(path.read_text())
    other = tmp_path / "b.json"
    other.write_text(json.dumps(dict(reversed(document.items()))))

    (first,), _ = read_runs([str(path)], tmp_path)
    (second,), _ = read_runs([str(other)], tmp_path)

    assert first.id == second.id


def test_older_documents_are_brought_up_to_date(tmp_path):
    """
    A document of version 1 is stored as the present version.
    """
    added = add_runs([str(OLD)], tmp_path, seen_from=tmp_path)

    assert added.problems == ()
    (path,) = (tmp_path / RUNS).iterdir()
    document = json.loads(path.read_text())
    assert document["version"] > 1
    assert decode_run(path.read_bytes(), "stored").plugin.name


def broken(data):
    """Cut a document in the middle."""
    return data[: len(data) // 2]


def newer(data):
    """Make a document of the future."""
    return json.dumps({**json.loads(data), "version": 99}).encode()


def foreign(data):
    """Make another tool's document."""
    return json.dumps({"schema": "sarif", "runs": []}).encode()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (broken, ("truncated", "make it again")),
        (newer, ("made by a newer hwcheck", "upgrade hwcheck")),
        (foreign, ("'sarif' at `$.schema`", "give a document that")),
        (lambda data: b"", ("empty (0 bytes)", "make it again")),
        (lambda data: b"no JSON", ("not JSON", "give a document")),
        (lambda data: b"\xff\xfe\x00", ("not JSON", "give a document")),
    ],
    ids=["truncated", "newer", "foreign", "empty", "text", "binary"],
)
def test_bad_documents_harm_no_other(tmp_path, keep, run, spoil, words):
    """
    What cannot be read is told with a remedy, and the runs beside it are added.
    """
    good = keep("good.json", run())
    (tmp_path / "documents" / "bad.json").write_bytes(spoil(good.read_bytes()))

    added = add_runs(["documents"], tmp_path / "site", seen_from=tmp_path)

    assert len(added.new) == 1
    ((problem),) = added.problems
    assert problem.subject == "documents/bad.json"
    assert words[0] in problem.detail
    assert words[1] in problem.remedy


def test_what_is_no_run_of_a_host_is_refused(tmp_path, keep, run):
    """
    The document of a check, and a run that found no vLLM, have no place in a matrix.
    """
    check = Check(
        host="0.3.0",
        baseline=Baseline(kind=BaselineKind.NONE, host=None, reason=""),
        findings=(),
    )
    keep("check.json", replace(run(), check=check))
    keep("nowhere.json", run(host=None))

    runs, problems = read_runs(["documents"], tmp_path)

    assert runs == ()
    assert [problem.subject for problem in problems] == [
        "documents/check.json",
        "documents/nowhere.json",
    ]
    assert "a check, not of a run" in problems[0].detail


@pytest.mark.parametrize("word", ["documents/*.json", "documents", "{}/documents/*.json"])
def test_patterns_and_folders_are_looked_through(tmp_path, keep, run, word):
    """
    A folder stands for all documents below it, a pattern for those that it fits.
    """
    keep("a.json", run())

    runs, problems = read_runs([word.format(tmp_path)], tmp_path)

    assert (len(runs), problems) == (1, ())


@pytest.mark.parametrize("word", ["missing.json", "*.none", "nul\0byte", "missing/"])
def test_what_is_not_there_is_told(tmp_path, word):
    """
    A word that stands for nothing is a problem, not silence.
    """
    runs, (problem,) = read_runs([word], tmp_path)

    assert (runs, problem.subject) == ((), word)
    assert "no document" in problem.detail


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path, keep, run):
    """
    Nothing is half written where a file stands in the folder's place.
    """
    path = keep("a.json", run())
    (tmp_path / "site").write_text("a file")

    with pytest.raises(ReportError, match="cannot write"):
        add_runs([str(path)], tmp_path / "site", seen_from=tmp_path)
