"""From the names of files to modules: which files count, and what they are called."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

__all__ = [
    "LARGEST_FILE",
    "LARGEST_TREE",
    "MOST_FILES",
    "ModuleName",
    "choose_tops",
    "compiled_name",
    "is_left_out",
    "leads_outside",
    "module_of",
]

#: Larger files are generated; as syntax trees they would not fit into memory.
LARGEST_FILE = 5 * 2**20
#: All Python files of a tree together; the largest vLLM has 50 MB.
LARGEST_TREE = 512 * 2**20
MOST_FILES = 100_000

_COMPILED = (".so", ".pyd")
_NAME = re.compile(r"[^\W\d]\w*")

#: What stands beside a project's packages and is not shipped.
_NOT_SHIPPED = frozenset(
    (
        "benchmark",
        "benchmarks",
        "build",
        "ci",
        "cmake",
        "conftest",
        "csrc",
        "dist",
        "doc",
        "docs",
        "docker",
        "example",
        "examples",
        "noxfile",
        "script",
        "scripts",
        "setup",
        "test",
        "testing",
        "tests",
        "third_party",
        "tool",
        "tools",
        "utils",
        "venv",
    )
)


class ModuleName(NamedTuple):
    """What a file is called as a module."""

    name: str
    is_package: bool


def module_of(path: str) -> ModuleName | None:
    """Name the module that a path makes, ``None`` when it cannot be imported by name."""
    parts = path.split("/")
    stem = parts[-1].removesuffix(".py")
    names = parts[:-1] if stem == "__init__" else [*parts[:-1], stem]
    if not names or not all(map(_NAME.fullmatch, names)):
        return None
    return ModuleName(".".join(names), stem == "__init__")


def compiled_name(path: str) -> str | None:
    """Name the compiled module that a path makes, ``None`` when it makes none."""
    if not path.endswith(_COMPILED):
        return None
    folder, slash, file = path.rpartition("/")
    module = module_of(f"{folder}{slash}{file.partition('.')[0]}")
    return module.name if module else None


def is_left_out(folder: str) -> bool:
    """Whether a folder of that name never holds modules."""
    return folder.startswith(".") or folder in ("__pycache__", "node_modules", "site-packages")


def leads_outside(name: str) -> bool:
    """Whether the name of an archive's member is absolute or leads out of the archive."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ".." in plain.split("/") or plain[1:2] == ":"


def choose_tops(names: Iterable[str], wanted: Collection[str] | None) -> tuple[str, ...]:
    """Choose where the top-level packages and modules stand: paths in the tree, without ``.py``.

    They stand at the root, in ``src``, or in another folder of the root; without `wanted`, those
    of the root and ``src`` that a project ships by convention.
    """
    packages, plain = _tops(names)
    if wanted is None:
        found = {top for root in ("", "src/") for top in packages.get(root, ())} or plain.get(
            "", set()
        )
        return tuple(
            sorted(top for top in found if top.rpartition("/")[2].lower() not in _NOT_SHIPPED)
        )
    chosen: list[str] = []
    for name in sorted(wanted):
        for root in ("", "src/", *sorted({*packages, *plain})):
            top = f"{root}{name}"
            if top in packages.get(root, ()) or top in plain.get(root, ()):
                chosen.append(top)
                break
    return tuple(chosen)


def _tops(names: Iterable[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Packages and, apart, plain modules and folders without ``__init__``, by the root above."""
    packages: dict[str, set[str]] = {}
    plain: dict[str, set[str]] = {}
    for name in names:
        if not name.endswith(".py"):
            continue
        parts = name.split("/")
        for depth in range(min(2, len(parts))):
            root = "".join(f"{part}/" for part in parts[:depth])
            top = root + parts[depth].removesuffix(".py")
            kind = packages if parts[depth + 1 :] == ["__init__.py"] else plain
            kind.setdefault(root, set()).add(top)
    return packages, plain
