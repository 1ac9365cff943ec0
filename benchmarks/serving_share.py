"""Measure hwcheck's own share of the serving contracts: of P2, and of each family of P3.

The host's are vLLM's and the plugin's imports, the start and the end of engines, and generation;
all else is hwcheck's own. Prints, never asserts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

CLOCK = Path(__file__).parent / "host_clock"
SELECTION = ("generate.*", "engine.*", "worker.cache-spec", "worker.health", "stop.*", "sampling.*")
SELECTION += ("cache.*", "scheduling.*", "request.*", "family.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What some contracts took, in seconds."""

    seconds: float
    imports: float
    starts: float
    generation: float

    @property
    def own(self) -> float:
        """What was hwcheck's own."""
        return self.seconds - self.imports - self.starts - self.generation

    def __add__(self, other: "Share") -> "Share":
        """Both together."""
        return Share(
            seconds=self.seconds + other.seconds,
            imports=self.imports + other.imports,
            starts=self.starts + other.starts,
            generation=self.generation + other.generation,
        )


def main() -> None:
    """Run all serving contracts in one child, and print the share of each group as if alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plugin", help="the name of the plugin's platform entry point")
    parser.add_argument("--top", action="append", default=[], help="a package of the plugin's")
    parser.add_argument("--contract", action="append", default=[], help="instead of all")
    parser.add_argument("--each", action="store_true", help="print every contract as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = Path(folder) / "times.jsonl"
        run(options.plugin, options.top, options.contract or SELECTION, times)
        lines = [json.loads(line) for line in times.read_text(encoding="utf-8").splitlines()]
    base = base_of(lines)
    shares = {line["subject"]: share_of(line) for line in lines if line["subject"]}
    groups: dict[str, Share] = defaultdict(lambda: base)
    for contract, share in shares.items():
        groups[group_of(contract)] += share
    print(f"{'':34} {'all':>7} {'imports':>8} {'starts':>7} {'gener.':>7} {'own':>6} {'share':>6}")
    show("the child without contracts", base)
    for name in sorted(groups, key=lambda name: (name != "P2", name)):
        show(name, groups[name])
    for contract in shares if options.each else ():
        show(f"  {contract}", shares[contract])


def run(plugin: str, tops: Sequence[str], contracts: Iterable[str], times: Path) -> None:
    """Run the contracts with the clock in the children; end with the output where that fails."""
    path = os.pathsep.join(filter(None, (str(CLOCK), os.environ.get("PYTHONPATH"))))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "HWCHECK_HOST_TIMES": str(times),
        "HWCHECK_HOST_TOPS": ",".join(tops),
    }
    command = [sys.executable, "-P", "-m", "hwcheck", "run", plugin, "--report-only"]
    command += [word for id_ in contracts for word in ("--contract", id_)]
    command += ["--pass-env", "HWCHECK_HOST_*"]
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not times.exists():
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-2000:]}")


def base_of(lines: Sequence[dict[str, float]]) -> Share:
    """What the child took until its first contract."""
    first = next(line for line in lines if line["subject"])
    return Share(seconds=first["since"], imports=first["before"], starts=0.0, generation=0.0)


def share_of(line: dict[str, float]) -> Share:
    """Make a share of what one examination took."""
    return Share(
        seconds=line["seconds"],
        imports=line["import"],
        starts=line["start"],
        generation=line["generation"],
    )


def group_of(contract: str) -> str:
    """The family that a contract belongs to, else the profile."""
    return contract.rpartition(".")[0] if contract.startswith("family.") else "P2"


def show(title: str, share: Share) -> None:
    """Print one line."""
    part = 100 * share.own / share.seconds if share.seconds else 0.0
    print(
        f"{title:34} {share.seconds:7.2f} {share.imports:8.2f} {share.starts:7.2f} "
        f"{share.generation:7.2f} {share.own:6.2f} {part:5.1f}%"
    )


if __name__ == "__main__":
    main()
