"""No check without its counter-example: contracts, tests, samples and capabilities agree."""

import importlib
import importlib.util
import json
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hwcheck_sample_cpu_faults.fault import all_faults, fault

import hwcheck_conformance
from hwcheck.codec import decode_run
from hwcheck.hosts.members import members_of
from hwcheck.model.capability import Mark, Rung
from hwcheck.model.outcome import Cause, OutcomeState
from hwcheck.model.run import Run, Verdict
from hwcheck_conformance.contracts import ALL

SAMPLES = Path(__file__).parents[2] / "sample_plugins"
EXPECTED = sorted(SAMPLES.glob("defects/*/expected.toml"))
FAULTS = all_faults()
HOST = importlib.util.find_spec("vllm") is not None
KEBAB = "[a-z]+(-[a-z]+)*"
KEBAB_WORDS = "[a-z0-9]+(-[a-z0-9]+)*"
#: What vLLM's own platform breaks as well.
HOST_FAULTS = {"sampling.seed-chunked": Cause.HOST_AS_WELL}
#: Newer than every release in the members table.
NEWEST = "999"


def named_in(file: Path) -> list[str]:
    broken: list[str] = tomllib.loads(file.read_text(encoding="utf-8"))["broken"]
    return broken


def contract_of(outcome_id: str) -> str:
    return outcome_id.partition("[")[0]


def case_of(outcome_id: str) -> str:
    return outcome_id.partition("[")[2].removesuffix("]")


def checked_contracts() -> Iterator[str]:
    for module in pkgutil.iter_modules(hwcheck_conformance.__path__):
        if not module.name.startswith("test_"):
            continue
        tests = vars(importlib.import_module(f"hwcheck_conformance.{module.name}"))
        for name, test in tests.items():
            if name.startswith("test_"):
                marks = [mark for mark in test.pytestmark if mark.name == "contract"]
                assert len(marks) == 1, f"{name} has {len(marks)} contracts"
                yield marks[0].args[0].id


def evidence_ids() -> set[str]:
    """The outcome ids that the taxonomy names."""
    text = files("hwcheck.capabilities").joinpath("taxonomy.json").read_text(encoding="utf-8")
    capabilities = json.loads(text)["capabilities"]
    return {
        outcome_id
        for capability in capabilities
        for rung in ("resolved_by", "constructed_by", "shown_by")
        for outcome_id in capability.get(rung, ())
    }


@pytest.mark.parametrize("contract", [contract.id for contract in ALL])
def test_contract_is_broken_by_a_sample(contract: str):
    """
    A check that no defect and no fault breaks may be a check that cannot fail.
    """
    broken = {file.parent.name: named_in(file) for file in EXPECTED}
    broken |= {item.name: list(item.breaks) for item in FAULTS}

    breaking = [name for name, ids in broken.items() if contract in set(map(contract_of, ids))]

    assert breaking != []


def test_faults_name_contracts_that_exist():
    """
    A fault breaks something, and what it breaks is in the suite.
    """
    known = {contract.id for contract in ALL}

    assert {
        item.name: id for item in FAULTS for id in item.breaks if contract_of(id) not in known
    } == {}
    assert [item.name for item in FAULTS if not item.breaks] == []


def test_faults_are_named_and_told_in_words():
    """
    The name says in short what the docstring says in a sentence.
    """
    assert [item.name for item in FAULTS if not re.fullmatch(KEBAB_WORDS, item.name)] == []
    assert [item.name for item in FAULTS if not item.words.endswith(".")] == []


def test_name_of_a_fault_is_taken_once():
    """
    The second fault of a name would hide the first.
    """
    enter = fault(breaks=("load.call",))

    with pytest.raises(ValueError, match=f"two faults are called '{FAULTS[0].name}'"):
        enter(FAULTS[0].apply)


def test_samples_name_contracts_that_exist():
    """
    What an `expected.toml` names is in the suite.
    """
    known = {contract.id for contract in ALL}

    unknown = {
        outcome_id
        for file in EXPECTED
        for outcome_id in named_in(file)
        if contract_of(outcome_id) not in known
    }

    assert unknown == set()


def test_samples_are_in_the_table():
    """
    The table of defects says what each `expected.toml` says.
    """
    table = (SAMPLES / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| \[([a-z-]+)\]\(defects/[a-z-]+\) \|.*\| (.*) \|$", table, re.M))

    expected = {file.parent.name: named_in(file) for file in EXPECTED}

    assert {name: re.findall("`(.*?)`", ids) for name, ids in rows.items()} == expected


def test_every_contract_has_a_test():
    """
    The tests of the suite check the contracts of its table, each test one.
    """
    assert {contract.id for contract in ALL} == set(checked_contracts())


def test_contract_ids_are_unique_and_well_formed():
    """
    An id is an area and a name, in kebab case with a dot between; an optional family is an area.
    """
    ids = [contract.id for contract in ALL]

    assert sorted(set(ids)) == sorted(ids)
    assert [
        name for name in ids if not re.fullmatch(rf"(family\.)?{KEBAB}\.{KEBAB_WORDS}", name)
    ] == []


@pytest.mark.host
@pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment")
def test_evidence_of_capabilities_is_produced(install_sample: Callable[[str], Any], tmp_path: Path):
    """
    Every outcome id that a capability names comes from a run, or is about another host's member.

    What the sample serves is demonstrated, and by its own code; it breaks nothing, and what is
    required is measured.
    """
    sample = install_sample("sample-cpu")
    profiles = [word for profile in ("P0", "P1", "P2", "P3") for word in ("--profile", profile)]

    done = sample.python(
        *("-m", "hwcheck", "run", sample.distribution, "--ops", "--format", "json", *profiles),
        *("--step-limit", "60"),
        cwd=tmp_path,
        timeout=3000.0,
    )
    run = decode_run(done.stdout.encode(), sample.distribution)

    produced = {outcome.id for outcome in run.outcomes}
    produced |= {f"{outcome.contract}[*]" for outcome in run.outcomes}
    missing = {
        outcome_id
        for outcome_id in evidence_ids() - produced
        if case_of(outcome_id) not in members_of_other_hosts(run)
    }
    (generation,) = (item for item in run.standings if item.capability == "text-generation")
    assert missing == set()
    states = {outcome.state for outcome in run.outcomes}
    assert states.isdisjoint({OutcomeState.BROKEN, OutcomeState.HARNESS_ERROR})
    unmeasured = run.in_state(OutcomeState.NOT_MEASURED)
    assert {outcome.id: outcome.cause for outcome in unmeasured} == HOST_FAULTS
    assert [profile.verdict for profile in run.profiles] == 4 * [Verdict.KEPT]
    assert done.returncode == 0
    assert sample.left_processes() == []
    assert (generation.rung, generation.marks[0]) == (Rung.E4, Mark.NATIVE)


def members_of_other_hosts(run: Run) -> set[str]:
    assert run.host is not None
    here = {member.name for member in members_of(run.host.version)}
    return {member.name for member in members_of(NEWEST)} - here
