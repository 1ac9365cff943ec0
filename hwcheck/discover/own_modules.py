"""The compiled modules of its own that a plugin imports, read from its source."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcheck.discover.files import InstalledFiles
from hwcheck.model.outcome import Place
from hwcheck.model.plugin import Plugin

__all__ = ["OwnModule", "compiled_modules"]

#: How extension modules are called: `_C`, `acme_C`, `_acme_ops`; plain modules can be as well.
_LOOKS_COMPILED = re.compile(r"_[A-Za-z]\w*|\w*_C|\w+_ext")
#: Made when a distribution is built, plain Python, and often imported with a fallback.
_GENERATED = frozenset({"_version", "_build_info", "_commit_id"})
_IMPORTS = (
    r"^[ \t]*(?:import[ \t]+(?P<module>{top}(?:\.\w+)+)"
    r"|from[ \t]+(?P<package>{top}(?:\.\w+)*)[ \t]+import[ \t]+\(?[ \t]*(?P<name>\w+))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModule:
    """A module of the plugin's own that is named as compiled ones are."""

    name: str
    place: Place
    """A line that imports it."""
    is_there: bool


def compiled_modules(plugin: Plugin, files: InstalledFiles) -> tuple[OwnModule, ...]:
    """Find what a plugin imports of its own that looks compiled, each once, sorted by name.

    A name that its package's ``__init__.py`` mentions is taken for an attribute, and left out.
    """
    found: dict[str, OwnModule] = {}
    for top in sorted({point.module.partition(".")[0] for point in plugin.entry_points}):
        for parent in (Path(files.root), Path(files.root) / "src"):
            if top and (parent / top).is_dir():
                for module in _read(parent, top):
                    found.setdefault(module.name, module)
    return tuple(found[name] for name in sorted(found))


def _read(parent: Path, top: str) -> Iterator[OwnModule]:
    pattern = re.compile(_IMPORTS.format(top=re.escape(top)), re.MULTILINE)
    for file in sorted((parent / top).rglob("*.py")):
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for match in pattern.finditer(text):
            parts = (match["module"] or f"{match['package']}.{match['name']}").split(".")
            if _could_be_compiled(parent, parts):
                yield _module(parent, parts, file, text, match.start())


def _could_be_compiled(parent: Path, parts: Sequence[str]) -> bool:
    *folders, name = parts
    if not _LOOKS_COMPILED.fullmatch(name) or name in _GENERATED:
        return False
    # In a plain module it is an attribute.
    return parent.joinpath(*folders).is_dir()


def _module(parent: Path, parts: Sequence[str], file: Path, text: str, start: int) -> OwnModule:
    line = text.count("\n", 0, start) + 1
    place = Place(
        file=str(file.relative_to(parent)), line=line, text=text.split("\n")[line - 1].strip()[:200]
    )
    return OwnModule(name=".".join(parts), place=place, is_there=_is_there(parent, parts))


def _is_there(parent: Path, parts: Sequence[str]) -> bool:
    *folders, name = parts
    package = parent.joinpath(*folders)
    if (package / name).is_dir() or any(package.glob(f"{name}.*")):
        return True
    start = package / "__init__.py"
    if not start.is_file():
        return False
    text = start.read_text(encoding="utf-8", errors="replace")
    # The import itself does not make it; any other mention may.
    dotted = re.escape(".".join(parts))
    absolute = rf"import[ \t]+{dotted}\b|from[ \t]+{re.escape('.'.join(folders))}[ \t]+import.*"
    return re.search(rf"\b{re.escape(name)}\b", re.sub(absolute, "", text)) is not None
