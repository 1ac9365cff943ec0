"""A run of a real engine that is killed is continued, and finds what it would have found."""

import importlib.util
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

HOST = importlib.util.find_spec("vllm") is not None
SELECTED = (
    *("generate.greedy", "generate.logprobs", "generate.volume"),
    *("stop.token", "stop.length", "cache.prefix"),
)
#: So many contracts are examined before the run is killed.
EXAMINED = 2
SECONDS = 400.0

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]


def command(output: Path, *words: str) -> list[str]:
    selected = [word for id_ in SELECTED for word in ("--contract", id_)]
    run = (sys.executable, "-P", "-m", "hwcheck", "run", "sample_cpu")
    return [*run, *selected, "--output", str(output), *words]


def examined(reply: Path) -> list[str]:
    """The contracts whose examination has ended, as a child tells them."""
    lines = reply.read_text(encoding="utf-8").splitlines() if reply.exists() else []
    ended = [json.loads(json.loads(line)["record"]) for line in lines if '"end"' in line]
    return [item["subject"] for item in ended if item["name"] == "examine"]


def test_killed_run_is_continued(install_sample: Any, tmp_path: Path):
    """
    The contracts that were examined before the kill are not examined again, and all have an
    outcome; the plan and the pace are told on standard error. The folder is named as users do.
    """
    sample, output = install_sample("sample-cpu"), tmp_path / "out"
    probe = output / "unfinished" / "probe"
    first = subprocess.Popen(
        command(Path(output.name)),
        cwd=tmp_path,
        env=sample.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + SECONDS
    while len(examined(probe / "serving" / "reply.jsonl")) < EXAMINED:
        assert first.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    told = first.communicate(timeout=60)[1]
    before = examined(probe / "serving" / "reply.jsonl")
    assert sample.left_processes() == []

    words = ("--resume", "--keep", str(tmp_path / "files"))
    done = sample.python(*command(Path(output.name), *words)[2:], cwd=tmp_path, timeout=SECONDS)

    assert done.returncode == 0, done.stderr[-4000:]
    assert "engines to start: 1;" in told
    run = json.loads((output / "run.json").read_text(encoding="utf-8"))["run"]
    states = {item["contract"]: item["state"] for item in run["outcomes"]}
    assert dict.fromkeys(SELECTED, "passed") == states
    assert (run["complete"], len(run["resumed"])) == (True, 1)
    assert "continues the run of" in (output / "report.md").read_text(encoding="utf-8")
    (asked,) = (tmp_path / "files").glob("run-*/*/probe/serving-2/probe.json")
    left = json.loads(asked.read_text(encoding="utf-8"))["examinations"]
    assert EXAMINED <= len(before) < len(SELECTED)
    assert sorted([*before, *left]) == sorted(SELECTED)
    assert not (output / "unfinished").exists()
