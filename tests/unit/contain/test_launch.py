"""What happens to children when we, or their supervisor, end first."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from hwcheck.contain.launch import Limits, start_contained
from hwcheck.model.outcome import Cause

SLEEPER = "import sys, time; open(sys.argv[2], 'a').write('{}\\n'); time.sleep(60)"

PARENT = """
import os, sys
from pathlib import Path
from hwcheck.contain.launch import Limits, run_contained
try:
    run_contained(
        sys.argv[2:],
        environment=dict(os.environ),
        directory=Path(sys.argv[1]),
        limits=Limits(total=30.0),
    )
except KeyboardInterrupt:
    raise SystemExit(77)
"""


@pytest.fixture
def start(child):
    """Start a child that runs some code; stop it at the end."""
    started = []

    def start_code(code, *, name="child"):
        contained = start_contained(
            child.command(code),
            environment=dict(os.environ),
            directory=child.directory / name,
            limits=Limits(total=30.0),
            progress=child.progress,
        )
        started.append(contained)
        return contained

    yield start_code

    for contained in started:
        contained.stop()


@pytest.fixture
def parent(child, wait_until):
    """A process of its own that runs a sleeping child."""
    command = [sys.executable, "-c", PARENT, str(child.directory / "child")]
    with subprocess.Popen([*command, *child.command(SLEEPER)]) as process:
        assert wait_until(child.progress.exists)
        yield process
        process.kill()


def supervisors() -> list[psutil.Process]:
    return [
        process
        for process in psutil.Process().children()
        if "hwcheck.contain.supervisor" in process.cmdline()
    ]


def test_killed_parent_leaves_no_child(parent, child, wait_until):
    """
    Even a parent that is killed with SIGKILL takes its children with it.
    """
    parent.send_signal(signal.SIGKILL)

    assert wait_until(lambda: child.left() == [])


def test_interrupted_parent_leaves_no_child(parent, child):
    """
    Ctrl-C ends the child before the parent learns of it.
    """
    parent.send_signal(signal.SIGINT)

    assert parent.wait() == 77
    assert child.left() == []


def test_killed_supervisor_is_told_and_leaves_no_child(start, child, wait_until):
    """
    A supervisor that dies without a record is told, and what it watched is ended.
    """
    contained = start(
        "import os, sys, time\n"
        "if os.fork() == 0: os.setsid(); time.sleep(60)\n"
        "print('before', flush=True); open(sys.argv[2], 'a').write('{}\\n'); time.sleep(60)"
    )
    assert wait_until(child.progress.exists)
    supervisors()[0].kill()

    end = contained.wait()

    assert end.cause is Cause.OTHER
    assert end.ended == "the supervisor was killed by signal 9 and left no record"
    assert end.tail == "before"
    assert wait_until(lambda: child.left() == [])


def test_supervisor_that_fails_says_why(start, child):
    """
    An end record that cannot be written is no end of hwcheck.
    """
    directory = str(child.directory / "child")
    contained = start(f"import os; os.mkdir({directory!r} + '/end.json')")

    end = contained.wait()

    assert end.cause is Cause.OTHER
    assert end.ended.startswith("the supervisor ended with exit 1 and left no record: IsADirectory")


def test_stopped_child_is_interrupted(start, child, wait_until):
    """
    A child that we stop has been interrupted, and stays so.
    """
    contained = start(SLEEPER)
    assert wait_until(child.progress.exists)

    end = contained.stop()

    assert (end.cause, end.ended) == (Cause.INTERRUPTED, "interrupted")
    assert contained.wait() == end
    assert child.left() == []


def test_child_stopped_at_once_is_interrupted(start, child):
    """
    Stopping is safe before the supervisor has come up.
    """
    end = start(SLEEPER).stop()

    assert end.cause is Cause.INTERRUPTED
    assert child.left() == []


def test_child_that_freezes_its_supervisor_can_be_stopped(start, child, wait_until):
    """
    A stopped supervisor is woken to do its work.
    """
    freeze = "import os, signal; os.kill(os.getppid(), signal.SIGSTOP); "
    contained = start(freeze + SLEEPER)
    assert wait_until(child.progress.exists)

    end = contained.stop()

    assert end.cause is Cause.INTERRUPTED
    assert child.left() == []


def test_two_children_run_at_once(start, child):
    """
    Children of the same parent do not disturb each other.
    """
    first = start("print(1)", name="first")
    second = start("print(2)", name="second")

    ends = [first.wait(), second.wait()]

    assert [end.tail for end in ends] == ["1", "2"]
    assert replace(ends[0], tail="", seconds=0.0, peak_bytes=0) == replace(
        ends[1], tail="", seconds=0.0, peak_bytes=0
    )


def test_supervisor_ignores_modules_in_the_working_directory(child, tmp_path, monkeypatch):
    """
    A file that is named like a module of ours is not run.
    """
    (tmp_path / "psutil.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)

    end = child.run("print('fine')")

    assert end.tail == "fine"


def test_environment_of_child_is_exact(child):
    """
    The child gets what it was given and a marker; no request with secrets stays behind.
    """
    with start_contained(
        [sys.executable, "-c", "import os; print(*sorted(set(os.environ) - {'LC_CTYPE'}))"],
        environment={"ONE": "1", "HF_TOKEN": "secret"},
        directory=child.directory / "child",
        limits=Limits(),
    ) as contained:
        end = contained.wait()

    assert end.tail == "HF_TOKEN HWCHECK_CHILD ONE"
    assert not (child.directory / "child" / "request.json").exists()
