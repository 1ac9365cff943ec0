"""Checks the examples of a page from its first line to its last."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from page_examples.blocks import Block, blocks_of, inline_code_of
from page_examples.data_blocks import (
    MATRIX,
    WAIVERS,
    file_of_toml,
    problems_of_python,
    problems_of_yaml,
)
from page_examples.options import problem_of, problem_of_mention
from page_examples.repository import Repository, why_not_run
from page_examples.shell import Command, commands_of

__all__ = ["problems_of_page"]

_SHELL = frozenset({"bash", "console", "sh"})
#: What people read, in which no command may hide.
_SHOWN = frozenset({"markdown", "text"})
_COMMAND = re.compile(r"^\s*(\$ )?(\S*/)?(hwcheck|pip|pytest|python3?|tox) [a-z.-]", re.MULTILINE)


def problems_of_page(
    page: str, place: Path, environment: dict[str, str], *, with_runs: bool = False
) -> Iterator[str]:
    """Check every block, and the commands and options in the text; `place` is for what is run.

    `with_runs` also runs `hwcheck run`, under the miniature host; such a page makes all documents
    that it names by itself.
    """
    for line, text in inline_code_of(page):
        problem = problem_of_mention(text)
        if problem is not None:
            yield f"line {line}: `{text}`: {problem}"
    repository: Repository | None = None
    for block in blocks_of(page):
        if repository is None:
            repository = Repository.make(place, is_bare=with_runs)
        for problem in _problems(block, repository, environment, with_runs=with_runs):
            yield f"line {block.line}: {problem}"


def _problems(
    block: Block, repository: Repository, environment: dict[str, str], *, with_runs: bool
) -> Iterator[str]:
    match block.language:
        case language if language in _SHELL:
            for command in commands_of(block.text):
                problem = problem_of(command.words)
                if problem is None:
                    problem = _problem_of_running(command, repository, environment, with_runs)
                if problem is not None:
                    yield f"{command}: {problem}"
        case "toml":
            yield from _problems_of_toml(block.text, repository.folder)
        case "yaml":
            yield from problems_of_yaml(block.text)
        case "python":
            yield from problems_of_python(block.text)
        case language if language in _SHOWN:
            if _COMMAND.search(block.text):
                yield "a command stands in a block that nobody runs: mark it as `sh`"
        case language:
            named = repr(language) if language else "no language"
            yield f"nothing here knows what to do with a block of {named}"


def _problem_of_running(
    command: Command, repository: Repository, environment: dict[str, str], with_runs: bool
) -> str | None:
    if why_not_run(command.words) is None:
        return repository.problem_of(command, environment)
    if with_runs and command.words[:2] == ("hwcheck", "run"):
        return repository.problem_where_installed(command, environment)
    return None


def _problems_of_toml(text: str, folder: Path) -> Iterator[str]:
    """Read a block, and leave it to later commands where all that it names is there."""
    (place := folder.parent / "toml").mkdir(exist_ok=True)
    name, problem = file_of_toml(text, place)
    if problem is not None:
        yield problem
    elif name == WAIVERS:
        (folder / name).write_text(text, encoding="utf-8")
    elif name == MATRIX:
        releases = [
            item for plugin in tomllib.loads(text)["plugins"] for item in plugin["releases"]
        ]
        if all((folder / item).exists() for item in releases):
            (folder / name).write_text(text, encoding="utf-8")
