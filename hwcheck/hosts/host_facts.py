"""Facts of one host, read when they are asked for."""

from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple, Protocol

from hwcheck.model.facts import BindingKind, Calls, CallSite, Module

__all__ = [
    "FactsReader",
    "HostEntryPoint",
    "HostFacts",
    "LocatedCall",
    "defined_names",
    "located",
    "module_path",
]

#: Group, name and value.
HostEntryPoint = tuple[str, str, str]

_DEFINING = frozenset({BindingKind.CLASS, BindingKind.FUNCTION, BindingKind.VALUE})


class LocatedCall(NamedTuple):
    """A call that a host makes, and where."""

    module: str
    path: str
    line: int
    site: CallSite


class FactsReader(Protocol):
    """Where the facts of one host come from: memory, or a store."""

    @property
    def modules(self) -> Collection[str]:
        """The modules that have a source file."""
        ...

    @property
    def compiled(self) -> Collection[str]:
        """The modules that are compiled."""
        ...

    def module(self, name: str) -> Module:
        """Read one of `modules`."""
        ...

    def calls_of(self, names: frozenset[str]) -> Iterable[LocatedCall]:
        """Read the calls of names, by module and line."""
        ...

    def called_names(self) -> Collection[str]:
        """Tell which names `calls_of` may find calls of."""
        ...

    def defining(self, names: frozenset[str]) -> Iterable[tuple[str, str]]:
        """Read (name, module) for the modules whose top level defines one of the names, sorted."""
        ...


class HostFacts:
    """What one vLLM offers; each fact is read once."""

    def __init__(
        self,
        *,
        version: str,
        digest: str,
        reader: FactsReader,
        entry_points: tuple[HostEntryPoint, ...] = (),
    ) -> None:
        """Describe a host; `digest` is the same for hosts with the same facts."""
        self._version = version
        self.digest = digest
        self.entry_points = entry_points
        self._reader = reader
        self._files = frozenset(reader.modules)
        self._names = frozenset(_with_packages([*self._files, *reader.compiled]))
        self._modules: dict[str, Module] = {}
        self._calls: dict[str, tuple[LocatedCall, ...]] = {}
        self._defining: dict[str, tuple[str, ...]] = {}

    @property
    def version(self) -> str:
        """Its release."""
        return self._version

    def __repr__(self) -> str:
        """Name the host."""
        return f"HostFacts({self.version!r})"

    def module(self, name: str) -> Module | None:
        """Read a module; ``None`` when it has no source: absent, compiled, a bare folder."""
        found = self._modules.get(name)
        if found is None and name in self._files:
            found = self._modules[name] = self._reader.module(name)
        return found

    def has_module(self, name: str) -> bool:
        """Whether it can be imported: a source file, a compiled one, or a folder of such."""
        return name in self._names

    def module_names(self) -> frozenset[str]:
        """Name all that `has_module` knows."""
        return self._names

    def calls_of(self, names: Collection[str]) -> dict[str, tuple[LocatedCall, ...]]:
        """Read the calls by the last name before the call, each sorted by module and line.

        Every name asked for is a key. Only calls of names that some known host defines, or that
        look like a variable for a class, are there: `called_names` tells which.
        """
        new = frozenset(names) - self._calls.keys()
        if new:
            found: dict[str, list[LocatedCall]] = {name: [] for name in new}
            for call in self._reader.calls_of(new):
                found[call.site.name].append(call)
            self._calls.update((name, tuple(calls)) for name, calls in found.items())
        return {name: self._calls[name] for name in names}

    def called_names(self) -> frozenset[str]:
        """Name what `calls_of` may find calls of, for those who choose by a pattern."""
        return frozenset(self._reader.called_names())

    def defining(self, names: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Find the modules whose top level defines a name as class, function or value."""
        new = frozenset(names) - self._defining.keys()
        if new:
            found: dict[str, list[str]] = {name: [] for name in new}
            for name, module in self._reader.defining(new):
                found[name].append(module)
            self._defining.update((name, tuple(modules)) for name, modules in found.items())
        return {name: self._defining[name] for name in names}


def module_path(name: str, *, is_package: bool) -> str:
    """Make the path of a module's file, as a wheel has it."""
    return name.replace(".", "/") + ("/__init__.py" if is_package else ".py")


def defined_names(module: Module) -> frozenset[str]:
    """Name what the top level of a module defines; what it imports is not defined there."""
    return frozenset(binding.name for binding in module.bindings if binding.kind in _DEFINING)


def located(module: Module, calls: Calls) -> Iterator[LocatedCall]:
    """Say for each call of a module where it is."""
    lines = accumulate(site.step for site in calls.sites)
    for line, site in zip(lines, calls.sites, strict=True):
        yield LocatedCall(module.name, module.path, line, site._replace(step=0))


def _with_packages(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        while "." in name:
            name = name.rpartition(".")[0]  # noqa: PLW2901 - the packages around it
            yield name
