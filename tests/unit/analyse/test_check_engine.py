"""The check from a target to its findings, with tiny vLLMs and a rule made for the test."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hwcheck.analyse.check import check
from hwcheck.analyse.request import CheckSettings
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rule_set import GivenRules
from hwcheck.errors import DiscoveryError, HostError, SourceError, UsageError
from hwcheck.hosts.extracted import facts_of_tree
from hwcheck.model.check import BaselineKind, Selection, SkippedKind
from hwcheck.model.finding import Finding, Location, Severity
from hwcheck.sources import open_sources

#: What each tiny vLLM offers in the module vllm.api.
RELEASES = {
    "0.1.0": "old, kept",
    "0.2.0": "old, kept, fresh",
    "0.3.0": "kept, fresh",
    "0.4.0": "kept, fresh",
    "0.5.0": "fresh",
}

PYPROJECT = """
[project]
name = "vllm-acme"
version = "{version}"
dependencies = {requires}

[project.entry-points."vllm.platform_plugins"]
acme = "acme:register"
"""


def find_missing(comparison):
    """Find imports from vllm.api that the new host does not have."""
    module = comparison.new.host.module("vllm.api")
    names = {binding.name for binding in module.bindings}
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


def find_moved(comparison):
    """Find, with an old host, that it had another number of names."""
    counts = [
        len(world.host.module("vllm.api").bindings) for world in (comparison.old, comparison.new)
    ]
    for code in comparison.plugin.files.values():
        if counts[0] != counts[1] and code.module.is_package:
            yield Finding(
                rule="HW404",
                severity=Severity.NOTE,
                where=Location(path=code.module.path, line=1),
                symbol="vllm.api",
                plugin_side="is there",
                host_side="changed",
            )


def rule(id_, find, *, needs_old=False):
    return Rule(
        id=id_,
        title="a name is gone",
        severity=Severity.ERROR,
        explanation="",
        remedy="",
        bad="",
        good="",
        find=find,
        needs_old=needs_old,
    )


RULES = (rule("HW102", find_missing), rule("HW404", find_moved, needs_old=True))


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
        if word not in RELEASES:
            raise HostError(f"no facts for host {word!r}")
        with open_sources(self.folder / word) as tree:
            return facts_of_tree(tree, word)

    def digest(self, word):
        return self.open(word).digest


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "hosts")


@pytest.fixture
def plugin(tmp_path):
    def write(files, *, version="9.9", requires=()):
        folder = tmp_path / "plugin"
        texts = {"pyproject.toml": PYPROJECT.format(version=version, requires=json.dumps(requires))}
        for name, text in {**texts, "acme/__init__.py": "", **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(folder)

    return write


def run(target, shelf, *, progress=lambda stage: None, rules=RULES, **settings):
    asked = CheckSettings(target=target, **settings)
    return check(
        asked, GivenRules(rules, "made for the tests"), shelf, environment={}, progress=progress
    ).check


def named(findings):
    return [(item.rule, item.where.path, item.where.line, item.symbol) for item in findings]


def test_check_tells_new_from_standing_findings(plugin, shelf):
    """
    What is wrong on the baseline too stands apart and is no error.
    """
    target = plugin({"acme/a.py": "from vllm.api import old\nfrom vllm.api import nothing\n"})

    found = run(target, shelf, host="0.3.0", baseline="0.1.0")

    assert named(found.findings) == [("HW102", "acme/a.py", 1, "vllm.api.old")]
    assert named(found.standing) == [("HW102", "acme/a.py", 2, "vllm.api.nothing")]
    assert found.findings[-1].since == "0.3.0"
    assert found.baseline.kind == BaselineKind.ASKED
    assert (found.host, found.files, found.skipped) == ("0.3.0", 2, ())


def test_finding_of_the_baseline_is_lowered(plugin, shelf):
    """
    Against its own baseline a host has only standing findings.
    """
    target = plugin({"acme/a.py": "from vllm.api import nothing\n"})

    found = run(target, shelf, host="0.3.0", baseline="0.3.0")

    assert found.findings == ()
    assert [item.severity for item in found.standing] == [Severity.WARNING]


def test_since_is_the_first_release_with_the_finding(plugin, shelf):
    """
    Each finding has its own first release.
    """
    target = plugin({"acme/a.py": "from vllm.api import old, kept\n"})

    found = run(target, shelf, host="0.5.0", baseline="0.1.0", selection=Selection(select=("HW1",)))

    assert {item.symbol: item.since for item in found.findings} == {
        "vllm.api.kept": "0.5.0",
        "vllm.api.old": "0.3.0",
    }


def test_declared_release_is_the_baseline(plugin, shelf):
    """
    Without --from, a bounded requirement tells the baseline.
    """
    target = plugin({"acme/a.py": "from vllm.api import old\n"}, requires=["vllm<0.3"])

    found = run(target, shelf, host="0.4.0")

    assert (found.baseline.kind, found.baseline.host) == (BaselineKind.DECLARED, "0.2.0")
    assert "vllm<0.3" in found.baseline.reason


def test_requirement_list_of_the_tree_is_read(plugin, shelf):
    """
    A pin in requirements.txt counts, where the metadata has only a lower bound.
    """
    files = {"requirements.txt": "torch\nvllm==0.1.0 # pinned\n", "acme/a.py": "import vllm\n"}

    found = run(plugin(files, requires=["vllm>=0.1"]), shelf, host="0.4.0")

    assert found.baseline.host == "0.1.0"


def test_own_version_that_is_a_release_is_the_baseline(plugin, shelf):
    """
    Many plugins carry the number of the release that they are made for.
    """
    found = run(plugin({}, version="0.2.0rc1"), shelf, host="0.4.0")

    assert (found.baseline.kind, found.baseline.host) == (BaselineKind.DECLARED, "0.2.0")


def test_release_with_the_fewest_findings_is_the_baseline(plugin, shelf):
    """
    Where nothing is declared the counts decide, and are told.
    """
    target = plugin({"acme/a.py": "from vllm.api import old, kept, fresh\n"})

    found = run(target, shelf, host="0.4.0")

    assert (found.baseline.kind, found.baseline.host) == (BaselineKind.FEWEST, "0.2.0")
    assert "0.2.0: 0" in found.baseline.reason


def test_window_has_a_line_for_each_release(plugin, shelf):
    """
    Without a host every known release is looked at, and told as soon as it is done.
    """
    stages = []
    target = plugin({"acme/a.py": "from vllm.api import kept, fresh\n"})

    found = run(target, shelf, baseline="0.3.0", progress=stages.append)

    assert found.host is None
    assert [(line.host, line.fits, line.errors) for line in found.window] == [
        ("0.1.0", False, 1),
        ("0.2.0", True, 0),
        ("0.3.0", True, 0),
        ("0.4.0", True, 0),
        ("0.5.0", False, 1),
    ]
    assert found.window[0].reasons == ("HW102 vllm.api.fresh: the module has no such name",)
    assert [stage.subject for stage in stages if stage.line is not None] == list(RELEASES)


def test_processes_do_not_change_the_result(plugin, shelf):
    """
    Two processes find what one finds, in the same order.
    """
    large = "".join(f"VALUE_{number} = {number}\n" for number in range(20_000))
    target = plugin(
        {"acme/a.py": "from vllm.api import kept\n", "acme/b.py": large, "acme/c.py": large}
    )

    one = run(target, shelf, baseline="0.3.0", processes=1)

    assert run(target, shelf, baseline="0.3.0", processes=2) == one


def test_second_check_is_answered_from_the_cache(plugin, shelf, tmp_path):
    """
    The same plugin and hosts give the same result without reading the code again.
    """
    target = plugin({"acme/a.py": "from vllm.api import old\n"})
    wanted = {"host": "0.5.0", "baseline": "0.1.0", "cache": tmp_path / "cache"}
    first = run(target, shelf, **wanted)

    def refuse(comparison):
        raise AssertionError("the rules were run again")

    rules = tuple(replace(item, find=refuse) for item in RULES)

    assert run(target, shelf, rules=rules, **wanted) == first


def test_changed_file_is_read_again(plugin, shelf, tmp_path):
    """
    The cache goes by content, not by time.
    """
    wanted = {"host": "0.5.0", "baseline": "0.1.0", "cache": tmp_path / "cache"}
    run(plugin({"acme/a.py": "from vllm.api import old\n"}), shelf, **wanted)

    found = run(plugin({"acme/a.py": "\nfrom vllm.api import kept\n"}), shelf, **wanted)

    assert ("HW102", "acme/a.py", 2, "vllm.api.kept") in named(found.findings)


def test_damaged_cache_is_made_again(plugin, shelf, tmp_path):
    """
    What cannot be read of the cache is forgotten.
    """
    target = plugin({"acme/a.py": "from vllm.api import old\n"})
    wanted = {"host": "0.5.0", "baseline": "0.1.0", "cache": tmp_path / "cache"}
    first = run(target, shelf, **wanted)
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")

    assert run(target, shelf, **wanted) == first


def test_cache_that_cannot_be_written_does_not_matter(plugin, shelf, tmp_path):
    """
    A file where the cache's folder should be only makes the check slower.
    """
    (tmp_path / "cache").write_text("")

    found = run(plugin({}), shelf, host="0.5.0", baseline="0.1.0", cache=tmp_path / "cache")

    assert found.files == 1


def test_files_that_cannot_be_read_are_named_and_the_rest_goes_on(plugin, shelf):
    """
    Bad syntax and other encodings are skipped with a finding each; the check is partial.
    """
    files = {
        "acme/a.py": "from vllm.api import old\n",
        "acme/broken.py": "def f(:\n",
        "acme/deep.py": "x = " + "(" * 5000 + ")" * 5000,
        "acme/latin.py": b"name = 'caf\xe9'\n",
        "acme/wide.py": "a = 1\n".encode("utf-16"),
    }

    found = run(plugin(files), shelf, host="0.5.0", baseline="0.1.0")

    assert not found.is_complete
    assert {item.path: item.kind for item in found.skipped} == {
        "acme/broken.py": SkippedKind.SYNTAX,
        "acme/deep.py": SkippedKind.SYNTAX,
        "acme/latin.py": SkippedKind.ENCODING,
        "acme/wide.py": SkippedKind.ENCODING,
    }
    unread = [item for item in found.findings if item.rule == "HW901"]
    assert [item.where.path for item in unread] == [item.path for item in found.skipped]
    assert "line 1: " in unread[0].plugin_side
    assert ("HW102", "acme/a.py", 1, "vllm.api.old") in named(found.findings)


def test_comment_in_the_source_hides_findings(plugin, shelf):
    """
    Ignored findings are apart, and a comment that hides nothing is a note.
    """
    text = (
        "from vllm.api import old  # hwcheck: ignore[HW102]\nimport os  # hwcheck: ignore[HW102]\n"
    )

    found = run(
        plugin({"acme/a.py": text}),
        shelf,
        host="0.5.0",
        baseline="0.1.0",
        selection=Selection(ignore=("HW4",)),
    )

    assert named(found.findings) == [("HW902", "acme/a.py", 2, "HW102")]
    assert named(found.suppressed) == [("HW102", "acme/a.py", 1, "vllm.api.old")]
    assert [page.id for page in found.rules] == ["HW102", "HW902"]


def test_selection_leaves_other_rules_out(plugin, shelf):
    """
    Only what was selected is found.
    """
    target = plugin({"acme/a.py": "from vllm.api import old\n"})

    found = run(target, shelf, host="0.5.0", baseline="0.1.0", selection=Selection(select=("HW4",)))

    assert {item.rule for item in found.findings} == {"HW404"}


def test_unknown_prefix_and_unknown_host_are_refused(plugin, shelf):
    """
    Nothing is read when the question makes no sense.
    """
    target = plugin({})

    with pytest.raises(UsageError, match="HW7"):
        run(target, shelf, selection=Selection(select=("HW7",)))
    with pytest.raises(HostError, match=r"0\.9\.9"):
        run(target, shelf, host="0.9.9")
    with pytest.raises(HostError, match=r"0\.9\.8"):
        run(target, shelf, baseline="0.9.8")


def test_tree_without_entry_points_is_checked_with_a_problem(tmp_path, shelf):
    """
    Code that imports vLLM and declares nothing is checked, and said to be undeclared.
    """
    (tmp_path / "loose/acme").mkdir(parents=True)
    (tmp_path / "loose/acme/__init__.py").write_text("from vllm.api import old\n")
    settings = CheckSettings(target=str(tmp_path / "loose"), host="0.5.0", baseline="0.1.0")

    found = check(
        settings, GivenRules(RULES, ""), shelf, environment={}, progress=lambda stage: None
    )

    assert [item.subject for item in found.problems] == ["loose"]
    assert "HW102" in {item.rule for item in found.check.findings}


def test_tree_that_has_nothing_to_do_with_vllm_is_refused(tmp_path, shelf):
    """
    Where nothing is declared and vLLM is not imported, there is nothing to check.
    """
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/__init__.py").write_text("import os\n")

    with pytest.raises(DiscoveryError):
        run(str(tmp_path), shelf)


def test_plugin_without_python_files_is_refused(plugin, shelf):
    """
    Metadata alone is no plugin that could be checked.
    """
    target = plugin({})
    (Path(target) / "acme/__init__.py").unlink()

    with pytest.raises(SourceError, match="holds no Python files"):
        run(target, shelf)
