"""An engine that dies, hangs, floods or eats memory costs the contract in flight and no other."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hwcheck_sample_cpu_faults.fault import all_faults

HOST = importlib.util.find_spec("vllm") is not None
#: In the order of the catalogue; between those that end a process some are examined as usual.
SELECTED = (
    *("generate.greedy", "generate.logprobs", "generate.prompt-logprobs"),
    *("stop.token", "stop.text", "stop.length"),
    *("sampling.penalties", "sampling.bias", "sampling.allowed-tokens", "sampling.bad-words"),
    "worker.health",
)
#: Seconds for a step; an engine gets six times as long for a contract. On a busy machine a start
#: takes most of a minute, and what hangs waits without any cost.
STEP = 20.0
PATIENCE = 6 * STEP
#: How each contract that ends a process says so.
CAUSES = {
    "generate.logprobs": ("exited", "exit 13"),
    "generate.prompt-logprobs": ("killed-by-signal", "SIGSEGV"),
    "stop.token": ("timed-out", f"after {PATIENCE:g} s without progress"),
    "stop.length": ("output-flood", "of output"),
    "sampling.bias": ("out-of-memory", "of memory"),
}
FAULTS = {fault.name: fault for fault in all_faults() if fault.ends}
ALL_WAYS = "engine-ends-in-all-ways"

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]


def judged(sample: Any, fault: str, folder: Path) -> dict[str, Any]:
    """Make a complete run on the sample with a fault, and give its document."""
    words = [word for id_ in SELECTED for word in ("--contract", id_)]
    done = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "hwcheck", "run", "sample_cpu", "--format", "json"),
            *("--step-limit", str(STEP), "--memory-limit", "3"),
            *("--pass-env", "SAMPLE_CPU_FAULT", *words),
        ],
        cwd=folder,
        env=sample.environment() | {"SAMPLE_CPU_FAULT": fault},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 1, done.stderr[-4000:]
    assert "Traceback" not in done.stderr
    run: dict[str, Any] = json.loads(done.stdout)["run"]
    return run


def told(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The outcomes by id."""
    return {
        item["contract"] if item["case"] is None else f"{item['contract']}[{item['case']}]": item
        for item in run["outcomes"]
    }


def broken(run: dict[str, Any]) -> set[str]:
    return {id_ for id_, item in told(run).items() if item["state"] == "broken"}


def test_engine_that_ends_costs_the_contract_in_flight(faulty_sample: Any, tmp_path: Path):
    """
    Every end of an engine's process is told apart at the contract in whose step it came, what
    raises in a step is told there, and all other contracts are kept, in fresh engines.
    """
    run = judged(faulty_sample, ALL_WAYS, tmp_path)
    outcomes = told(run)

    assert set(FAULTS[ALL_WAYS].breaks) == broken(run)
    assert [id_ for id_, item in outcomes.items() if item["state"] != "broken"] == [
        id_ for id_, item in outcomes.items() if item["state"] == "passed"
    ]
    assert {id_: outcomes[id_]["cause"] for id_ in CAUSES} == {
        id_: cause for id_, (cause, _) in CAUSES.items()
    }
    for id_, (_, words) in CAUSES.items():
        assert words in outcomes[id_]["reason"]
    assert "serving_ends.py" in outcomes["stop.token"]["tail"]
    raised = outcomes["sampling.bad-words"]
    assert (raised["refusal"], "no kernel" in raised["reason"]) == ("crashed", True)
    assert run["complete"]
    assert faulty_sample.left_processes() == []


@pytest.mark.field
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {ALL_WAYS}))
def test_fault_that_ends_an_engine_breaks_what_it_names(
    fault: str, faulty_sample: Any, tmp_path: Path
):
    """
    Each of them alone breaks what it names and nothing else.
    """
    run = judged(faulty_sample, fault, tmp_path)

    assert set(FAULTS[fault].breaks) == broken(run)
    assert "not-measured" not in {item["state"] for item in run["outcomes"]}
