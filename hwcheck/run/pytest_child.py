"""Run pytest so that it does not outlive hwcheck; run as a program with hwcheck's process id.

A killed hwcheck ends nothing in good order; the kernel then ends this process, and the
supervisors, which watch it, end the children of the probe.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress

import pytest

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    # Absent outside Linux, where pytest then comes to its own end.
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("hwcheck ended before pytest began")
    # A shell starts what it puts in the background with Ctrl-C ignored; we are ended by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(pytest.main(sys.argv[2:]))
