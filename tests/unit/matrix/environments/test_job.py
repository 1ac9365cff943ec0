"""The names and the fingerprints of jobs."""

import re

import pytest

from hwcheck.matrix.environments.job import fingerprint


@pytest.mark.parametrize(
    "change",
    [{"host": "0.31.0"}, {"version": "1.0.post1"}, {"torch": "2.13.0"}, {"plugin": "../../acme"}],
    ids=str,
)
def test_name_is_safe_and_differs(job_of, change):
    """
    Each environment has a name of its own, which no word of a plugin's leads out of its folder.
    """
    names = {job_of().name, job_of(**change).name}

    assert len(names) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._]*", name) for name in names)
    assert not any(".." in name for name in names)


def test_words_of_one_plain_form_keep_two_names(job_of):
    """
    Two plugins whose names look alike once they are plain do not share an environment.
    """
    assert job_of(plugin="acme_x").name != job_of(plugin="acme/x").name


@pytest.mark.parametrize(
    ("change", "digest"),
    [({"options": ("--profile", "P2")}, "a"), ({"requirements": ()}, "a"), ({}, "b")],
    ids=["other options", "other requirements", "other files"],
)
def test_fingerprint_is_of_all_inputs(job_of, change, digest):
    """
    What is run or installed in another way is another run.
    """
    assert fingerprint(job_of(), "a") != fingerprint(job_of(**change), digest)
    assert fingerprint(job_of(), "a") == fingerprint(job_of(), "a")
