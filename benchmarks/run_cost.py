"""Measure a run against the bare activation of the same plugin; prints, never asserts."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

BARE = "import vllm.platforms; print(type(vllm.platforms.current_platform).__name__)"


def main() -> None:
    """Print the time of both, their difference, and what the children of the run took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plugin", help="the name of the plugin's platform entry point")
    parser.add_argument("-n", "--repeats", type=int, default=3)
    options = parser.parse_args()
    bare_command = [sys.executable, "-c", BARE]
    alone = {**os.environ, "VLLM_PLUGINS": options.plugin}
    with tempfile.TemporaryDirectory() as folder:
        run_command = [sys.executable, "-m", "hwcheck", "run", options.plugin, "--report-only"]
        run_command += ["--profile", "P0", "--profile", "P1", "--output", folder]
        # One of each first, so that both find compiled modules and a warm disk.
        measure(bare_command, alone)
        measure(run_command, os.environ)
        bare = [measure(bare_command, alone) for _ in range(options.repeats)]
        run = [measure(run_command, os.environ) for _ in range(options.repeats)]
        children = children_of(Path(folder) / "run.json")
    show("bare import and activation", bare)
    show(f"hwcheck run {options.plugin}", run)
    print(f"{'difference':36} {statistics.median(run) - statistics.median(bare):6.1f} s")
    for name, seconds in children:
        print(f"    child {name:26} {seconds:6.1f} s")


def measure(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Take the wall time of a command; one that fails ends the measurement with its output."""
    start = time.perf_counter()
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-2000:]}")
    return time.perf_counter() - start


def children_of(document: Path) -> list[tuple[str, float]]:
    """Read from a stored run what each child process took."""
    run = json.loads(document.read_text(encoding="utf-8"))["run"]
    return [(child["name"], child["seconds"]) for child in run["children"]]


def show(title: str, times: Sequence[float]) -> None:
    """Print the median and the span of some times."""
    print(f"{title:36} {statistics.median(times):6.1f} s ({min(times):.1f} to {max(times):.1f})")


if __name__ == "__main__":
    main()
