"""The sample plugins, run as a user does: each breaks what it says it breaks, and nothing else."""

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hwcheck.codec import decode_run
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run, Verdict
from hwcheck_conformance.contracts import ALL

DEFECTS = Path(__file__).parents[2] / "sample_plugins" / "defects"
NAMES = sorted(file.parent.name for file in DEFECTS.glob("*/expected.toml"))
HOST = importlib.util.find_spec("vllm") is not None

#: Those that go on until a limit stops them: tight limits, for the sake of our own time.
UNBOUNDED = frozenset({"hangs", "hangs-ignoring-signals", "memory-hog", "output-flood"})
TIGHT = ("--step-limit", "8", "--memory-limit", "3")
#: Every process costs an import of vLLM. The contracts that children examine by themselves have
#: their counter-examples in tests/faults, and those that more is started for are asked where one is
#: named.
COMMON = frozenset(item.id for item in ALL if not (item.examined_in or item.seen_in))
#: What each of these does to a process, or to the start of one, is seen with the interpreter
#: itself, and so is what only the interpreter that runs hwcheck can tell.
STARTED = UNBOUNDED | {
    *("breaks-fork", "breaks-spawn", "daemon-refused", "exits-hard", "exits-in-register"),
    *("forks-on", "imported-at-start", "leaves-process", "leaves-thread", "segfault"),
    "foreign-wheel",
}
#: A busy machine is slow, not wrong.
PATIENT = ("--step-limit", "60")

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]

# The fixture `install_sample` gives a record that is defined beside it, in conftest.py.
Install = Callable[[str], Any]


def run_sample(sample: Any, folder: Path, *options: str) -> tuple[Run, int]:
    done = sample.python(
        *("-m", "hwcheck", "run", sample.distribution, "--format", "json", *options), cwd=folder
    )
    assert done.stdout, done.stderr
    return decode_run(done.stdout.encode(), sample.distribution), done.returncode


def narrowed_to(broken: Iterable[str]) -> Iterator[str]:
    for contract in sorted(COMMON | {id_.partition("[")[0] for id_ in broken}):
        yield from ("--contract", contract)


def told(run: Run, state: OutcomeState) -> dict[str, str | None]:
    return {outcome.id: outcome.reason for outcome in run.in_state(state)}


def test_conforming_sample_keeps_both_profiles(install_sample: Install, tmp_path: Path):
    """
    A plugin without a defect breaks nothing, and everything required is measured.

    The run of sample-cpu, which serves as well, is in `test_suite_proven.py`.
    """
    sample = install_sample("sample-minimal")

    run, exit_code = run_sample(sample, tmp_path, *PATIENT)

    assert told(run, OutcomeState.BROKEN) == {}
    assert told(run, OutcomeState.HARNESS_ERROR) == {}
    assert told(run, OutcomeState.NOT_MEASURED) == {}
    assert [profile.verdict for profile in run.profiles] == [Verdict.KEPT, Verdict.KEPT]
    assert exit_code == 0
    assert sample.left_processes() == []


@pytest.mark.parametrize("name", NAMES)
def test_defect_breaks_what_it_says(
    name: str, install_sample: Install, warm_python: Path, tmp_path: Path
):
    """
    The broken ids are those of `expected.toml`, and no process of the plugin is left.
    """
    sample = install_sample(f"defects/{name}")
    options = TIGHT if name in UNBOUNDED else PATIENT
    if name not in STARTED:
        options = (*options, "--python", str(warm_python))

    run, exit_code = run_sample(sample, tmp_path, *options, *narrowed_to(sample.broken))

    broken = told(run, OutcomeState.BROKEN)
    assert set(sample.broken) == set(broken), broken
    assert told(run, OutcomeState.HARNESS_ERROR) == {}
    assert run.complete, run.interruption
    assert exit_code == 1
    assert sample.left_processes() == []
