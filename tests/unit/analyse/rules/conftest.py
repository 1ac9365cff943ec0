"""Plugins and hosts made of a few lines of source, held against one another."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES
from hwcheck.analyse.rules.settled import settle
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.extract import extract_code
from hwcheck.hosts.extracted import facts_of_sources
from hwcheck.hosts.host_facts import HostFacts
from hwcheck.model.finding import Finding
from hwcheck.model.plugin import EntryPoint, Group
from hwcheck.model.use import Code

Sources = Mapping[str, str]

_GATES = frozenset({"vllm_version_is"})


@pytest.fixture
def compare() -> Callable[..., Comparison]:
    """
    Hold a plugin (the text of ``acme``, or its files by path) against hosts.
    """
    return _compare


@pytest.fixture
def find() -> Callable[..., list[Finding]]:
    """
    Run one rule on a plugin and hosts, given as for `compare`.

    It must find the same when what no host makes a difference to is left out.
    """

    def run(
        rule: str, plugin: str | Sources, new: Sources, old: Sources | None = None
    ) -> list[Finding]:
        comparison = _compare(plugin, new, old)
        chosen = next(item for item in BUILT_IN_RULES if item.id == rule)
        settled = settle(comparison.plugin, _GATES)
        found, again = (
            sorted(chosen.find(item), key=lambda finding: (finding.where, finding.key))
            for item in (comparison, replace(comparison, settled=settled))
        )
        assert found == again
        return found

    return run


def _compare(
    plugin: str | Sources,
    new: Sources,
    old: Sources | None = None,
    entry_points: tuple[EntryPoint, ...] | None = None,
) -> Comparison:
    files = {"acme/__init__.py": plugin} if isinstance(plugin, str) else plugin
    point = EntryPoint(group=Group.PLATFORM, name="acme", value="acme:register")
    code = PluginCode(
        name="acme",
        files={code.module.name: code for code in map(_code, files, files.values())},
        tops=frozenset({"acme"}),
        entry_points=(point,) if entry_points is None else entry_points,
    )
    return Comparison(
        plugin=code,
        new=World(code, _host(new, "0.2.0"), _GATES),
        old=None if old is None else World(code, _host(old, "0.1.0"), _GATES),
    )


def _code(path: str, source: str) -> Code:
    stem = path.removesuffix(".py")
    return extract_code(
        source,
        module=stem.removesuffix("/__init__").replace("/", "."),
        path=path,
        is_package=stem.endswith("/__init__"),
        own=frozenset({"acme"}),
    )


def _host(sources: Sources, version: str) -> HostFacts:
    packages = {
        "/".join(parts[:index]) + "/__init__.py": ""
        for path in sources
        for parts in [path.split("/")]
        for index in range(1, len(parts))
    }
    return facts_of_sources({**packages, **sources}, version)
