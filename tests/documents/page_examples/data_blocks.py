"""Says what is wrong with a block of TOML, YAML or Python."""

import ast
import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

from hwcheck.config import read_config
from hwcheck.errors import HwcheckError
from hwcheck.hosts.known import known_releases
from hwcheck.matrix.specification import read_specification
from page_examples.options import problem_of
from page_examples.shell import commands_of

__all__ = ["MATRIX", "WAIVERS", "file_of_toml", "problems_of_python", "problems_of_yaml"]

MATRIX = "matrix.toml"
WAIVERS = "hwcheck.toml"
_PROJECT = "pyproject.toml"
_OURS = ("hwcheck", "hwcheck_conformance")
_TABLES = {
    WAIVERS: {"waiver"},
    MATRIX: {"title", "hosts", "profiles", "runs", "environments", "builds", "plugins"},
    _PROJECT: {"project", "tool"},
}


def file_of_toml(text: str, folder: Path) -> tuple[str, str | None]:
    """Name the file that a block is of, and say what is wrong with it as that file."""
    try:
        keys = set(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return "", f"no TOML: {error}"
    name = next((name for name, tables in _TABLES.items() if keys & tables), "")
    if not name:
        return "", f"nothing here knows the tables {sorted(keys)}"
    path = folder / name
    path.write_text(text, encoding="utf-8")
    try:
        if name == WAIVERS:
            read_config(path)
        elif name == MATRIX:
            read_specification(path, known_releases())
    except HwcheckError as error:
        return name, str(error)
    return name, None


def problems_of_yaml(text: str) -> Iterator[str]:
    """Read a workflow, or steps of one, and the commands in it."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"no YAML: {error}"
        return
    steps = list(_steps(document))
    if not steps:
        yield "no step of a workflow is in it"
    for step in steps:
        unknown = step.keys() - {"name", "uses", "with", "if", "run", "env", "id"}
        if unknown:
            yield f"no step has {sorted(map(str, unknown))}"
        for command in commands_of(str(step.get("run", ""))):
            problem = problem_of(command.words)
            if problem is not None:
                yield f"{command}: {problem}"


def _steps(value: object) -> Iterator[dict[object, object]]:
    match value:
        case dict() if "run" in value or "uses" in value:
            yield value
        case dict():
            for item in value.values():
                yield from _steps(item)
        case list():
            for item in value:
                yield from _steps(item)


def problems_of_python(text: str) -> Iterator[str]:
    """Compile it, and look up what it imports of hwcheck."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield f"no Python: {error}"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _OURS:
            module = importlib.import_module(str(node.module))
            for name in node.names:
                if not hasattr(module, name.name):
                    yield f"{node.module} has no {name.name!r}"
