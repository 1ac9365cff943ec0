"""Each fault of the catalogue is caught by exactly the contracts that it names."""

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hwcheck_sample_cpu_faults.fault import Fault, all_faults

from hwcheck_conformance.contracts import ALL

JUDGE = Path(__file__).parents[1] / "faults" / "judge_faults.py"
OPERATORS = "operators"
SERVING = "serving"
#: The contract of pairs, and what its faults are about: each is judged by all pairs of these.
PAIRS = "pairs.combined"
COMBINED = ("lora", "preemption", "sampling-parameters", "seeds", "structured-output")
ENGINE = tuple(contract.id for contract in ALL if contract.profile in ("P2", "P3"))
#: Beginnings of contracts with an engine of their own.
OWN_ENGINE = ("family.", "server.")
PLAIN = "generate.greedy"
#: How a reason begins where vLLM's own platform does the same.
HOST_FAULT = "the host's own platform "
#: Several starts of an engine, or hundreds of samples.
APART = frozenset(
    {
        "engine.restart",
        "sampling.seed-chunked",
        "sampling.temperature",
        "sampling.top-k",
        "sampling.top-p",
        "sampling.min-p",
    }
)
#: Of engines of several processes, which need up to a minute to start, and longer on a busy
#: machine; two workers that share each layer stand for them in the short tests.
LONG = ("server.", "family.pipeline-parallel.", "family.data-parallel.")
#: The groups of contracts, and the job that looks at all of one on the sample without a fault.
WHOLE: dict[str, dict[str, Any]] = {
    "": {},
    OPERATORS: {"operators": True},
    SERVING: {"serving": tuple(id for id in ENGINE if not id.startswith(LONG))},
    PAIRS: {"serving": (PAIRS,), "combined": COMBINED},
}
#: The same as the first of these with other examples.
SEEDS: dict[str, dict[str, Any]] = {f"seed-{seed}": {"seed": seed} for seed in (1, 2, 3)}
#: Those that end a process have a test of their own.
CATALOGUE = {fault.name: fault for fault in all_faults() if not fault.ends}
#: A fault of each of these areas is looked at both ways, all of them together.
COMPARED = ("behaviour", "models", "parts")
HOST = importlib.util.find_spec("vllm") is not None
SECONDS = 4500.0
#: A judge that is asked to end takes its processes with it.
SECONDS_TO_END = 30.0

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]

#: What came of a job of `JUDGE`.
Result = dict[str, Any]
Jobs = list[dict[str, Any]]
# The fixtures that install give a record that is defined beside them, in conftest.py.
Sample = Any


@pytest.fixture(scope="session")
def results(
    request: pytest.FixtureRequest, faulty_sample: Sample, shared_folder: Path
) -> dict[str, Result]:
    """What came of each fault that a test is about, and of none; made once for all workers."""
    folder = shared_folder / "judged-faults"
    folders = [folder / "parts", folder / SERVING]
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            jobs = [*WHOLE.values(), *SEEDS.values(), compared_job()]
            jobs += map(job_of, wanted_faults(request.session.items))
            # An engine wants another environment from its first import on.
            halves = [[job for job in jobs if ("serving" in job) == it] for it in (False, True)]
            judge_at_once(faulty_sample, dict(zip(folders, halves, strict=True)))
        found = [result for place in folders for result in read_results(place)]
        return {key_of(result["job"]): result for result in found}


def wanted_faults(items: Iterable[pytest.Item]) -> list[Fault]:
    """Those of the tests that were selected."""
    specs = (getattr(item, "callspec", None) for item in items)
    names = {spec.params.get("fault") for spec in specs if spec is not None}
    return [fault for name, fault in CATALOGUE.items() if name in names]


def job_of(fault: Fault) -> dict[str, Any]:
    if fault.area == "serving_pairs":
        return {"fault": fault.name, "serving": (PAIRS,), "combined": COMBINED}
    if fault.area.startswith(SERVING):
        return {"fault": fault.name, "serving": served_beside(fault), "whole": fault.whole}
    return {
        "fault": fault.name,
        "operators": fault.area.startswith(OPERATORS),
        "life": fault.area == "life",
        "whole": fault.whole,
        # What it is not about need not be searched for long: it breaks at once, if it does.
        "thorough": [id.partition("[")[0] for id in fault.breaks],
        # What examines nothing that it names has a test of its own.
        "nearby": True,
    }


def served_beside(fault: Fault, *, briefly: bool = True) -> tuple[str, ...]:
    """The contracts about serving that a fault is judged by, in the order of the suite.

    A family and the server have engines of their own: of these, all of the kinds that it names.
    Else briefly those that it names, or all of the engine but `APART`, which take longer than the
    others together.
    """
    named = {PLAIN, *(id.partition("[")[0] for id in fault.breaks)}
    kinds = {id.rpartition(".")[0] for id in named if id.startswith(OWN_ENGINE)}
    if kinds:
        return tuple(id for id in ENGINE if id in named or id.rpartition(".")[0] in kinds)
    if briefly:
        return tuple(id for id in ENGINE if id in named)
    return tuple(
        id for id in ENGINE if id in named or not (id.startswith(OWN_ENGINE) or id in APART)
    )


def key_of(job: dict[str, Any]) -> str:
    if job["combined"] and not job["fault"]:
        return PAIRS
    if job["seed"]:
        return f"seed-{job['seed']}"
    return job["fault"] or (SERVING if job["serving"] else OPERATORS if job["operators"] else "")


def judge(sample: Sample, folder: Path, jobs: Jobs) -> list[Result]:
    judge_at_once(sample, {folder: jobs})
    return read_results(folder)


def judge_at_once(sample: Sample, jobs: Mapping[Path, Jobs]) -> None:
    """Judge the jobs of each folder, all folders at the same time."""
    judges = []
    try:
        for folder, wanted in jobs.items():
            judges.append(start_judge(sample, folder, wanted))
        end = time.monotonic() + SECONDS
        codes = [judge.wait(end - time.monotonic()) for judge in judges]
    finally:
        for judge in judges:
            judge.terminate()
        for judge in judges:
            end_judge(judge)
    assert not any(codes), codes


def start_judge(sample: Sample, folder: Path, jobs: Jobs) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    (folder / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    words = (sys.executable, str(JUDGE), sample.distribution)
    files = (str(folder / "jobs.json"), str(folder / "results.jsonl"))
    # What it imports stands beside it, and a safe path would leave that out.
    environment = {k: v for k, v in sample.environment().items() if k != "PYTHONSAFEPATH"}
    # Its messages go where those of the tests go.
    return subprocess.Popen([*words, *files], env=environment, stdin=subprocess.DEVNULL)


def end_judge(judge: subprocess.Popen[bytes]) -> None:
    try:
        judge.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        # What it has started ends when it is gone.
        judge.kill()
        judge.wait()


def read_results(folder: Path) -> list[Result]:
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def told(result: Result, state: str) -> dict[str, str]:
    assert result["states"], result["complaint"]
    return {id: result["reasons"][id] for id, found in result["states"].items() if found == state}


def by_cost(fault: Fault) -> Any:
    is_slow = any(id.startswith(LONG) for id in fault.breaks)
    return pytest.param(fault.name, marks=[pytest.mark.field] if is_slow else [])


@pytest.mark.parametrize("fault", [by_cost(fault) for fault in CATALOGUE.values()])
def test_fault_breaks_what_it_names(fault: str, results: dict[str, Result]):
    """
    All contracts near it are checked: those that the fault names are broken, and no others.
    """
    broken = told(results[fault], "broken")

    assert set(CATALOGUE[fault].breaks) == set(broken), broken
    assert told(results[fault], "harness-error") == {}


@pytest.mark.field
def test_faults_of_serving_break_nothing_else(faulty_sample: Sample, tmp_path: Path):
    """
    All contracts of the engine that a fault is about are checked, not only those that it names.
    """
    faults = [item for item in CATALOGUE.values() if item.area.startswith(SERVING)]
    # These are judged by all of theirs in any case.
    faults = [item for item in faults if item.area != "serving_pairs"]
    jobs = [job_of(item) | {"serving": served_beside(item, briefly=False)} for item in faults]

    found = judge(faulty_sample, tmp_path / "whole", jobs)

    broken = {result["job"]["fault"]: set(told(result, "broken")) for result in found}
    assert broken == {fault.name: set(fault.breaks) for fault in faults}


@pytest.mark.field
def test_faults_break_nothing_in_other_children(faulty_sample: Sample, tmp_path: Path):
    """
    All that examines the plugin is run with each fault, not only what examines it nearby.
    """
    faults = [item for item in CATALOGUE.values() if not item.area.startswith(SERVING)]
    jobs = [job_of(item) | {"nearby": False} for item in faults]

    found = judge(faulty_sample, tmp_path / "whole", jobs)

    broken = {result["job"]["fault"]: set(told(result, "broken")) for result in found}
    assert broken == {fault.name: set(fault.breaks) for fault in faults}


@pytest.mark.parametrize("group", WHOLE)
def test_same_installation_without_a_fault_keeps_all(group: str, results: dict[str, Result]):
    """
    What a fault breaks is broken by the fault, not by the way in which it is put in place.
    """
    assert told(results[group], "broken") == {}
    assert told(results[group], "harness-error") == {}
    unmeasured = told(results[group], "not-measured")
    assert [id for id, why in unmeasured.items() if not why.startswith(HOST_FAULT)] == []


def compared_faults() -> list[Fault]:
    quick = [fault for fault in CATALOGUE.values() if not fault.whole]
    firsts = {fault.area: fault for fault in reversed(quick)}
    return [firsts[area] for area in COMPARED]


def compared_job() -> dict[str, Any]:
    """A job of several faults together."""
    jobs = [job_of(fault) for fault in compared_faults()]
    thorough = [id for job in jobs for id in job["thorough"]]
    return jobs[0] | {"fault": ",".join(job["fault"] for job in jobs), "thorough": thorough}


def test_forked_processes_say_what_started_ones_do(
    results: dict[str, Result], faulty_sample: Sample, tmp_path: Path
):
    """
    The quick way of this module gives the outcomes of a complete ``hwcheck run``.
    """
    job = compared_job()

    (whole,) = judge(faulty_sample, tmp_path / "whole", [job | {"whole": True}])

    quick = results[job["fault"]]
    assert compared(whole["states"]) == compared(quick["states"])
    named = {id for fault in compared_faults() for id in fault.breaks}
    assert named <= set(told(quick, "broken"))


def compared(states: dict[str, str]) -> dict[str, str]:
    """All but what the life child sees, to which the quick way puts no fault."""
    life = {contract.id for contract in ALL if contract.seen_in == "life"}
    return {id: state for id, state in states.items() if id.partition("[")[0] not in life}


@pytest.mark.parametrize("group", SEEDS)
def test_sample_with_other_examples_keeps_all(group: str, results: dict[str, Result]):
    """
    What is broken now and then depends on something outside the plugin.
    """
    assert told(results[group], "broken") == {}
    assert told(results[group], "harness-error") == {}
    assert told(results[group], "not-measured") == {}


@pytest.mark.parametrize(
    ("name", "seeds"),
    [
        ("sample-minimal", 3),
        pytest.param("sample-minimal", 20, marks=pytest.mark.field),
        pytest.param("sample-cpu", 20, marks=pytest.mark.field),
    ],
)
def test_conforming_sample_is_steady(
    name: str, seeds: int, install_sample: Callable[[str], Sample], tmp_path: Path
):
    """
    With other examples the conforming samples keep all contracts as well; a contract that is
    broken now and then depends on something outside the plugin.
    """
    sample = install_sample(name)

    found = judge(sample, tmp_path / "seeds", [{"seed": seed} for seed in range(1, seeds + 1)])

    flaky = {
        (result["job"]["seed"], id): reason
        for result in found
        for state in ("broken", "harness-error", "not-measured")
        for id, reason in told(result, state).items()
    }
    assert len(found) == seeds
    assert flaky == {}
