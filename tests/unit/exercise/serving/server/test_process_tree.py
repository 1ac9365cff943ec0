"""Which processes belong to another, and what they hold."""

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from hwcheck.exercise.serving.server.process_tree import (
    descendants,
    end_all,
    held_shared_files,
    shared_files,
    still_running,
)

_SHARED = Path("/dev/shm")
_SLEEPS = "import sys, time; print(1, flush=True); time.sleep(60)"

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sleeps, in a session of its own, with a marker in its environment."""
    marked = {**os.environ, "HWCHECK_TEST_MARKER": uuid4().hex}
    command = [sys.executable, "-IS", "-c", _SLEEPS]
    with subprocess.Popen(
        command, env=marked, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_descendants_are_found_by_their_parent(child: subprocess.Popen[bytes]) -> None:
    """
    A child descends from this process.
    """
    found = descendants(os.getpid())

    assert child.pid in [item.id for item in found]


def test_descendants_are_found_by_a_marker(child: subprocess.Popen[bytes]) -> None:
    """
    A process that nobody's parent leads to is found by its environment.
    """
    marker = Path(f"/proc/{child.pid}/environ").read_bytes().split(b"HWCHECK_TEST_MARKER=")[1]

    found = descendants(child.pid + 10**7, marker.split(b"\0")[0].decode())

    assert [child.pid] == [item.id for item in found]


def test_end_all_ends_what_still_runs(child: subprocess.Popen[bytes]) -> None:
    """
    What was ended no longer runs, although its parent has not asked for its end.
    """
    found = tuple(item for item in descendants(os.getpid()) if item.id == child.pid)
    before = still_running(found)

    end_all(found)
    child.wait()

    assert before == found
    assert still_running(found) == ()


@pytest.mark.skipif(not _SHARED.is_dir(), reason="needs shared memory")
def test_held_shared_files_are_those_with_a_name() -> None:
    """
    A file that is mapped is held, closed or not; one that was taken away is not.
    """
    file = _SHARED / f"hwcheck-test-{uuid4().hex}"
    file.write_bytes(bytes(4096))
    with file.open("r+b") as stream:
        mapped = mmap.mmap(stream.fileno(), 4096)
    try:
        during = held_shared_files((os.getpid(),))
        there = shared_files()
    finally:
        file.unlink()
    after = held_shared_files((os.getpid(),))
    mapped.close()

    assert str(file) in during & there
    assert str(file) not in after
