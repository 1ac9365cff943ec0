"""A tree with a host, a plugin and a tiny suite, as they are installed."""

import os
from dataclasses import replace

import pytest

from hwcheck.capabilities.fold import fold
from hwcheck.model.capability import Capability
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.plugin import Host, Origin, Plugin
from hwcheck.model.run import Environment, Run
from hwcheck.run.assemble import profile_results

CONTRACTS = """
from hwcheck.model.contract import Contract, Profile

def contract(id, profile=Profile.P0):
    return Contract(id=id, profile=profile, title="t", relied_on_by="r", remedy="m")

PASS, FAIL = contract("tiny.pass"), contract("tiny.fail", Profile.P1)
SKIP, CRASH = contract("tiny.skip"), contract("tiny.crash")
ALL = (FAIL, PASS, SKIP, CRASH)
"""
TESTS = """
import os, pytest, sys
from tiny_suite import contracts

@pytest.mark.contract(contracts.PASS)
def test_pass(target, settings):
    assert target.plugin.name == "acme" and settings.conditions.announced == ("ACME_X",)
    print("PYTEST_ADDOPTS" in os.environ, file=sys.stderr)

@pytest.mark.contract(contracts.FAIL)
def test_fail(tmp_path):
    assert False, f"written below {tmp_path}"

@pytest.mark.contract(contracts.SKIP)
def test_skip():
    pytest.skip("later")

@pytest.mark.contract(contracts.CRASH)
def test_crash():
    raise ZeroDivisionError("no")
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """
    The folder, which is on the path of this process and of its children.
    """
    root = tmp_path / "site"
    files = {
        "vllm/__init__.py": "",
        "vllm-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 9.9\n",
        "acme.py": "def register():\n    return None\n",
        "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
        "acme-1.0.dist-info/entry_points.txt": "[vllm.platform_plugins]\nacme = acme:register\n",
        "tiny_suite/__init__.py": "",
        "tiny_suite/contracts.py": CONTRACTS,
        "tiny_suite/test_tiny.py": TESTS,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(root))
    return root


@pytest.fixture
def environment(site):
    """
    The environment of the suite's process, with what a vendor's own tests may have set.
    """
    return {**os.environ, "PYTEST_ADDOPTS": "--no-such-option"}


@pytest.fixture
def sound_run():
    """
    A run whose conclusions follow from its outcomes.
    """
    outcomes = (
        Outcome(contract="load.call", case="acme", state=OutcomeState.PASSED),
        Outcome(contract="lora.swap", case=None, state=OutcomeState.BROKEN, reason="no kernel"),
    )
    return concluded(
        Run(
            plugin=Plugin(
                name="acme",
                version="1.0",
                origin=Origin.INSTALLED,
                location="site",
                entry_points=(),
                requirements=("vllm>=0.30",),
            ),
            host=Host(distribution="vllm", version="0.32.0", location="site"),
            environment=Environment(
                hwcheck="1.0", python="3.11", torch=None, system="Linux", machine="x86_64"
            ),
            started="2026-12-01T00:00:00+00:00",
            seconds=1.0,
            complete=True,
            interruption=None,
            contracts=tuple(
                Contract(id=id_, profile=Profile.P0, title="t", relied_on_by="r", remedy="m")
                for id_ in ("load.call", "lora.swap")
            ),
            outcomes=outcomes,
            profiles=(),
            capabilities=(
                Capability(
                    id="lora", title="t", area="a", gate="open", resolved_by=("load.call[acme]",)
                ),
            ),
            standings=(),
            command="hwcheck run acme",
        )
    )


def concluded(run):
    """
    Draw the conclusions of a run again.
    """
    return replace(
        run,
        profiles=profile_results(run.contracts, run.outcomes, is_complete=run.complete),
        standings=fold(run.capabilities, run.readings, run.outcomes, run.engines),
    )


@pytest.fixture
def conclude():
    """
    Give `concluded`.
    """
    return concluded
