"""Real children, and a way to see whether anything of them is left."""

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from hwcheck.contain.launch import ChildEnd, Limits, run_contained

GENEROUS = 20.0
"""Seconds that a loaded machine may take for what should take none."""


def wait_until(condition: Callable[[], object]) -> bool:
    """Poll `condition` for a bounded time and say whether it became true."""
    deadline = time.monotonic() + GENEROUS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Child:
    """A Python child whose processes all carry a token on their command line."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        # ``sleep`` takes it as its number of seconds.
        self.token = f"60.{random.randrange(10**11, 10**12)}"
        self.progress = directory / "progress.jsonl"

    def command(self, code: str) -> list[str]:
        """Return the command of a child that runs `code`, which finds the token in `sys.argv`."""
        return [sys.executable, "-S", "-E", "-c", code, self.token, str(self.progress)]

    def run(self, code: str, *, progress: bool = False, **limits: float) -> ChildEnd:
        """Run `code` to its end."""
        return run_contained(
            self.command(code),
            environment=dict(os.environ),
            directory=self.directory / "child",
            limits=Limits(**{"total": GENEROUS, **limits}),
            progress=self.progress if progress else None,
        )

    def left(self) -> list[str]:
        """Return the command lines of living processes that carry the token."""
        found = psutil.process_iter(["cmdline", "status"])
        return [
            " ".join(process.info["cmdline"])
            for process in found
            if self.token in (process.info["cmdline"] or ())
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ]


@pytest.fixture
def child(tmp_path):
    return Child(tmp_path)


@pytest.fixture(name="wait_until")
def wait_until_fixture():
    return wait_until
