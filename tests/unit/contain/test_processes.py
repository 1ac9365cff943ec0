"""Processes below ours, found in two ways."""

import subprocess
import sys

import pytest

from hwcheck.contain import processes
from hwcheck.contain.processes import descendants, descendants_at_a_glance, resident_bytes

#: Starts a process from a thread that goes on, and says so.
PARENT = """
import subprocess, sys, threading
def start():
    child = subprocess.Popen(["sleep", "60"])
    print(child.pid, flush=True)
    child.wait()
threading.Thread(target=start).start()
"""


@pytest.fixture
def family():
    """The ids of a child and of a grandchild, which one of its threads has started."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        ids = {parent.pid, int(parent.stdout.readline())}
        yield ids
        for process in descendants():
            if process.pid in ids:
                process.kill()


def test_glance_finds_what_threads_have_started(family):
    """
    What is found at little cost is what is found by looking at all processes.
    """
    found = {process.pid for process in descendants_at_a_glance()}

    assert family <= found
    assert family <= {process.pid for process in descendants()}


def test_memory_of_what_a_glance_finds_is_measured(family):
    """
    The processes that are found can be asked.
    """
    own = [process for process in descendants_at_a_glance() if process.pid in family]

    assert len(own) == 2
    assert resident_bytes(own, limit=2**40) > 2**20


def test_system_without_lists_of_children_is_looked_through(family, monkeypatch, tmp_path):
    """
    Without lists of children, all processes are looked at.
    """
    monkeypatch.setattr(processes, "_CHILDREN", tmp_path / "children")

    assert family <= {process.pid for process in descendants_at_a_glance()}
