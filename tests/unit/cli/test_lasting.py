"""What a command outlives."""

import os
import signal
import subprocess
import sys

import pytest

from hwcheck.cli.lasting import termination_interrupts


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_of_a_batch_system_interrupts(number):
    """
    It is taken for Ctrl-C inside, and as before outside.
    """
    before = signal.getsignal(number)

    with pytest.raises(KeyboardInterrupt), termination_interrupts():
        signal.raise_signal(number)

    assert signal.getsignal(number) is before


def test_signal_that_is_ignored_stays_ignored():
    """
    nohup means that a closed terminal does not matter.
    """
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with termination_interrupts():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_command_goes_on_when_nobody_reads_what_it_tells(tmp_path):
    """
    With `2>&1 | tee log`, Ctrl-C ends the reader too, and what was found has yet to be written.
    """
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from hwcheck.cli.lasting import keep_standard_error\n"
        "keep_standard_error()\n"
        "for _ in range(3):\n"
        "    print('told', file=sys.stderr, flush=True)\n"
        f"Path({str(tmp_path / 'done')!r}).write_text('whole')\n"
    )
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run([sys.executable, "-c", script], stderr=write, check=False)
    os.close(write)

    assert done.returncode == 0
    assert (tmp_path / "done").read_text() == "whole"


def test_what_is_told_arrives_as_before():
    """
    A name from a stranger is shown in any encoding, at once and in order.
    """
    script = (
        "import os, sys\nfrom hwcheck.cli.lasting import keep_standard_error\n"
        "sys.stderr.write('one ')\nkeep_standard_error()\nsys.stderr.write('t\\u2026o ')\n"
        "os.write(2, b'three')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=True,
    )

    assert done.stderr == b"one t\\u2026o three"
