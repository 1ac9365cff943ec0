"""The built-in taxonomy."""

import json
import re
from dataclasses import fields
from importlib.resources import files

import pluggy
import pytest

from hwcheck import hooks
from hwcheck.capabilities import builtin
from hwcheck.capabilities.builtin import hwcheck_capabilities
from hwcheck.capabilities.fold import fold
from hwcheck.capabilities.origin import PARTS
from hwcheck.hosts.members import Member, Read, members_of
from hwcheck.model.capability import Capability, Claim, ClaimTest, Mark, MemberReading, Rung
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.registry import Registry

GETTERS = {
    "get_attn_backend_cls",
    "get_compile_backend",
    "get_device_communicator_cls",
    "get_kv_cache_config_builder_cls",
    "get_pass_manager_cls",
    "get_punica_wrapper",
    "get_static_graph_wrapper_cls",
    "worker_cls",
}
GATES = {"open", "plugin", "partial", "closed"}


def taxonomy() -> tuple[Capability, ...]:
    return tuple(hwcheck_capabilities())


def members() -> dict[str, Member]:
    return {member.name: member for member in members_of("0.33.0")}


def test_capabilities_run_on_parts_that_are_seen():
    """
    Native or fallback is decided by a part that an engine tells of, where there is evidence.
    """
    for item in taxonomy():
        assert item.runs_on in {"", *PARTS}
        assert not item.runs_on or item.shown_by


def evidence() -> set[str]:
    return {id_ for item in taxonomy() for id_ in (*item.resolved_by, *item.constructed_by)}


def cases(contract: str) -> set[str]:
    start = f"{contract}["
    return {id_[len(start) : -1] for id_ in evidence() if id_.startswith(start)}


def test_taxonomy_has_every_capability_once():
    """
    All 84 capabilities are there, in kebab-case, sorted.
    """
    ids = [item.id for item in taxonomy()]

    assert len(set(ids)) == 84
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_) for id_ in ids)


def test_taxonomy_has_no_unknown_field():
    """
    A misspelt key in the table would be dropped in silence.
    """
    table = json.loads((files("hwcheck.capabilities") / "taxonomy.json").read_text())
    claim_keys = {key for row in table["capabilities"] for c in row.get("claims", ()) for key in c}

    assert set().union(*table["capabilities"]) <= {field.name for field in fields(Capability)}
    assert claim_keys <= {field.name for field in fields(Claim)}


@pytest.mark.parametrize("item", taxonomy(), ids=lambda item: item.id)
def test_entry_is_complete(item):
    """
    Each capability says what it is, who can supply it and what would show it.
    """
    assert item.title
    assert item.area
    assert item.gate in GATES
    assert item.demonstrated_by.endswith(".")
    assert item.gate != "closed" or (item.note and not item.resolved_by + item.constructed_by)


def test_claims_name_members_that_can_be_read():
    """
    A claim on a value is on a member whose value is read.
    """
    known = members()

    for item in taxonomy():
        for claim in item.claims:
            assert claim.member in known
            if item.gate != "closed" and claim.test is not ClaimTest.OVERRIDDEN:
                assert known[claim.member].read is not Read.NONE, item.id


def test_evidence_names_members_that_have_it():
    """
    Values are checked of members that are read, signatures of those with known calls.
    """
    known = members()

    assert all(known[name].read is not Read.NONE for name in cases("platform.member"))
    assert all(known[name].calls for name in cases("platform.signature"))
    named = cases("platform.class-path") | cases("platform.concrete")
    assert {name.partition(".")[0] for name in named} <= GETTERS


def test_registry_offers_the_taxonomy():
    """
    The built-ins come through the same hook as those of extensions.
    """
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(builtin)

    assert Registry(manager).capabilities() == taxonomy()


def test_inherited_platform_supports_nothing_that_must_be_supplied():
    """
    What every platform inherits from vLLM is no capability of the plugin, however well formed.
    """
    readings = tuple(
        MemberReading(name=name, overridden=False, read=member.read is not Read.NONE)
        for name, member in members().items()
    )
    outcomes = tuple(
        Outcome(
            contract=id_.partition("[")[0],
            case=id_.partition("[")[2].removesuffix("]") or None,
            state=OutcomeState.PASSED,
        )
        for id_ in sorted(evidence())
    )

    found = fold(taxonomy(), readings, outcomes)

    raised = {item.capability for item in found if item.rung > Rung.E0}
    # These have no member that claims them, and evidence only where the plugin brings something.
    brought = {"custom-ops", "kv-cache-layout", "kv-connector", "quant-custom"}
    assert raised == {"fork-safety", "plugin-isolation", *brought}
    assert all(
        item.marks == (Mark.NOT_DECLARED,)
        for item in found
        if item.capability in ("lora", "tensor-parallel", "sleep-mode", "static-graph")
    )
