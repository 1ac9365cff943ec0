"""The configuration of tox for jobs, one environment each."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hwcheck.matrix.environments.job import Job

__all__ = ["tox_settings"]

_PASSED = (
    "HOME",
    "HWCHECK_CACHE",
    "PIP_*",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "XDG_CACHE_HOME",
)
_REQUIRED = "tox>=4.30"
#: So that what a run has started is ended by the run itself, before tox ends the run.
_SECONDS_TO_STOP = 30.0


def tox_settings(jobs: Iterable[Job], outputs: Mapping[str, Path]) -> dict[str, Any]:
    """Make the content of a ``tox.toml``; `outputs` has the folder of each job's reports.

    tox finds the interpreters, makes the environments, keeps them while what is installed stays
    the same, and tells what failed.
    """
    environments = {job.name: _environment(job, outputs[job.name]) for job in jobs}
    return {
        "requires": [_REQUIRED],
        "no_package": True,
        "env_list": list(environments),
        "skip_missing_interpreters": False,
        "env_run_base": {
            "pass_env": [
                "HOME",
                "HWCHECK_CACHE",
                "PIP_*",
                "REQUESTS_CA_BUNDLE",
                "SSL_CERT_FILE",
                "XDG_CACHE_HOME",
            ],
            "interrupt_timeout": _SECONDS_TO_STOP,
            "terminate_timeout": _SECONDS_TO_STOP,
        },
        "env": environments,
    }


def _environment(job: Job, output: Path) -> dict[str, Any]:
    variables = {"PYTHONSAFEPATH": "1", **dict(job.variables)}
    settings: dict[str, Any] = {
        "description": _plain(f"{job.plugin} {job.version} under vLLM {job.host}"),
        "base_python": [job.base_python],
        "set_env": {name: _plain(value) for name, value in variables.items()},
        "allowlist_externals": [_plain(sys.executable)],
        "commands": [[_plain(word) for word in _run(job, output)]],
    }
    if job.python is None:
        settings["deps"] = [_plain(requirement) for requirement in job.requirements]
        settings["commands_pre"] = [*_preparations(job)]
        # What the command names is an interpreter of tox's, which only tox can name.
        settings["commands"][0][settings["commands"][0].index("--python") + 1] = "{env_python}"
    return settings


def _preparations(job: Job) -> Iterable[list[str]]:
    pip = ["python", "-m", "pip"]
    if job.removed:
        yield [*pip, "uninstall", "--quiet", "--yes", *map(_plain, job.removed)]
    if job.plugin_install:
        # A file of the same version can have another content.
        install = [*pip, "install", "--quiet", "--no-deps", "--force-reinstall"]
        yield [*install, _plain(job.plugin_install)]


def _run(job: Job, output: Path) -> list[str]:
    return [
        sys.executable,
        "-P",
        "-m",
        "hwcheck",
        "run",
        job.entry,
        "--python",
        job.python or "",
        "--report-only",
        "--output",
        str(output),
        *job.options,
    ]


def _plain(text: str) -> str:
    """Write a text so that tox substitutes nothing in it."""
    return text.replace("{", "\\{").replace("}", "\\}")
