"""Tests that the project's own files agree with each other."""

import configparser
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands_of_the_readme() -> list[str]:
    return [line for line in read("README.md").splitlines() if line.startswith("python3 -m venv ")]


def test_readme_has_two_commands_that_set_everything_up():
    """
    One command reports on real plugins, one runs the tests.
    """
    commands = commands_of_the_readme()

    assert len(commands) == 2
    assert "-e demo" in commands[0]
    assert "py311" in commands[1]


def test_continuous_integration_runs_the_readme_test_command():
    """
    What the continuous integration runs is the second command of the README, as written.
    """
    assert commands_of_the_readme()[1] in read(".ci/run").splitlines()


def test_environments_named_in_documents_exist():
    """
    Every tox environment that a document names is one of the configuration.
    """
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    known = {name.removeprefix("testenv:") for name in tox.sections() if ":" in name}
    known |= {"py311", "py312", "py313"}

    named = {
        environment
        for document in ["README.md", "CONTRIBUTING.md", *map(str, ROOT.glob("docs/*.md"))]
        for group in re.findall(r"tox run(?:-parallel [\w -]+)? -e ([\w,-]+)", read(document))
        for environment in group.split(",")
    }

    assert named <= known


def layers_in(text: str) -> list[set[str]]:
    """The names of each layer in the first indented block of a text, highest first."""
    block = next(part for part in re.split(r"\n(?=\S)|\n\n", text) if part.startswith("    "))
    return [set(re.findall(r"\w+", line)) for line in block.splitlines()]


def test_documented_layers_are_those_that_are_checked():
    """
    The picture of the layers shows what the import linter enforces.
    """
    documented = read("docs/architecture.md").partition("## Layers\n")[2].partition("\n\n")[2]
    enforced = read(".importlinter").partition("\nlayers =\n")[2]

    assert layers_in(enforced) == layers_in(documented)


def test_version_is_the_same_everywhere():
    """
    The package, the project file and the installed metadata give one version.
    """
    declared = tomllib.loads(read("pyproject.toml"))["project"]["version"]

    assert f'__version__ = "{declared}"' in read("hwcheck/__init__.py")
    assert version("hwcheck") == declared


def test_suite_folder_is_a_source_root():
    """
    The folder of the suite is no package: pytest would import its modules under two names.
    """
    assert not (ROOT / "conformance" / "__init__.py").exists()


def documents() -> list[str]:
    folders = ("*.md", "docs/*.md", "conformance/*.md", "changelog/*.md")
    return sorted(str(path.relative_to(ROOT)) for name in folders for path in ROOT.glob(name))


@pytest.mark.parametrize("document", documents())
def test_links_between_documents_lead_somewhere(document: str):
    """
    Every relative link in a document leads to a file of the project.
    """
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", read(document))

    missing = [name for name in targets if not (ROOT / document).parent.joinpath(name).exists()]

    assert missing == []
