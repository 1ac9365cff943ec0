"""Measure static checks, cold and warm, with type checkers beside them; prints, never asserts.

    python benchmarks/static_check.py vllm_ascend-0.23.0-*.whl --host 0.33.0
    python benchmarks/static_check.py *.whl --last 25
    python benchmarks/static_check.py vllm_ascend-0.23.0-*.whl --host 0.33.0 --host-tree vllm-0.33.0

Every time is that of a whole command, the start of Python included. Cold: nothing is kept from
earlier checks; warm: everything is, and nothing changed. The memory is that of the largest process.
The load is how many processes wanted to run in the last minute, this one's among them: on a busy
machine only the CPU seconds say something. ty, pyrefly and mypy are looked for beside this Python
and on PATH.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcheck.hosts.known import known_releases


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one command took."""

    seconds: float
    cpu: float
    peak: float
    """MB of the largest process."""


def main() -> None:
    """Print a line for every measured command."""
    options = read_options()
    print(f"{'':44} {'wall s':>8} {'CPU s':>8} {'MB':>6} {'load':>6}")
    with tempfile.TemporaryDirectory() as folder:
        if options.last:
            windows(options, Path(folder))
        else:
            for target in options.targets:
                single(target, options, Path(folder))


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="+", help="plugins: wheels or source trees")
    parser.add_argument("--host", default=known_releases()[-1])
    parser.add_argument("--last", type=int, default=0, help="all targets x the last N releases")
    parser.add_argument("-n", "--repeats", type=int, default=3)
    parser.add_argument("--host-tree", type=Path, help="a folder with vllm, for the type checkers")
    return parser.parse_args()


def single(target: str, options: argparse.Namespace, folder: Path) -> None:
    """Measure one plugin against one release."""
    name = Path(target).name[:24]
    command = [sys.executable, "-m", "hwcheck", "check", target, "--host", options.host]
    command += ["--report-only", "--format", "json"]
    cold = [run(command, cache=fresh(folder)) for _ in range(options.repeats)]
    kept = fresh(folder)
    run(command, cache=kept)
    warm = [run(command, cache=kept) for _ in range(options.repeats)]
    show(f"{name} x {options.host}, cold", cold)
    show(f"{name} x {options.host}, warm", warm)
    if options.host_tree is not None:
        peers(target, options, folder)


def windows(options: argparse.Namespace, folder: Path) -> None:
    """Measure all plugins against the last releases, one command for each pair's plugin."""
    kept = fresh(folder)
    releases = known_releases()[-options.last :]
    script = [sys.executable, __file__, "--inner", str(options.last)]
    for state in ("cold", "warm"):
        costs = [run([*script, target], cache=kept) for target in options.targets]
        total = Cost(
            seconds=sum(cost.seconds for cost in costs),
            cpu=sum(cost.cpu for cost in costs),
            peak=max(cost.peak for cost in costs),
        )
        show(f"{len(costs)} plugins x {len(releases)} releases, {state}", [total])


def inner(last: int, target: str) -> None:
    """Look at the window of one plugin, as the command does, cut to the last releases."""
    from hwcheck.analyse.check import check
    from hwcheck.analyse.request import CheckSettings
    from hwcheck.analyse.rule_book import RuleBook
    from hwcheck.analyse.shelf import KnownHosts
    from hwcheck.hosts.cache import ContentCache
    from hwcheck.registry import load_registry

    class LastHosts(KnownHosts):
        def known(self) -> tuple[str, ...]:
            return super().known()[-last:]

    folder = Path(os.environ["HWCHECK_CACHE"])
    cache = ContentCache(folder)
    settings = CheckSettings(target=target, cache=folder)
    rules = RuleBook(load_registry(extensions=False), cache)
    check(settings, rules, LastHosts(cache), environment={}, progress=lambda stage: None)


def peers(target: str, options: argparse.Namespace, folder: Path) -> None:
    """Measure the type checkers that are installed on the same input."""
    tree = unpacked(Path(target), folder)
    host = str(options.host_tree)
    tops = sorted(str(path.parent) for path in tree.glob("*/__init__.py"))
    commands = {
        "pyrefly": [
            *("check", "--preset", "default", "--summary=none", "--progress-bar", "no"),
            *("--skip-interpreter-query", "--search-path", host, "--search-path", str(tree)),
            *tops,
        ],
        "ty": ["check", "--exit-zero", "--extra-search-path", host, "--project", str(tree), *tops],
        "mypy": ["--check-untyped-defs", "--no-error-summary", *tops],
    }
    for name, words in commands.items():
        program = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        if program is None:
            print(f"{name:44} not installed")
            continue
        where = {"MYPYPATH": f"{host}:{tree}", "MYPY_CACHE_DIR": os.devnull}
        show(name, [run([program, *words], **where) for _ in range(options.repeats)])
        if name == "mypy":  # the only one that keeps anything
            where["MYPY_CACHE_DIR"] = fresh(folder)
            run([program, *words], **where)
            show("mypy, warm", [run([program, *words], **where) for _ in range(options.repeats)])


def unpacked(target: Path, folder: Path) -> Path:
    """Give the folder of a source tree; of a wheel, unpack the Python files."""
    if target.is_dir():
        return target
    tree = folder / f"unpacked-{target.stem}"
    with zipfile.ZipFile(target) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py")]
        archive.extractall(tree, names)
    return tree


def fresh(folder: Path) -> str:
    """Make an empty folder."""
    return tempfile.mkdtemp(dir=folder)


def run(command: Sequence[str], *, cache: str = "", **variables: str) -> Cost:
    """Take what a command costs; findings are no failure, and neither is what could not be read."""
    environment = {**os.environ, "HWCHECK_CACHE": cache, **variables}
    start = time.perf_counter()
    child = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = child.stderr.read() if child.stderr is not None else b""
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    is_checker = "hwcheck" not in command and __file__ not in command
    if child.returncode not in (0, 1 if is_checker else 3):
        sys.exit(f"{' '.join(command)} ended with {child.returncode}\n{said[-2000:].decode()}")
    return Cost(seconds=seconds, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss / 1024)


def show(title: str, costs: Sequence[Cost]) -> None:
    """Print the medians."""
    seconds, cpu = (
        statistics.median(getattr(cost, field) for cost in costs) for field in ("seconds", "cpu")
    )
    peak, load = max(cost.peak for cost in costs), os.getloadavg()[0]
    print(f"{title:44} {seconds:8.2f} {cpu:8.2f} {peak:6.0f} {load:6.1f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inner"]:
        inner(int(sys.argv[2]), sys.argv[3])
    else:
        main()
