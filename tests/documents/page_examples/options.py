"""Says what is wrong with a command without running it, by the real parser of its options."""

import argparse
import configparser
import contextlib
import io
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from hwcheck.cli.main import make_parser
from hwcheck.registry import load_registry

__all__ = ["problem_of", "problem_of_mention"]

ROOT = Path(__file__).parents[3]
#: Programs of others that take nothing of ours.
_OTHERS = frozenset({".", "cat", "cd", "cp", "git", "mkdir", "ray", "towncrier"})
#: Reads options as pytest does with its plugins, and begins nothing: no public way only reads.
_READ_AS_PYTEST = """
import sys
from _pytest.config import get_config
get_config(sys.argv[1:]).parse(sys.argv[1:])
"""
#: Those of this repository with options of their own.
_SCRIPTS = ("scripts/build_facts.py",)
#: Options of others that our text speaks of.
_OPTIONS_OF_OTHERS = frozenset({"--no-deps", "--force-reinstall", "--pyargs", "--help"})


def problem_of(words: Sequence[str]) -> str | None:
    """Say what is wrong with a command; ``None`` when nothing is."""
    program, *rest = words
    match [Path(program).name or program, *rest]:
        case ["hwcheck", *options]:
            return _problem_of_hwcheck(options)
        case ["pytest", *options] | ["python" | "python3", "-m", "pytest", *options]:
            return _problem_of_pytest(tuple(options))
        case ["pip", *options] | ["python" | "python3", "-m", "pip", *options]:
            return _problem_of_pip(options)
        case ["tox", *options]:
            return _problem_of_tox(options)
        case ["python" | "python3", "-m", "venv", *_]:
            return None
        case ["python" | "python3", script, *options] if script.endswith(".py"):
            return _problem_of_script(script, options)
        case [name, *_] if name in _OTHERS:
            return None
    return f"nothing here knows the program {program!r}"


def problem_of_mention(text: str) -> str | None:
    """Say what is wrong with a command or an option in a sentence, where it may be incomplete."""
    words = text.split()
    if words[:1] == ["hwcheck"]:
        return _problem_of_words(words[1:])
    if words and words[0].startswith("--") and len(words[0]) > 2:
        option = words[0].partition("=")[0]
        if option in _OPTIONS_OF_OTHERS or option in _all_options():
            return None
        return f"no command has the option {option!r}"
    return None


@cache
def _parser() -> argparse.ArgumentParser:
    return make_parser(load_registry())


def _problem_of_hwcheck(options: Sequence[str]) -> str | None:
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
            _parser().parse_args(list(options))
    except SystemExit as end:
        return told.getvalue().strip().splitlines()[-1] if end.code else None
    return None


def _problem_of_words(words: Sequence[str]) -> str | None:
    parser = _parser()
    for word in words:
        commands = _commands_of(parser)
        if word.startswith("--"):
            option = word.partition("=")[0]
            if option not in parser._option_string_actions:
                return f"{parser.prog} has no option {option!r}"
        elif commands and not word.isupper() and word != "...":
            if word not in commands:
                return f"{parser.prog} has no command {word!r}"
            parser = commands[word]
    return None


def _commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


@cache
def _all_options() -> frozenset[str]:
    told = (_words_of_help("-m", "pytest"), *map(_words_of_help, _SCRIPTS))
    return frozenset(_options_below(_parser())).union(*told)


def _options_below(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from parser._option_string_actions
    for command in _commands_of(parser).values():
        yield from _options_below(command)


@cache
def _problem_of_pytest(options: tuple[str, ...]) -> str | None:
    done = _python("-c", _READ_AS_PYTEST, *options)
    return done.stderr.strip() if done.returncode else None


def _problem_of_pip(options: Sequence[str]) -> str | None:
    action, *words = options
    if action not in {"install", "download", "uninstall"}:
        return f"nothing here knows `pip {action}`"
    extras = _project()["optional-dependencies"]
    takes_value = {"--dest", "--extra-index-url", "--index-url", "-r"}
    before = ["", *words]
    for word, previous in zip(words, before, strict=False):
        if word.startswith("sample_plugins/") and not (ROOT / word).is_dir():
            return f"there is no {word!r}"
        if word.startswith("-") or previous in takes_value or "/" in word or word == ".":
            continue
        try:
            wanted = Requirement(word)
        except InvalidRequirement as error:
            return f"pip: {word!r}: {error}"
        if wanted.name == "hwcheck" and not wanted.extras <= set(extras):
            return f"hwcheck has no extra {sorted(wanted.extras - set(extras))}"
    return None


def _project() -> dict[str, dict[str, object]]:
    project: dict[str, dict[str, object]] = tomllib.loads(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    return project


def _problem_of_tox(options: Sequence[str]) -> str | None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    known = {name.removeprefix("testenv:") for name in tox.sections()}
    known |= {"py311", "py312", "py313"}
    names = options[options.index("-e") + 1].split(",") if "-e" in options else []
    unknown = sorted(set(names) - known)
    return f"tox.ini has no environment {unknown}" if unknown else None


def _problem_of_script(script: str, options: Sequence[str]) -> str | None:
    if not (ROOT / script).is_file():
        return f"there is no {script!r}"
    wanted = {word.partition("=")[0] for word in options if word.startswith("--")}
    unknown = sorted(wanted - _words_of_help(script)) if wanted else []
    return f"{script} has no option {unknown}" if unknown else None


@cache
def _words_of_help(*command: str) -> frozenset[str]:
    told = _python(*command, "--help").stdout
    return frozenset(word.strip("[],").partition("=")[0] for word in told.split())


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    # A script finds its neighbours in its own folder.
    environment = {key: os.environ[key] for key in os.environ if key != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
