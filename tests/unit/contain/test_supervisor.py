"""Children of every kind, and what is said about their end."""

import signal

import pytest

from hwcheck.model.outcome import Cause

SLEEP = "import time; time.sleep(60)"
IGNORE = "import signal as s; [s.signal(n, s.SIG_IGN) for n in (s.SIGTERM, s.SIGINT, s.SIGHUP)]; "
DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve('/bin/sleep', ['sleep', sys.argv[1]], {environment})
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("code", [0, 3, 255])
def test_exit_code_of_child_is_reported_without_cause(child, code):
    """
    A child that ends by itself is not judged: its exit code is passed on.
    """
    end = child.run(f"raise SystemExit({code})")

    assert (end.exit_code, end.signal, end.cause) == (code, None, None)
    assert end.ended == f"exit {code}"
    assert end.left_processes == ()
    assert end.peak_bytes > 0


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_signal_that_kills_child_is_named(child, number):
    """
    A child killed by a signal has no exit code but the name of the signal.
    """
    end = child.run(f"import os; os.kill(os.getpid(), {number:d})")

    assert (end.exit_code, end.signal) == (None, number.name)
    assert end.cause is Cause.KILLED_BY_SIGNAL
    assert end.ended == f"killed by {number.name}"


def test_signal_without_name_is_given_as_number(child):
    """
    A real-time signal that Python has no name for is given by its number.
    """
    end = child.run("import os; os.kill(os.getpid(), 40)")

    assert end.ended == "killed by signal 40"


def test_command_that_does_not_exist_is_an_end_too(child):
    """
    A command that cannot be started is reported, not raised.
    """
    child.command = lambda code: ["/nowhere/python"]

    end = child.run("")

    assert end.cause is Cause.OTHER
    assert end.ended == "could not start '/nowhere/python': No such file or directory"


@pytest.mark.parametrize(
    "code",
    [
        SLEEP,
        IGNORE + SLEEP,
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "while True: pass",
    ],
    ids=["sleeping", "ignoring", "stopped", "busy"],
)
def test_child_beyond_total_limit_is_killed(child, code):
    """
    Whatever a child does about signals, it does not outlive its limit.
    """
    end = child.run(code, total=0.5)

    assert (end.exit_code, end.signal, end.cause) == (None, None, Cause.TIMED_OUT)
    assert end.ended == "timed out after 0.5 s"
    assert child.left() == []


def test_child_without_first_progress_is_killed_after_start_limit(child):
    """
    The limit for the start applies until something is written.
    """
    end = child.run(SLEEP, progress=True, start=0.4)

    assert end.cause is Cause.TIMED_OUT
    assert end.ended == "timed out after 0.4 s without progress"


def test_child_that_falls_silent_is_killed_after_step_limit(child):
    """
    After the first line of progress the limit for a step applies.
    """
    code = "import sys, time; open(sys.argv[2], 'a').write('{}\\n'); time.sleep(60)"

    end = child.run(code, progress=True, step=0.4)

    assert end.ended == "timed out after 0.4 s without progress"


def test_growing_memory_of_child_is_stopped(child):
    """
    A child that takes memory without end is ended at its limit, which is told.
    """
    code = "import time\na = []\nwhile True: a.append(b'x' * 2**22); time.sleep(0.01)"

    end = child.run(code, memory=100 * 2**20)

    assert end.cause is Cause.OUT_OF_MEMORY
    assert end.ended.endswith("of memory (limit 100.0 MiB)")
    assert end.peak_bytes > 100 * 2**20


def test_memory_of_grandchildren_is_counted(child):
    """
    Processes that are within the limit one by one can exceed it together.
    """
    code = "import os, time\nfor _ in range(3): os.fork()\na = b'x' * (20 * 2**20); time.sleep(60)"

    end = child.run(code, memory=100 * 2**20)

    assert end.cause is Cause.OUT_OF_MEMORY
    assert child.left() == []


def test_memory_shared_by_forked_processes_is_counted_once(child):
    """
    Forked processes that read the same pages do not multiply them.
    """
    code = """
import os, time
a = b'x' * (40 * 2**20)
for _ in range(3):
    if os.fork() == 0: time.sleep(0.4); os._exit(0)
for _ in range(3): os.wait()
"""

    end = child.run(code, memory=100 * 2**20)

    assert end.ended == "exit 0"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_flood_of_output_is_stopped(child, stream):
    """
    A child that writes too much is ended, whichever stream it writes to.
    """
    # Not without end: before a loaded machine lets us look, it could reach the limit of files.
    code = f"import sys, time\nfor _ in range(5000): sys.{stream}.write('y\\n' * 500)\n"

    end = child.run(code + "time.sleep(60)", output=2**20)

    assert end.cause is Cause.OUTPUT_FLOOD
    assert end.ended == "ended after 1.0 MiB of output"
    assert end.tail.endswith("y\ny")
    assert len(end.tail) <= 8 * 1024


def test_flood_that_ended_by_itself_is_a_flood_all_the_same(child):
    """
    The verdict does not depend on whether the child was faster than we.
    """
    end = child.run("import os; os.write(1, b'y' * 3000); os._exit(4)", output=2000)

    assert end.cause is Cause.OUTPUT_FLOOD


def test_output_of_both_streams_is_kept_apart(child):
    """
    The tail holds both streams, each under its name, without what would move a terminal.
    """
    code = "import os; os.write(1, b'\\x1b[31mone\\xff\\x00\\n'); os.write(2, b'two\\n')"

    end = child.run(code)

    assert end.tail == "--- stdout ---\none\ufffd\n--- stderr ---\ntwo"


@pytest.mark.parametrize("environment", ["os.environ", "{}"], ids=["kept", "cleared"])
def test_daemon_left_by_child_is_named_and_ended(child, environment):
    """
    A process in a session of its own, even without our marker, is found and ended.
    """
    end = child.run(DAEMON.format(environment=environment))

    assert end.ended == "exit 0"
    assert end.left_processes == (f"sleep {child.token}",)
    assert child.left() == []


def test_helper_that_follows_its_child_is_not_left(child):
    """
    A process that ends by itself shortly after the child is no fault.
    """
    end = child.run("import os, time\nif os.fork() == 0: time.sleep(0.1)")

    assert end.left_processes == ()


def test_helper_that_is_still_busy_is_not_left(child):
    """
    On a loaded machine a process that would end by itself has not had its turn yet.
    """
    busy = "end = time.monotonic() + 1.5\n    while time.monotonic() < end: pass"

    end = child.run(f"import os, time\nif os.fork() == 0:\n    {busy}")

    assert end.left_processes == ()


def test_daemon_of_child_beyond_its_limit_is_ended(child):
    """
    What a child started elsewhere ends with it.
    """
    end = child.run(DAEMON.format(environment="{}") + SLEEP, total=0.7)

    assert end.cause is Cause.TIMED_OUT
    assert child.left() == []


def test_many_forking_processes_are_all_ended(child):
    """
    Processes that keep forking and leaving their group are ended all the same.
    """
    code = """
import os, time
for _ in range(4):
    if os.fork() == 0: os.setsid()
end = time.monotonic() + 30
while time.monotonic() < end:
    if os.fork() == 0: time.sleep(0.05); os._exit(0)
    time.sleep(0.02)
"""

    end = child.run(code, total=0.7)

    assert end.cause is Cause.TIMED_OUT
    assert child.left() == []


def test_child_that_closes_all_descriptors_is_still_watched(child):
    """
    Nothing of the containment depends on descriptors that the child holds.
    """
    end = child.run("import os, time; os.closerange(0, 256); time.sleep(60)", total=0.5)

    assert end.ended == "timed out after 0.5 s"


def test_child_that_removes_its_directory_still_has_an_end(child):
    """
    A child that wipes what it can reach does not take its own end record with it.
    """
    code = f"import shutil; print('gone', flush=True); shutil.rmtree({str(child.directory)!r})"

    end = child.run(code)

    assert (end.ended, end.tail) == ("exit 0", "gone")


def test_child_has_no_input_no_core_and_its_own_session(child):
    """
    The child cannot read our terminal, dumps no core and gets signals of its own only.
    """
    code = (
        "import os, resource, signal, sys; print(repr(sys.stdin.read()), "
        "resource.getrlimit(resource.RLIMIT_CORE), os.getsid(0) == os.getpid(), "
        "signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    )

    end = child.run(code)

    assert end.tail == "'' (0, 0) True set()"
