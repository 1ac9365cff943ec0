"""Measure how long the command line takes to start, and what it imports; prints, never asserts."""

import argparse
import importlib.metadata
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

COMMANDS = (("--version",), ("--help",), ("list",))
SLOW = ("jinja2", "junitparser", "msgspec", "psutil", "pytest", "rich", "torch", "vllm")

# Runs in the child: the command as `python -m hwcheck` runs it, then the names of its modules.
CENSUS = """
import contextlib, io, json, runpy, sys
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    try:
        runpy.run_module("hwcheck", run_name="__main__")
    except SystemExit:
        pass
print(json.dumps(sorted(sys.modules)))
"""


def main() -> None:
    """Print one line a command: the median and the span of the times, and the modules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--repeats", type=int, default=11)
    repeats = parser.parse_args().repeats
    print(f"hwcheck {importlib.metadata.version('hwcheck')}, Python {platform.python_version()}")
    print(f"{repeats} runs each, after one that is not counted")
    report("python -c pass", [sys.executable, "-c", "pass"], repeats)
    for arguments in COMMANDS:
        command = [sys.executable, "-m", "hwcheck", *arguments]
        report(f"hwcheck {' '.join(arguments)}", command, repeats)
        modules = count_modules(arguments)
        slow = [name for name in SLOW if name in modules]
        print(f"    {len(modules)} modules; of the slow ones: {', '.join(slow) or 'none'}")


def report(title: str, command: Sequence[str], repeats: int) -> None:
    """Print the median time of a command, and the span."""
    times = [measure(command) for _ in range(repeats + 1)][1:]
    print(f"{title:24} {statistics.median(times):6.3f} s ({min(times):.3f} to {max(times):.3f})")


def measure(command: Sequence[str]) -> float:
    """Take the wall time of a command."""
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def count_modules(arguments: Sequence[str]) -> list[str]:
    """List the modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", CENSUS, *arguments], capture_output=True, text=True, check=True
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return modules


if __name__ == "__main__":
    main()
