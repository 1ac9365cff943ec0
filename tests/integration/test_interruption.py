"""Ctrl-C, SIGTERM and SIGKILL: nothing is left behind, and what was done is kept."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from hwcheck.contain.exchange import MARKER

GENEROUS = 60.0
"""Seconds that a loaded machine may take for what should take one or two."""

#: As much of vLLM as the staged child touches before it calls the entry point.
HOST = {
    "vllm/__init__.py": "__version__ = '9.9'\n",
    "vllm/platforms/__init__.py": (
        "_current_platform = None\ndef __getattr__(name):\n    raise AttributeError(name)\n"
    ),
    "vllm/platforms/interface.py": "class Platform:\n    pass\n",
    "vllm/plugins/__init__.py": "",
    "vllm-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 9.9\n",
}
PLUGIN = {
    "hanging.py": (
        "import os, pathlib, subprocess, sys, time\n"
        "def register():\n"
        "    reached = pathlib.Path(os.environ['VLLM_TEST_REACHED'])\n"
        "    if reached.with_name('go-on').exists():\n"
        "        return None\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    reached.touch()\n"
        "    time.sleep(600)\n"
    ),
    "hanging-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: hanging\nVersion: 1.0\n",
    "hanging-1.0.dist-info/entry_points.txt": (
        "[vllm.platform_plugins]\nhanging = hanging:register\n"
    ),
}


class Session:
    """`hwcheck run` on a plugin that hangs, and what belongs to it."""

    def __init__(self, folder):
        self.folder = folder
        self.reached = folder / "reached"
        self.token = f"VLLM_TEST_REACHED={self.reached}"
        for name, text in (HOST | PLUGIN).items():
            path = folder / "site" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def start(self, *words, hangs=True):
        """Start it, and wait until the plugin hangs."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hwcheck", "run", "hanging", "--format", "json", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder / "site"),
                "VLLM_TEST_REACHED": str(self.reached),
                "TMPDIR": str(self.folder),
            },
        )
        if hangs:
            assert eventually(lambda: self.reached.exists() or self.process.poll() is not None)
            assert self.process.poll() is None

    def end(self):
        """Wait for its end and return its two outputs."""
        output, errors = self.process.communicate(timeout=GENEROUS)
        return output.decode(), errors.decode()

    def left(self):
        """Return the processes that have our variable or folder, and are not hwcheck itself."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "environ", "status"]):
            info = process.info
            told = [*(info["cmdline"] or ()), *(info["environ"] or {}).values()]
            ours = any(str(self.folder) in word for word in told)
            if ours and info["status"] != psutil.STATUS_ZOMBIE and info["pid"] != os.getpid():
                found.append((info["pid"], info["cmdline"], MARKER in (info["environ"] or {})))
        return found


def eventually(condition: Callable[[], object]) -> bool:
    """Poll a condition for a bounded time and say whether it became true."""
    deadline = time.monotonic() + GENEROUS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path)
    made.start()
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_interruption_gives_an_incomplete_report(session, number):
    """
    Ctrl-C and a batch system's signals end the run with the report of what was done.
    """
    assert any(is_child for _, _, is_child in session.left())
    session.process.send_signal(number)
    output, errors = session.end()

    assert session.process.returncode == 3
    run = json.loads(output)["run"] if "run" in json.loads(output) else json.loads(output)
    assert run["complete"] is False
    assert "interrupted" in run["interruption"]
    assert "install.metadata" in {item["contract"] for item in run["outcomes"]}
    assert "Traceback" not in errors
    assert session.left() == []
    assert not list(session.folder.glob("hwcheck-*"))


def test_second_interruption_leaves_nothing(session):
    """
    Who presses Ctrl-C twice does not wait, and finds no process left either.
    """
    session.process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    session.process.send_signal(signal.SIGINT)
    _, errors = session.end()

    assert session.process.returncode == 3
    assert "Traceback" not in errors
    assert eventually(lambda: not session.left()), session.left()


def test_kill_of_hwcheck_leaves_nothing(session):
    """
    When hwcheck is killed, pytest, supervisors, children and theirs follow it.
    """
    session.process.kill()
    session.end()

    assert session.process.returncode == -signal.SIGKILL
    assert eventually(lambda: not session.left()), session.left()


def test_interruption_ignored_by_the_shell_still_ends_pytest(tmp_path):
    """
    A shell's background job ignores Ctrl-C; pytest, which is ended by it, must not.
    """
    made = Session(tmp_path)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        made.start()
    finally:
        signal.signal(signal.SIGINT, before)
    made.process.send_signal(signal.SIGTERM)
    output, _ = made.end()

    assert made.process.returncode == 3
    assert '"load.call"' not in output or "interrupted" in output
    assert made.left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=str)
def test_run_that_was_cut_off_is_continued(tmp_path, number):
    """
    What children have found before a run was interrupted or killed is kept, the rest is run, and
    the document says so; what was asked has to be the same.
    """
    words = ("--output", str(tmp_path / "out"))
    made = Session(tmp_path)
    made.start(*words)
    kept = tmp_path / "out" / "unfinished" / "probe"
    assert eventually((kept / "active" / "child.json").exists)
    made.process.send_signal(number)
    said = f"to continue it: hwcheck run hanging --output {tmp_path}/out --resume"
    assert (said in made.end()[1]) == (number is signal.SIGINT)
    assert eventually(lambda: not made.left())
    (tmp_path / "go-on").touch()

    made.start(*words, "--resume", "--seed", "5", hangs=False)
    _, errors = made.end()
    assert made.process.returncode == 2
    assert "the options: 'none' then, '--seed 5' now" in errors
    made.start(*words, "--resume", hangs=False)
    output, _ = made.end()

    run = json.loads(output)["run"]
    assert run["complete"]
    assert len(run["resumed"]) == 1
    called = {item["contract"]: item["state"] for item in run["outcomes"]}["load.call"]
    assert called != "broken"
    assert not (tmp_path / "out" / "unfinished").exists()
    assert made.left() == []


def test_nothing_to_continue_is_refused(tmp_path):
    """
    Who continues what is not there, or does not say where it is, is told so.
    """
    made = Session(tmp_path)

    made.start("--resume", hangs=False)
    assert "--resume: name the --output" in made.end()[1]
    made.start("--resume", "--output", str(tmp_path / "out"), hangs=False)
    errors = made.end()[1]

    assert "there is no unfinished run in" in errors
    assert "Traceback" not in errors
    assert made.process.returncode == 2
