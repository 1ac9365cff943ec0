"""What is remembered of runs that did not come about."""

from dataclasses import replace

import pytest

from hwcheck.errors import CodecError
from hwcheck.matrix.attempts import ATTEMPTS, keep_attempts, read_attempts
from hwcheck.matrix.environments.job import Job, JobResult
from hwcheck.model.matrix_attempt import Ending


def result(ending, **fields):
    job = Job(**({"plugin": "acme", "version": "1.0", "entry": "acme", "host": "0.32.0"} | fields))
    return JobResult(job=job, ending=ending, reason="why")


def test_failure_is_kept_until_the_same_job_runs(tmp_path):
    """
    A later success takes the failure away; one of another host or torch does not.
    """
    keep_attempts(tmp_path, [result(Ending.ENVIRONMENT), result(Ending.LOST, torch="2.13.0")])
    assert [item.ending for item in read_attempts(tmp_path)] == [Ending.ENVIRONMENT, Ending.LOST]

    keep_attempts(tmp_path, [result(Ending.RAN)])
    assert [item.ending for item in read_attempts(tmp_path)] == [Ending.LOST]


def test_order_does_not_matter(tmp_path):
    """
    The same attempts give the same bytes.
    """
    items = [result(Ending.LOST, host="0.31.0"), result(Ending.HARNESS)]
    keep_attempts(tmp_path / "one", items)
    keep_attempts(tmp_path / "two", reversed(items))

    one, two = ((tmp_path / name / ATTEMPTS).read_bytes() for name in ("one", "two"))
    assert one == two


def test_nothing_was_tried(tmp_path):
    """
    A folder without the file has no attempts.
    """
    assert read_attempts(tmp_path) == ()


@pytest.mark.parametrize("text", ["", "{", '{"schema": "other", "version": 1, "attempts": []}'])
def test_damaged_file_is_named(tmp_path, text):
    """
    A file that was cut off or is another one's is refused by its name.
    """
    (tmp_path / ATTEMPTS).write_text(text)

    with pytest.raises(CodecError, match=ATTEMPTS):
        read_attempts(tmp_path)


def test_machine_of_an_attempt_is_not_told(tmp_path):
    """
    The folder is published: what was said is kept without the places of the machine.
    """
    said = "Looking in links: /home/bob/wheels/here\nERROR: no matching distribution found for acme"
    keep_attempts(tmp_path, [replace(result(Ending.ENVIRONMENT), log=said)])

    (kept,) = read_attempts(tmp_path)
    assert "/home" not in kept.log
    assert "no matching distribution found for acme" in kept.log
