"""What a ``pyproject.toml`` declares, for the standard table and for Poetry's own."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hwcheck.discover.declared import Declared, Field, Unread
from hwcheck.discover.entries import Entry
from hwcheck.errors import DiscoveryError

__all__ = ["PyProject", "read_pyproject"]

Table = dict[str, object]

_DYNAMIC_FIELDS = {"entry-points": Field.ENTRY_POINTS, "dependencies": Field.REQUIREMENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class PyProject:
    """A ``pyproject.toml``: what it declares, and what it leaves to the files of setuptools."""

    declared: Declared
    has_project: bool
    """Whether it has the standard table."""
    dynamic: tuple[str, ...]
    """The fields that it leaves to others by name."""
    unclaimed: tuple[Unread, ...]
    """What is lost of those, unless another file has it."""
    uses_setuptools: bool
    """Whether ``setup.cfg`` and ``setup.py`` are read when the project is built."""


def read_pyproject(text: str, path: Path) -> PyProject:
    """Read the tables that declare a project.

    Raises DiscoveryError: the file is not TOML, or a field is not of the form it must have.
    """
    file = str(path)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DiscoveryError(f"'{file}' is not readable as TOML: {error}\n  repair it") from error
    project = _table(document, "project", file)
    backend = _table(document, "build-system", file).get("build-backend")
    dynamic = _strings(project, "dynamic", file) or ()
    declared = _standard(project, file).completed_by(_poetry(document, file))
    if "dependencies" in dynamic:
        declared = declared.completed_by(_dynamic_requirements(document, text, path))
    return PyProject(
        declared=declared,
        has_project="project" in document,
        dynamic=dynamic,
        unclaimed=tuple(
            _lost(field, f"{what} (called dynamic)", text, file, "dynamic")
            for what, field in _DYNAMIC_FIELDS.items()
            if what in dynamic
        ),
        uses_setuptools=backend is None
        or str(backend).startswith("setuptools")
        # A backend of the project's own usually wraps setuptools.
        or "backend-path" in _table(document, "build-system", file),
    )


def _standard(project: Table, file: str) -> Declared:
    groups = _table(project, "entry-points", file) if "entry-points" in project else None
    return Declared(
        file=file,
        name=_string(project, "name", file),
        version=_string(project, "version", file),
        requires_python=_string(project, "requires-python", file),
        requirements=_strings(project, "dependencies", file),
        entries=None if groups is None else tuple(_entries(groups, file)),
    )


def _poetry(document: Table, file: str) -> Declared:
    poetry = _table(_table(document, "tool", file), "poetry", file)
    plugins = _table(poetry, "plugins", file) if "plugins" in poetry else None
    dependencies = _table(poetry, "dependencies", file)
    return Declared(
        file=file,
        name=_string(poetry, "name", file),
        version=_string(poetry, "version", file),
        requirements=tuple(
            _poetry_requirement(name, value)
            for name, value in dependencies.items()
            if name != "python"
        )
        if dependencies
        else None,
        entries=None if plugins is None else tuple(_entries(plugins, file)),
    )


def _poetry_requirement(name: str, value: object) -> str:
    version = value.get("version") if isinstance(value, dict) else value
    if not isinstance(version, str) or version.strip() in ("", "*"):
        return name
    return name + ",".join(_poetry_clause(clause.strip()) for clause in version.split(","))


def _poetry_clause(clause: str) -> str:
    """Write Poetry's ``^`` and ``~`` with the standard operators."""
    if clause[:1].isdigit():
        return f"=={clause}"
    sign, numbers = clause[:1], clause[1:].strip()
    parts = numbers.split(".")
    if sign not in "^~" or clause.startswith("~=") or not all(part.isdigit() for part in parts):
        return clause
    if sign == "^":  # up to the next change of the first number that is not zero
        index = next((i for i, part in enumerate(parts) if int(part)), len(parts) - 1)
    else:
        index = min(1, len(parts) - 1)
    upper = [*parts[:index], str(int(parts[index]) + 1)]
    return f">={numbers},<{'.'.join(upper)}"


def _dynamic_requirements(document: Table, text: str, path: Path) -> Declared:
    """Read the requirement files that setuptools is told to read."""
    file = str(path)
    setuptools = _table(_table(document, "tool", file), "setuptools", file)
    source = _table(setuptools, "dynamic", file).get("dependencies")
    names = source.get("file") if isinstance(source, dict) else None
    if names is None:
        return Declared(file=file)
    lines: list[str] = []
    for name in [names] if isinstance(names, str) else names if isinstance(names, list) else []:
        requirement_file = path.parent / str(name)
        try:
            lines.extend(requirement_file.read_text("utf-8").splitlines())
        except (OSError, UnicodeDecodeError):
            lost = _lost(Field.REQUIREMENTS, f"dependencies in {name!r}", text, file)
            return Declared(file=file, unread=(lost,))
    bare = (line.partition(" #")[0].strip() for line in lines)
    return Declared(
        file=file, requirements=tuple(line for line in bare if line and line[0] not in "#-")
    )


def _lost(field: Field, what: str, text: str, file: str, mark: str | None = None) -> Unread:
    lines = enumerate(text.splitlines(), start=1)
    line = next((number for number, item in lines if (mark or "file") in item), 1)
    return Unread(file=file, line=line, field=field, what=what)


def _entries(groups: Table, file: str) -> Iterator[Entry]:
    for group, points in groups.items():
        if not isinstance(points, dict):
            raise _wrong(file, f"entry points of {group!r}", "a table", points)
        for name, written in points.items():
            # The table is Poetry's form, for extras.
            value = written.get("reference", "") if isinstance(written, dict) else written
            if not isinstance(value, str):
                raise _wrong(file, f"entry point {name!r} of {group!r}", "a string", value)
            yield Entry(group=group, name=name, value=value)


def _table(parent: Table, key: str, file: str) -> Table:
    value = parent.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(file, key, "a table", value)
    return value


def _string(table: Table, key: str, file: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise _wrong(file, key, "a string", value)
    return value


def _strings(table: Table, key: str, file: str) -> tuple[str, ...] | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(file, key, "a list of strings", value)
    return tuple(value)


def _wrong(file: str, key: str, wanted: str, found: object) -> DiscoveryError:
    return DiscoveryError(
        f"'{file}' is not a valid project file: {key} must be {wanted}, but is {repr(found)[:60]}"
        "\n  repair it"
    )
