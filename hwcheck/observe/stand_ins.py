"""Which modules get a stand-in in a plugin's processes, and how they get it."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from hwcheck.discover.files import is_extension_module
from hwcheck.discover.own_modules import compiled_modules
from hwcheck.model.plugin import Group
from hwcheck.observe.needed_imports import read_needs
from hwcheck.observe.target import Target
from hwcheck.standins.start import PLAN, USED

__all__ = ["StandIns", "find_stand_ins", "put_in_front", "used_stand_ins"]

_SITE = (
    '"""Stand-ins for vendor modules that are not installed, put here by hwcheck."""\n\n'
    "from hwcheck.standins.start import start\n\nstart(__file__)\n"
)
#: Never replaced: the host, what it stands on, and ourselves.
_KEPT = sys.stdlib_module_names | {"vllm", "torch", "hwcheck", "hwcheck_conformance", "__main__"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """What a plugin imports and this environment lacks."""

    modules: tuple[str, ...]
    """Top-level modules of others, and compiled modules of the plugin's own."""
    compiled: tuple[str, ...]
    """The plugin's compiled modules that are there; a library that they need may not be."""
    devices: tuple[str, ...]
    """What the plugin takes for devices of torch, by their use."""
    names: tuple[str, ...]
    """What it imports from torch's modules; vendors' libraries add names to them."""
    askers: tuple[str, ...]
    """The plugin's own top-level modules, which alone get stand-ins."""

    @property
    def are_needed(self) -> bool:
        """Whether anything could be replaced."""
        return bool(self.modules or self.compiled)


def find_stand_ins(target: Target) -> StandIns:
    """Find what the plugin's source imports for itself and the tested environment does not have."""
    tops = {point.module.partition(".")[0] for point in target.plugin.entry_points}
    asked = {point.module for point in target.plugin.of_group(Group.PLATFORM)}
    needs = read_needs(Path(target.files.root), tops, asked)
    absent = {name for name in needs.modules - tops - _KEPT if _is_absent(name, target.path)}
    own = {
        module.name
        for module in compiled_modules(target.plugin, target.files)
        if not module.is_there
    }
    return StandIns(
        modules=tuple(sorted(absent | own)),
        compiled=tuple(
            file.partition(".")[0].replace("/", ".")
            for file in target.files.compiled
            if is_extension_module(file)
        ),
        devices=needs.devices,
        names=tuple(sorted(needs.names)),
        askers=tuple(sorted(tops)),
    )


def put_in_front(
    stand_ins: StandIns, environment: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """Write what installs them to a folder, and give the environment that has it first."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = {
        "modules": stand_ins.modules,
        "compiled": stand_ins.compiled,
        "devices": stand_ins.devices,
        "names": stand_ins.names,
        "askers": stand_ins.askers,
    }
    (folder / PLAN).write_text(json.dumps(plan, indent=1), encoding="utf-8")
    (folder / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
    before = environment.get("PYTHONPATH")
    path = os.pathsep.join([str(folder.absolute()), *([before] if before else [])])
    return {**environment, "PYTHONPATH": path}


def used_stand_ins(folder: Path) -> tuple[str, ...]:
    """The modules that were replaced in any process so far, without what is inside them."""
    try:
        names = set((folder / USED).read_text(encoding="utf-8").split())
    except OSError:
        return ()
    return tuple(sorted(name for name in names if not _has_parent(name, names)))


def _has_parent(name: str, names: set[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in names for n in range(1, len(parts)))


def _is_absent(name: str, path: tuple[str, ...]) -> bool:
    # Finders of editable installations are not asked here; they come before stand-ins anyhow.
    return PathFinder.find_spec(name, list(path)) is None
