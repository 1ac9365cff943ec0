"""The survey of one plugin over many tiny vLLMs, with a rule made for the test."""

import pytest

from hwcheck.analyse.request import CheckSettings
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rule_set import GivenRules
from hwcheck.analyse.survey import survey
from hwcheck.errors import DiscoveryError, HostError
from hwcheck.hosts.extracted import facts_of_tree
from hwcheck.model.finding import Finding, Location, Severity
from hwcheck.sources import open_sources

RELEASES = {"0.1.0": "kept", "0.2.0": "old, kept", "0.3.0": "old, kept", "0.4.0": "kept"}
PYPROJECT = """
[project]
name = "vllm-acme"
version = "1.0"
dependencies = ["vllm==0.2.0"]

[project.entry-points."vllm.platform_plugins"]
acme = "acme:register"
"""


def find_missing(comparison):
    """Find imports from vllm.api that the host does not have."""
    names = {binding.name for binding in comparison.new.host.module("vllm.api").bindings}
    for code in comparison.plugin.files.values():
        for item in code.uses.imports:
            if item.module == "vllm.api" and item.name not in names:
                yield Finding(
                    rule="HW102",
                    severity=Severity.ERROR,
                    where=Location(path=code.module.path, line=item.line),
                    symbol=f"vllm.api.{item.name}",
                    plugin_side=f"imports {item.name}",
                    host_side="the module has no such name",
                )


RULES = GivenRules(
    (
        Rule(
            id="HW102",
            title="a name is gone",
            severity=Severity.ERROR,
            explanation="",
            remedy="",
            bad="",
            good="",
            find=find_missing,
            needs_old=False,
        ),
    ),
    "digest",
)


class Shelf:
    """The tiny vLLMs."""

    def __init__(self, folder):
        self.folder = folder
        for release, names in RELEASES.items():
            package = folder / release / "vllm"
            package.mkdir(parents=True)
            (package / "__init__.py").write_text("")
            text = "".join(f"def {name}(): ...\n" for name in names.split(", "))
            (package / "api.py").write_text(text)

    def known(self):
        return tuple(RELEASES)

    def open(self, word):
        if word not in RELEASES and word != "checkout":
            raise HostError(f"no facts for host {word!r}")
        # What the next release is going to be.
        with open_sources(self.folder / ("0.4.0" if word == "checkout" else word)) as tree:
            return facts_of_tree(tree, word)

    def digest(self, word):
        return self.open(word).digest


@pytest.fixture
def look(tmp_path):
    """Give a function that surveys a plugin of one file."""
    shelf = Shelf(tmp_path / "hosts")
    tree = tmp_path / "plugin"
    (tree / "acme").mkdir(parents=True)
    (tree / "pyproject.toml").write_text(PYPROJECT)

    def carry_out(text, hosts, builds=None, **changes):
        (tree / "acme/__init__.py").write_text(text)
        return survey(
            CheckSettings(target=str(tree), processes=1, **changes),
            RULES,
            shelf,
            hosts=hosts,
            builds=builds,
            environment={},
            progress=lambda stage: None,
        )

    return carry_out


def errors(found):
    """The number of findings on each host."""
    return {line.host: len(line.findings) for line in found.lines}


def test_every_release_between_is_looked_at(look):
    """
    From the release that it was made for to the hosts asked for none is left out.
    """
    found = look("from vllm.api import old", ["0.4.0"])

    assert found.plugin.name == "vllm-acme"
    assert found.baseline.host == "0.2.0"
    assert errors(found) == {"0.2.0": 0, "0.3.0": 0, "0.4.0": 1}
    assert (found.files, found.skipped) == (1, ())


def test_builds_are_looked_at_beside_the_releases(look):
    """
    They have the names that they are given, and widen no range of releases.
    """
    found = look("from vllm.api import old", ["0.3.0"], builds={"main": "checkout"})

    assert errors(found) == {"0.2.0": 0, "0.3.0": 0}
    assert [(line.host, len(line.findings)) for line in found.builds] == [("main", 1)]


def test_what_was_wrong_before_and_what_is_ignored_do_not_count(look):
    """
    Only what is new counts, and comments in the source take out what they name.
    """
    text = "from vllm.api import never\nfrom vllm.api import old  # hwcheck: ignore[HW102]\n"

    assert errors(look(text, ["0.1.0", "0.4.0"])) == dict.fromkeys(RELEASES, 0)


def test_baseline_can_be_told(look):
    """
    Seen from another release other things are new.
    """
    found = look("from vllm.api import old", ["0.2.0"], baseline="0.4.0")

    assert errors(found) == {"0.2.0": 0, "0.3.0": 0, "0.4.0": 0}


def test_what_cannot_be_read_is_refused(tmp_path):
    """
    A target that is no plugin, and a baseline that is no host, are errors of their stage.
    """
    shelf = Shelf(tmp_path / "hosts")

    with pytest.raises(DiscoveryError):
        survey(
            CheckSettings(target=str(tmp_path / "none")),
            RULES,
            shelf,
            hosts=["0.4.0"],
            environment={},
            progress=lambda stage: None,
        )
