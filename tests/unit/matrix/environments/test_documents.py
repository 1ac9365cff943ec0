"""Whose fault it is that there is no run document."""

import pytest

from hwcheck.matrix.environments.documents import DOCUMENT, result_of
from hwcheck.matrix.environments.tox_report import EnvironmentReport
from hwcheck.model.matrix_attempt import Ending


def report(**fields):
    return EnvironmentReport(**({"seconds": 1.0, "failed_step": None, "log": ""} | fields))


@pytest.mark.parametrize(
    ("told", "ending", "reason"),
    [
        (report(failed_step="pip install x"), Ending.ENVIRONMENT, "could not be made: pip install"),
        (report(exit_code=2, log="hwcheck: no plugin 'x'\n  a"), Ending.ENVIRONMENT, "no plugin"),
        (report(exit_code=3), Ending.HARNESS, "exit code 3"),
        (None, Ending.ENVIRONMENT, "did not come to it"),
    ],
    ids=["installation failed", "no such plugin", "hwcheck failed", "not begun"],
)
def test_missing_document_has_a_culprit(job_of, tmp_path, told, ending, reason):
    """
    A failure of the environment is told from one of hwcheck's, and neither is the plugin's.
    """
    result = result_of(job_of(), tmp_path, told, interrupted=False)

    assert (result.ending, result.document) == (ending, None)
    assert reason in result.reason


def test_interruption_explains_a_missing_document(job_of, tmp_path):
    """
    What an interruption cut off is nobody's failure.
    """
    result = result_of(job_of(), tmp_path, report(exit_code=3), interrupted=True)

    assert result.ending is Ending.INTERRUPTED


def test_complete_document_is_the_result(job_of, tmp_path, complete_document):
    """
    Where there is a document, what the plugin did is told there.
    """
    (tmp_path / DOCUMENT).write_bytes(complete_document)

    result = result_of(job_of(), tmp_path, report(exit_code=1), interrupted=False)

    assert (result.ending, result.document) == (Ending.RAN, tmp_path / DOCUMENT)


def test_unreadable_document_is_no_result(job_of, tmp_path):
    """
    A document that cannot be read says what is wrong with it.
    """
    (tmp_path / DOCUMENT).write_bytes(b"{")

    result = result_of(job_of(), tmp_path, report(exit_code=0), interrupted=False)

    assert result.ending is Ending.HARNESS
    assert DOCUMENT in result.reason
