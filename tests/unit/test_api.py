"""A conformance run from end to end, on a tiny suite of an extension."""

import os
from dataclasses import dataclass

import pluggy
import pytest

from hwcheck import hooks
from hwcheck.api import RunSettings, conformance_run, known_contracts
from hwcheck.errors import DiscoveryError, HostError
from hwcheck.hooks import hookimpl
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Environment, Verdict
from hwcheck.registry import Registry

MACHINE = Environment(hwcheck="0", python="3", torch=None, system="Linux", machine="x86_64")
CONTRACTS = """
from hwcheck.model.contract import Contract, Profile
ALL = tuple(
    Contract(id=f"tiny.{name}", profile=Profile.P0, title="t", relied_on_by="r", remedy="m")
    for name in ("pass", "fail")
)
"""
TESTS = """
import pytest
from tiny_suite.contracts import ALL

@pytest.mark.contract(ALL[0])
def test_pass(target):
    assert target.plugin.name == "acme"

@pytest.mark.contract(ALL[1])
def test_fail(tmp_path):
    pytest.fail(f"written below {tmp_path}", pytrace=False)
"""


@dataclass
class Suite:
    name: str
    package: str


class Extension:
    """Offers the tiny suite, and remembers what it is told."""

    def __init__(self):
        self.runs = []

    @hookimpl
    def hwcheck_suites(self):
        return [Suite("tiny", "tiny_suite")]

    @hookimpl
    def hwcheck_finished(self, run):
        self.runs.append(run)


@pytest.fixture
def extension():
    return Extension()


@pytest.fixture
def registry(extension):
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(extension, "tiny")
    return Registry(manager)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """
    A host, a plugin and the suite, on the path of our children.
    """
    root = tmp_path / "site"
    files = {
        "vllm/__init__.py": "",
        "vllm-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 9.9\n",
        "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
        "acme-1.0.dist-info/entry_points.txt": "[vllm.platform_plugins]\nacme = acme:register\n",
        "tiny_suite/__init__.py": "",
        "tiny_suite/contracts.py": CONTRACTS,
        "tiny_suite/test_tiny.py": TESTS,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(root))
    return root


@pytest.fixture
def run(site, registry, tmp_path):
    """
    Run it, and return the run with what was told meanwhile.
    """

    def carry_out(target="acme", **settings):
        begun, followed = [], []
        ticks = iter((10.0, 12.5))
        made = conformance_run(
            RunSettings(target=target, **settings),
            registry,
            directory=tmp_path / "work",
            environment=os.environ,
            machine=MACHINE,
            started="2026-01-01T00:00:00+00:00",
            clock=lambda: next(ticks),
            begin=begun.append,
            follow=followed.append,
        )
        return made, begun, followed

    return carry_out


def test_run_tells_before_meanwhile_and_after(run, extension):
    """
    The target is told first, each line as it comes, and extensions at the end.
    """
    made, begun, followed = run(extra_arguments=("--profile", "P0"))

    assert begun[0].host.version == "9.9"
    assert [line.outcome.contract for line in followed if line.outcome] == [
        "tiny.pass",
        "tiny.fail",
    ]
    assert extension.runs == [made]
    assert made.complete
    assert (made.seconds, made.started) == (2.5, "2026-01-01T00:00:00+00:00")
    assert made.command == "hwcheck run acme --profile P0"
    assert made.profiles[0].verdict is Verdict.BROKEN


def test_run_hides_the_working_folder(run, tmp_path):
    """
    The name of a temporary folder would make each run differ from the last.
    """
    made, _, _ = run()

    (broken,) = made.in_state(OutcomeState.BROKEN)
    assert broken.reason is not None
    assert broken.reason.startswith("written below $WORK/work/")


def test_unknown_plugin_is_refused_before_anything_starts(run, tmp_path):
    """
    Nobody is told of a beginning, and nothing is written.
    """
    with pytest.raises(DiscoveryError, match="nearest: acme"):
        run("acmee")

    assert not (tmp_path / "work").exists()


def test_wheel_is_refused_with_the_way_to_install_it(run):
    """
    What discovery says of a name is replaced by what helps.
    """
    with pytest.raises(DiscoveryError, match="pip install acme==2"):
        run("acme==2")


def test_missing_host_is_told(run, site):
    """
    Without vLLM there is nothing to run a plugin under.
    """
    (site / "vllm" / "__init__.py").unlink()

    with pytest.raises(HostError, match=r"no vLLM is installed beside acme 1\.0"):
        run()


def test_known_contracts_are_those_of_all_suites(site, registry):
    """
    Contracts come from the suites that are registered.
    """
    found = known_contracts(registry, os.environ)

    assert [item.id for item in found] == ["tiny.fail", "tiny.pass"]
