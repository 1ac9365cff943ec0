"""What a vendor's CI does, on a plugin under the miniature host: it needs no vLLM."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HOST = ROOT / "tests" / "miniature_host"
PAGE = ROOT / "docs" / "how-to-vendor-ci.md"
PROJECT = """\
[project]
name = "vllm-acme"
version = "1.0"

[project.entry-points."vllm.platform_plugins"]
acme = "acme_plugin:register"
"""
#: Fails in all processes of a first run, in none of a rerun, whose folder is told by its name.
NOT_READY = """
import os
from pathlib import Path
is_again = "rerun-" in f"{os.environ} {os.getcwd()}"
if not is_again and not Path(__file__).with_name("ready").exists():
    raise RuntimeError("the bus was not ready")
"""
WAIVER = """
[[waiver]]
id = "load.call[acme]"
class = "plugin-bug"
reason = "the bus needs time"
owner = "firmware"
expires = {expires}
signature = {{exception = "RuntimeError", message = "bus was not"}}
"""
#: By example of the page: the codes that it may end with; see the tests for why.
ALLOWED = ({0}, {0, 1}, {1, 3}, {0})
RUN = ("run", "acme", "--contract", "load.call", "--format", "json")

Ended = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's repository, and the environment in which its plugin is installed."""

    folder: Path
    environment: dict[str, str]

    def shell(self, line: str) -> Ended:
        """Run a line as GitHub's runner does."""
        return self._run(["bash", "-eo", "pipefail", "-c", line])

    def hwcheck(self, *words: str) -> Ended:
        return self._run(["hwcheck", *words])

    def _run(self, command: list[str]) -> Ended:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def vendor_of(workshop: Any, tmp_path: Path) -> Callable[..., Vendor]:
    """Make the repository of a plugin whose entry point has this body, and install the plugin."""

    def make(body: str = "") -> Vendor:
        workshop.acme(body=body)
        folder, commands = tmp_path / "repository", tmp_path / "bin"
        folder.mkdir()
        (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        (folder / "acme_plugin").symlink_to(workshop.site / "acme_plugin")
        commands.mkdir()
        command = commands / "hwcheck"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m hwcheck "$@"\n', "utf-8")
        command.chmod(0o755)
        path = [str(workshop.site), str(HOST), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ,
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, path)),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "HWCHECK_CACHE": str(tmp_path / "cache"),
        }
        return Vendor(folder, environment)

    return make


def lines_of_workflow(text: str) -> list[str]:
    """The commands of its steps, in order."""
    found: list[str] = []
    for step in re.finditer(r"^ +run: (\||.+)\n((?:          .+\n)*)", text, re.MULTILINE):
        found += step[2].split("\n") if step[1] == "|" else [step[1]]
    return [line.strip() for line in found if line.strip()]


def test_commands_of_the_workflow_work_where_it_is_written(vendor_of: Callable[..., Vendor]):
    """
    All but those of pip are run in order, as a runner does; each leaves what the next one needs.
    """
    vendor = vendor_of()
    assert vendor.hwcheck("init").returncode == 0
    text = (vendor.folder / ".github/workflows/hwcheck.yml").read_text(encoding="utf-8")

    commands = lines_of_workflow(text)
    done = [vendor.shell(line) for line in commands if not line.startswith("python -m pip ")]

    assert len(commands) - len(done) == 4
    check, run, summary, bundle = done
    assert check.returncode in {0, 1}, check.stderr
    assert check.stdout.startswith("::")
    # The miniature host has no engine parts, so a part of P1 cannot be measured or is broken.
    assert run.returncode in {1, 3}, run.stderr
    assert run.stdout.startswith("::")
    assert (summary.returncode, bundle.returncode) == (0, 0), summary.stderr + bundle.stderr
    told = Path(vendor.environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert told.startswith("# hwcheck: vllm-acme")
    verified = vendor.hwcheck("bundle", "verify", "reports/evidence.zip")
    assert verified.returncode == 0, verified.stdout
    assert "it adds up" in verified.stdout


def test_examples_of_the_page_work(vendor_of: Callable[..., Vendor]):
    """
    What the page shows is run in the order of the page.
    """
    vendor = vendor_of()
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.strip().splitlines()]

    done = [vendor.shell(line.replace("my_plugin", "acme")) for line in lines]

    assert [line.split()[1] for line in lines] == ["init", "check", "run", "bundle"]
    assert [item.returncode in allowed for item, allowed in zip(done, ALLOWED, strict=True)] == [
        True
    ] * 4
    assert not any("Traceback" in item.stderr for item in done)


def test_failure_that_does_not_come_back_is_flaky_and_no_pass(vendor_of: Callable[..., Vendor]):
    """
    Broken without a rerun; with two it tells its rate; a waiver covers it until its end.
    """
    vendor = vendor_of(NOT_READY)
    ready = vendor.folder / "acme_plugin" / "ready"

    once = vendor.hwcheck(*RUN)
    again = vendor.hwcheck(*RUN, "--reruns", "2")
    (vendor.folder / "hwcheck.toml").write_text(WAIVER.format(expires="2026-12-31"), "utf-8")
    waived = vendor.hwcheck(*RUN, "--reruns", "1", "--today", "2026-12-01")
    ready.touch()
    passing = vendor.hwcheck(*RUN, "--today", "2026-12-01")
    ready.unlink()
    expired = vendor.hwcheck(*RUN, "--today", "2027-01-01")

    assert [states_of(item) for item in (once, again, waived, passing, expired)] == [
        ["broken"],
        ["flaky"],
        ["waived"],
        ["passed"],
        ["broken"],
    ]
    assert [item.returncode for item in (once, again, waived, passing, expired)] == [1, 1, 0, 1, 1]
    assert run_of(again)["outcomes"][0]["reruns"] == {"times": 2, "failed": 0}
    assert [run_of(item)["waivers"][0]["standing"] for item in (waived, passing, expired)] == [
        "used",
        "passes",
        "expired",
    ]


def run_of(done: Ended) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(done.stdout)["run"]
    return run


def states_of(done: Ended) -> list[str]:
    return [outcome["state"] for outcome in run_of(done)["outcomes"]]
