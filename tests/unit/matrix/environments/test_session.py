"""What is run again, and what is kept."""

import pytest

from hwcheck.errors import UsageError
from hwcheck.matrix.environments.documents import DOCUMENT
from hwcheck.matrix.environments.job import JobResult
from hwcheck.matrix.environments.session import Places, carry_out_jobs
from hwcheck.model.matrix_attempt import Ending


@pytest.fixture
def carried_out(tmp_path, complete_document):
    """
    Carry out jobs with an executor that writes a document for each, and give endings and names run.
    """
    places = Places(folder=tmp_path / "runs")

    def carry_out(*jobs, resume=True, document=complete_document):
        ran = []

        def executor(waiting, outputs):
            for job in waiting:
                ran.append(job.name)
                (outputs[job.name] / DOCUMENT).write_bytes(document)
                yield JobResult(job=job, ending=Ending.RAN)

        results = carry_out_jobs(jobs, places, executor, resume=resume, tell=lambda line: None)
        return [result.ending for result in results], ran

    return carry_out


def test_complete_run_of_the_same_is_kept(carried_out, job_of):
    """
    What is done is not done again, unless something that it was made of has changed.
    """
    assert carried_out(job_of()) == ([Ending.RAN], [job_of().name])
    assert carried_out(job_of()) == ([Ending.KEPT], [])

    changed = job_of(options=("--seed", "1"))
    assert carried_out(changed) == ([Ending.RAN], [changed.name])


def test_without_resume_all_is_run(carried_out, job_of):
    """
    A run is only kept where that was asked for.
    """
    carried_out(job_of())

    assert carried_out(job_of(), resume=False)[1] == [job_of().name]


def test_changed_wheel_is_run_again(carried_out, job_of, tmp_path):
    """
    A file of the same name with another content is another plugin.
    """
    wheel = tmp_path / "acme-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    carried_out(job_of(plugin_install=str(wheel)))
    wheel.write_bytes(b"two")

    assert carried_out(job_of(plugin_install=str(wheel)))[0] == [Ending.RAN]


@pytest.mark.parametrize("damage", [b"", b"{", b"{}"])
def test_damaged_document_is_run_again(carried_out, job_of, tmp_path, damage):
    """
    A document that cannot be read is no result to keep.
    """
    carried_out(job_of())
    (tmp_path / "runs" / job_of().name / DOCUMENT).write_bytes(damage)

    assert carried_out(job_of())[0] == [Ending.RAN]


def test_job_that_was_cut_off_is_run_again(carried_out, job_of, complete_document):
    """
    Only what ran to its end is kept.
    """
    cut_off = complete_document.replace(b'"complete": true', b'"complete": false')
    assert cut_off != complete_document
    carried_out(job_of(), document=cut_off)

    assert carried_out(job_of())[0] == [Ending.RAN]


def test_equal_jobs_are_refused(carried_out, job_of):
    """
    Two jobs of one name would write into one folder.
    """
    with pytest.raises(UsageError, match="wanted twice"):
        carried_out(job_of(), job_of())


def test_unwritable_folder_is_refused(carried_out, job_of, tmp_path):
    """
    A file in the place of the folder is named.
    """
    (tmp_path / "runs").write_text("")

    with pytest.raises(UsageError, match="cannot write runs into"):
        carried_out(job_of())


def test_what_is_to_come_is_told_first(tmp_path, job_of):
    """
    Environments take minutes to make, in which nothing else is heard.
    """
    told = []

    def executor(waiting, outputs):
        told.append("begun")
        return iter(())

    places = Places(folder=tmp_path)
    tuple(carry_out_jobs([job_of()], places, executor, resume=False, tell=told.append))

    assert told == ["1 to run; each is told when it is over", "begun"]
