"""Which modules and folders a distribution brings."""

import os
import sys
from collections.abc import Iterable
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder

__all__ = ["Ownership", "ownership_of", "ownership_of_host"]

#: Names that belong to others, or to nobody, even where a distribution installs them.
_NOT_OWN = frozenset({"vllm", "torch", "tests", "tools", "docs", "__pycache__"})


class Ownership:
    """The packages and modules of one distribution, and where their files are."""

    def __init__(self, names: Iterable[str], folders: Iterable[str], files: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        """Dotted names; a namespace that others share is replaced by what is inside it."""
        self._inside = tuple(f"{name}." for name in self.names)
        self._folders = tuple(sorted(folders))
        self._files = frozenset(files)

    def owns_file(self, file: str) -> bool:
        """Whether a source file is the distribution's."""
        real = os.path.realpath(file)
        return real in self._files or real.startswith(self._folders)

    def owns_module(self, name: str) -> bool:
        """Whether a module is the distribution's."""
        return name in self.names or name.startswith(self._inside)


def ownership_of(distribution: str, modules: Iterable[str]) -> Ownership:
    """Find what a distribution installs, or, where its record does not say, holds in `modules`."""
    paths = {*_recorded(distribution), *(tuple(name.split(".")) for name in modules if name)}
    found = _Found(paths)
    for parts in sorted({path[:1] for path in paths if path[0] not in _NOT_OWN}):
        found.add(parts, search=None)
    return Ownership(found.names, found.folders, found.files)


def ownership_of_host() -> Ownership:
    """Find what vLLM itself holds, for a control that looks at its own platform."""
    spec = _spec_of("vllm", None)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Ownership(["vllm"], [os.path.realpath(place) + os.sep for place in places], ())


def _recorded(distribution: str) -> set[tuple[str, ...]]:
    try:
        recorded = metadata.distribution(distribution).files or []
    # Not installed, or with metadata that cannot be read: others report that.
    except Exception:
        return set()
    found = set()
    for file in recorded:
        *folders, name = file.parts
        stem, _, suffix = name.partition(".")
        # An editable installation puts a finder of its packaging tool beside the packages.
        if not all(part.isidentifier() for part in folders) or name.startswith("__editable__"):
            continue
        if folders:
            found.add((*folders, stem) if suffix == "py" and stem != "__init__" else (*folders,))
        elif suffix == "py":
            found.add((stem,))
    return found


class _Found:
    def __init__(self, paths: set[tuple[str, ...]]) -> None:
        self._paths = paths
        self.names: set[str] = set()
        self.folders: set[str] = set()
        self.files: set[str] = set()

    def add(self, parts: tuple[str, ...], search: list[str] | None) -> None:
        name = ".".join(parts)
        spec = _spec_of(name, search)
        places = list(spec.submodule_search_locations or ()) if spec else []
        is_namespace = spec is not None and spec.origin is None and bool(places)
        inner = self._inside(parts) if is_namespace else ()
        for longer in inner:
            self.add(longer, places)
        if inner:
            return
        # What cannot be found cannot be imported; its name is still the distribution's.
        self.names.add(name)
        self.folders.update(os.path.realpath(place) + os.sep for place in places)
        if spec is not None and spec.origin and not places:
            self.files.add(os.path.realpath(spec.origin))

    def _inside(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        depth = len(parts)
        return tuple(
            sorted(
                {
                    path[: depth + 1]
                    for path in self._paths
                    if path[:depth] == parts and len(path) > depth
                }
            )
        )


def _spec_of(name: str, search: list[str] | None) -> ModuleSpec | None:
    # Without importing parents, which `importlib.util.find_spec` would do.
    try:
        spec = PathFinder.find_spec(name, search)
    except KeyError:
        # A namespace inside another is found only when its parent is imported.
        return _namespace(name, search or [])
    if spec is not None:
        return spec
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, search, None)
        # Finders of editable installations are anybody's code.
        except Exception:
            continue
        if spec is not None:
            return spec
    return None


def _namespace(name: str, search: list[str]) -> ModuleSpec:
    spec = ModuleSpec(name, None, is_package=True)
    inside = (os.path.join(folder, name.rpartition(".")[2]) for folder in search)
    spec.submodule_search_locations = [folder for folder in inside if os.path.isdir(folder)]
    return spec
