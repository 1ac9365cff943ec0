"""Facts of a host that were just extracted, held in memory."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b

from hwcheck.extract import extract_host_file
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.extraction import Extraction, contents_of, tree_digest
from hwcheck.hosts.host_facts import (
    HostEntryPoint,
    HostFacts,
    LocatedCall,
    defined_names,
    located,
)
from hwcheck.model.extract_version import EXTRACT_VERSION
from hwcheck.model.facts import Calls, Module
from hwcheck.sources import SourceTree

__all__ = ["ExtractedReader", "facts_of_sources", "facts_of_tree"]


class ExtractedReader:
    """Modules and calls by the names of the modules."""

    def __init__(
        self, modules: Mapping[str, Module], calls: Mapping[str, Calls], compiled: Collection[str]
    ) -> None:
        self.modules: Collection[str] = modules.keys()
        self.compiled = compiled
        self._modules = modules
        self._calls: dict[str, list[LocatedCall]] = {}
        for name in sorted(modules):
            for call in located(modules[name], calls[name]):
                self._calls.setdefault(call.site.name, []).append(call)

    def module(self, name: str) -> Module:
        """Look up a module."""
        return self._modules[name]

    def calls_of(self, names: frozenset[str]) -> Iterator[LocatedCall]:
        """Look up calls."""
        for name in sorted(names):
            yield from self._calls.get(name, ())

    def called_names(self) -> Collection[str]:
        """Name all that is called."""
        return self._calls.keys()

    def defining(self, names: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Go through all modules."""
        for module in sorted(self._modules):
            for name in sorted(names & defined_names(self._modules[module])):
                yield name, module


def facts_of_tree(
    tree: SourceTree, version: str, *, entry_points: tuple[HostEntryPoint, ...] = ()
) -> HostFacts:
    """Extract the facts of all files of a tree, in this process.

    What cannot be read or does not parse counts as compiled: it is there, and says nothing.
    """
    extraction = Extraction(ContentCache(None), processes=1)
    extraction.add(tree)
    modules: dict[str, Module] = {}
    calls: dict[str, Calls] = {}
    opaque = list(tree.compiled)
    for name, content in contents_of(tree).items():
        module, calls[name] = extraction.get(name, content)
        if module is None:
            opaque.append(name)
        else:
            modules[name] = module
    return HostFacts(
        version=version,
        digest=tree_digest(tree, map(str, entry_points)),
        reader=ExtractedReader(modules, calls, opaque),
        entry_points=entry_points,
    )


def facts_of_sources(
    sources: Mapping[str, str],
    version: str,
    *,
    compiled: Collection[str] = (),
    entry_points: tuple[HostEntryPoint, ...] = (),
) -> HostFacts:
    """Extract the facts of a host from the text of its files by path: ``vllm/x.py``.

    Raises SyntaxError: a file does not parse.
    """
    modules: dict[str, Module] = {}
    calls: dict[str, Calls] = {}
    identity = blake2b(f"{EXTRACT_VERSION} {sorted(compiled)}".encode(), digest_size=8)
    for path in sorted(sources):
        name, is_package = _module_name(path)
        modules[name], calls[name] = extract_host_file(
            sources[path], module=name, path=path, is_package=is_package
        )
        identity.update(f"\n{path}\n{sources[path]}".encode("utf-8", "backslashreplace"))
    return HostFacts(
        version=version,
        digest=identity.hexdigest(),
        reader=ExtractedReader(modules, calls, compiled),
        entry_points=entry_points,
    )


def _module_name(path: str) -> tuple[str, bool]:
    stem = path.removesuffix(".py")
    return stem.removesuffix("/__init__").replace("/", "."), stem.endswith("/__init__")
