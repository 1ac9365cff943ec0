"""What a process holds, and what grows."""

import mmap
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hwcheck.exercise.serving.leftovers import Holdings, growing, held_now

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def holdings(**held: frozenset[str]) -> Holdings:
    kinds = ("processes", "threads", "ports", "shared_memory")
    return Holdings(resident=0, **{kind: held.get(kind, frozenset()) for kind in kinds})


def test_growing_names_what_each_look_adds():
    """
    Something new each time, and still there, is left behind.
    """
    threads = ("main 1", "waits 2", "waits 3")
    held = [holdings(threads=frozenset(threads[:count])) for count in (1, 2, 3)]

    assert growing(held) == {"threads": "2 more (waits)"}


def test_growing_forgives_what_comes_once_or_goes_again():
    """
    A pool that is made when it is first needed is no leak, nor is what ends later.
    """
    once = [holdings(ports=frozenset(item)) for item in ("", "a", "a")]
    passing = [holdings(threads=frozenset(item)) for item in ("a", "b", "c")]

    assert growing(once) == {}
    assert growing(passing) == {}


def test_held_now_sees_a_child_a_thread_and_a_port(tmp_path: Path):
    """
    Each is there while it lives, and not before.
    """
    before = held_now(shared_memory=tmp_path)
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    with (
        socket.create_server(("127.0.0.1", 0)),
        subprocess.Popen(["sleep", "30"]) as child,
    ):
        during = held_now(shared_memory=tmp_path)
        child.kill()
    end.set()
    thread.join()

    assert f"sleep {child.pid}" in during.processes - before.processes
    assert len(during.threads - before.threads) == 1
    assert len(during.ports - before.ports) == 1
    assert held_now(shared_memory=tmp_path).ports == before.ports
    assert before.resident > 0


def test_held_now_counts_files_in_use_and_forgets_those_that_are_gone(tmp_path: Path):
    """
    What others made is not counted; what was in use counts until it is removed.
    """
    (tmp_path / "others").write_bytes(b"1")
    (tmp_path / "opened").write_bytes(b"1")
    (tmp_path / "mapped").write_bytes(b"1" * mmap.PAGESIZE)
    with (tmp_path / "mapped").open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    with (tmp_path / "opened").open("rb"):
        during = held_now(shared_memory=tmp_path)
    mapped.close()
    (tmp_path / "opened").unlink()
    after = held_now(during, shared_memory=tmp_path)

    assert during.shared_memory == {f"{tmp_path} opened", f"{tmp_path} mapped"}
    assert after.shared_memory == {f"{tmp_path} mapped"}
