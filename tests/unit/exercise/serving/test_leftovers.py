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


def test_held_now_leaves_out_files_that_another_process_maps(tmp_path: Path):
    """
    A file that is in use elsewhere is not what this process left behind.
    """
    (tmp_path / "mine").write_bytes(b"1" * mmap.PAGESIZE)
    (tmp_path / "theirs").write_bytes(b"1" * mmap.PAGESIZE)
    program = (
        "import mmap, sys\n"
        "file = open(sys.argv[1], 'r+b')\n"
        "held = mmap.mmap(file.fileno(), 0)\n"
        "print(flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "theirs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        found = held_now(shared_memory=tmp_path).shared_memory
        child.communicate(b"\n")

    assert found == {f"{tmp_path} mine"}


def test_held_now_without_shared_memory(tmp_path: Path):
    """
    A system without the folder has nothing in it.
    """
    assert held_now(shared_memory=tmp_path / "none").shared_memory == frozenset()
