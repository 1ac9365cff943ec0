"""The files of an installed plugin: which its record lists, which are there, which are compiled."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlparse

from importlib_metadata import distributions

from hwcheck.discover.metadata import Distribution as ReadDistribution
from hwcheck.model.plugin import Plugin

__all__ = ["InstalledFiles", "editable_tree", "installed_files", "is_extension_module"]

_COMPILED = (".so", ".pyd", ".dylib")
_MOST_MISSING = 20


class Distribution(ReadDistribution, Protocol):
    """What is used of a distribution of importlib-metadata, its record included."""

    @property
    def files(self) -> Sequence[object] | None:
        """The recorded files, ``None`` when there is no record."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledFiles:
    """What an installed distribution brought along."""

    root: str
    """The folder that the record's names are relative to."""
    has_record: bool
    is_editable: bool
    missing: tuple[str, ...]
    """Recorded files that are not there, at most twenty."""
    compiled: tuple[str, ...]
    """Compiled files relative to `root`, sorted."""
    wheel_tags: tuple[str, ...]
    """The tags of the wheel that was installed."""

    def absolute(self, name: str) -> str:
        """The full path of one of `compiled`."""
        return str(Path(self.root) / name)


def installed_files(plugin: Plugin, path: Sequence[str]) -> InstalledFiles:
    """Read the record of an installed plugin; a plugin without one gives empty fields."""
    distribution = _distribution(plugin, path)
    if distribution is None:
        return InstalledFiles(
            root="", has_record=False, is_editable=False, missing=(), compiled=(), wheel_tags=()
        )
    editable = _editable_tree(distribution)
    root = editable or Path(str(distribution.locate_file("")))
    recorded = _recorded(distribution)
    compiled = (
        _compiled_in(editable, plugin)
        if editable is not None
        else (name for name in recorded if _is_compiled(name) and (root / name).exists())
    )
    return InstalledFiles(
        root=str(root),
        has_record=bool(recorded),
        is_editable=editable is not None,
        missing=() if editable else _missing(root, recorded),
        compiled=tuple(sorted(compiled)),
        wheel_tags=_wheel_tags(distribution),
    )


def editable_tree(name: str) -> Path | None:
    """Find the source tree of a distribution that is installed as editable here."""
    distribution = next(iter(distributions(name=name)), None)
    tree = _editable_tree(distribution) if distribution is not None else None
    return tree if tree is not None and tree.is_dir() else None


def is_extension_module(name: str) -> bool:
    """Whether a compiled file is named as Python extension modules are."""
    return ".cpython-" in name or name.endswith((".abi3.so", ".pyd"))


def _distribution(plugin: Plugin, path: Sequence[str]) -> Distribution | None:
    return next(iter(distributions(name=plugin.name, path=list(path))), None)


def _recorded(distribution: Distribution) -> Sequence[str]:
    text = distribution.read_text("RECORD")
    if text is None:
        return [str(file) for file in distribution.files or ()]
    # Not `files`: the library leaves out what is not there, which is what we look for.
    return [row[0] for row in csv.reader(text.splitlines()) if row]


def _editable_tree(distribution: Distribution) -> Path | None:
    text = distribution.read_text("direct_url.json")
    try:
        origin = json.loads(text) if text else {}
    except ValueError:
        return None
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlparse(origin.get("url", "")).path))


def _compiled_in(tree: Path, plugin: Plugin) -> Iterator[str]:
    for top in sorted({point.module.partition(".")[0] for point in plugin.entry_points}):
        for parent in (tree, tree / "src"):
            for file in (parent / top).rglob("*") if (parent / top).is_dir() else ():
                if _is_compiled(file.name):
                    yield str(file.relative_to(tree))


def _is_compiled(name: str) -> bool:
    return name.endswith(_COMPILED) or ".so." in Path(name).name


def _missing(root: Path, recorded: Sequence[str]) -> tuple[str, ...]:
    # Bytecode comes and goes with the interpreter; uninstalling does not mind either.
    absent = [
        name
        for name in recorded
        if "__pycache__" not in name and not name.startswith("..") and not (root / name).exists()
    ]
    return tuple(sorted(absent)[:_MOST_MISSING])


def _wheel_tags(distribution: Distribution) -> tuple[str, ...]:
    lines = (distribution.read_text("WHEEL") or "").splitlines()
    return tuple(line.partition(":")[2].strip() for line in lines if line.startswith("Tag:"))
