"""The finders that answer an import with a stand-in where nothing else does."""

import sys
from collections.abc import Callable, Collection, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType

from hwcheck.standins.answers import StandInModule

__all__ = ["CompiledFinder", "StandInFinder"]

#: How the system's loader says that a library which a compiled module needs is absent.
_LOADER_SAYS = "cannot open shared object file"
#: May ask for stand-ins besides the plugin: what is started by name, and hwcheck itself.
_ALSO_ASK = frozenset({"__main__", "__mp_main__", "hwcheck"})

Note = Callable[[str], None]
"""Told each module that was replaced."""


class StandInFinder(MetaPathFinder):
    """Comes last: finds what nobody else found, for those who are to get it."""

    def __init__(self, names: Collection[str], askers: Collection[str], note: Note) -> None:
        self._names = frozenset(names)
        self._askers = _ALSO_ASK | frozenset(askers)
        self._note = note

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a stand-in when the plugin asks; the host goes on without the module."""
        if not self._stands_for(fullname) or not self._is_for(sys._getframe(1)):
            return None
        return ModuleSpec(fullname, _StandInLoader(self._note), is_package=True)

    def _stands_for(self, name: str) -> bool:
        parts = name.split(".")
        return any(".".join(parts[:n]) in self._names for n in range(1, len(parts) + 1))

    def _is_for(self, frame: FrameType | None) -> bool:
        # vLLM and transformers look for many modules to choose their own way by.
        while frame is not None:
            top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
            if top not in sys.stdlib_module_names or top == "__main__":
                return top in self._askers or top.partition(".")[0] in self._names
            frame = frame.f_back
        return True


class CompiledFinder(MetaPathFinder):
    """Comes first: lets compiled modules of the plugin load, unless a library is absent."""

    def __init__(self, names: Collection[str], note: Note) -> None:
        self._names = frozenset(names)
        self._note = note

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the real module, with a stand-in to fall back on."""
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _CompiledLoader(spec.loader, self._note)
        return spec


class _StandInLoader(Loader):
    def __init__(self, note: Note) -> None:
        self._note = note

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        self._note(module.__name__)


class _CompiledLoader(Loader):
    def __init__(self, loader: Loader, note: Note) -> None:
        self._loader = loader
        self._note = note

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        try:
            return self._loader.create_module(spec)
        except ImportError as error:
            if _LOADER_SAYS not in str(error):
                raise
            return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        if isinstance(module, StandInModule):
            self._note(module.__name__)
        else:
            self._loader.exec_module(module)
