"""Small worlds: a plugin and a host from the text of their files."""

import textwrap
from collections.abc import Callable, Mapping

import pytest

from hwcheck.analyse.entities import Entity
from hwcheck.analyse.world import PluginCode, World
from hwcheck.extract import extract_code
from hwcheck.hosts.extracted import facts_of_sources
from hwcheck.model.plugin import EntryPoint, Group
from hwcheck.model.use import Code

MakeWorld = Callable[..., World]

PLATFORM_POINT = EntryPoint(group=Group.PLATFORM, name="x", value="vllm_x:register")


def make_plugin(sources: Mapping[str, str], *, points: tuple[EntryPoint, ...] = ()) -> PluginCode:
    """Read a plugin named ``vllm_x``."""
    files: dict[str, Code] = {}
    for path, text in {"vllm_x/__init__.py": "", **sources}.items():
        is_package = path.endswith("/__init__.py")
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        files[name] = extract_code(
            textwrap.dedent(text), module=name, path=path, is_package=is_package, own={"vllm_x"}
        )
    return PluginCode(name="vllm-x", files=files, tops=frozenset({"vllm_x"}), entry_points=points)


@pytest.fixture
def make_world() -> MakeWorld:
    """Give a factory of worlds from the sources of the plugin and the host, by path."""

    def make(
        plugin: Mapping[str, str] | str = "",
        host: Mapping[str, str] | None = None,
        *,
        version: str = "0.26.0",
        points: tuple[EntryPoint, ...] = (),
        compiled: tuple[str, ...] = (),
    ) -> World:
        sources = {"vllm_x/code.py": plugin} if isinstance(plugin, str) else plugin
        texts = {path: textwrap.dedent(text) for path, text in (host or {}).items()}
        facts = facts_of_sources({"vllm/__init__.py": "", **texts}, version, compiled=compiled)
        return World(make_plugin(sources, points=points), facts, frozenset({"vllm_version_is"}))

    return make


@pytest.fixture
def entity_of() -> Callable[[World, str], Entity]:
    """Give what the last read of a chain in ``vllm_x.code`` stands for."""

    def find(world: World, chain: str) -> Entity:
        code = world.plugin.files["vllm_x.code"]
        access = [item for item in code.uses.accesses if item.chain == chain][-1]
        steps = world.walk(code, access.scope, chain, access.lines[-1])
        return steps[-1].entity

    return find
