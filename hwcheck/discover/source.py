"""The plugin in a source tree, from its project files; nothing of it is executed."""

from dataclasses import replace
from pathlib import Path

from hwcheck.discover.declared import Declared
from hwcheck.discover.entries import judge
from hwcheck.discover.metadata import host_requirements, unreadable_values
from hwcheck.discover.pyproject import PyProject, read_pyproject
from hwcheck.errors import DiscoveryError
from hwcheck.model.host_names import names_host, normalise
from hwcheck.model.plugin import Discovery, Group, Origin, Plugin, Problem, ProblemKind

__all__ = ["PROJECT_FILES", "discover_source"]

PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")

#: Larger project files are not read into memory.
LARGEST_FILE = 4 * 2**20


def discover_source(tree: str | Path) -> Discovery:
    """Read pyproject.toml, setup.cfg and setup.py, and add them up as setuptools does.

    Raises DiscoveryError: there is no project file, one is unreadable, or nothing is declared for
    vLLM. What is computed when the project is built is a problem of the discovery.
    """
    root = Path(tree)
    if not root.is_dir():
        found = "is not a directory" if root.exists() else "does not exist"
        raise DiscoveryError(f"source tree '{root}' {found}\n  check the path")
    declared, problems = _add_up(root)
    name = declared.name or root.resolve().name
    if names_host(name):
        raise DiscoveryError(f"'{root}' is the source of vLLM itself, not of a plugin")
    points, faults = judge(declared.entries or (), distribution=name, where=declared.file)
    found_problems = tuple(sorted({*problems, *faults, *_unreadable(declared, name)}))
    if not points:
        return _without_plugin(root, declared, found_problems)
    requirements = declared.requirements or ()
    plugin = Plugin(
        name=name,
        version=declared.version,
        origin=Origin.SOURCE,
        location=str(root),
        entry_points=points,
        requirements=requirements,
        requires_python=declared.requires_python,
        host_requirements=host_requirements(requirements),
    )
    broken = tuple(
        Problem(
            kind=ProblemKind.BROKEN_METADATA,
            subject=normalise(name),
            detail=f"{fault} ('{root}')",
            remedy="correct it in the project file",
        )
        for fault in unreadable_values(declared.version, requirements)
    )
    return Discovery(plugins=(plugin,), problems=tuple(sorted({*found_problems, *broken})))


def _without_plugin(root: Path, declared: Declared, problems: tuple[Problem, ...]) -> Discovery:
    # Where something could not be read, a plugin may well be there: that is not an error.
    if any(problem.kind == ProblemKind.DYNAMIC_METADATA for problem in problems):
        return Discovery(plugins=(), problems=problems)
    groups = sorted({entry.group for entry in declared.entries or ()})
    lines = [
        f"source tree '{root}' declares no vLLM plugin",
        f"  looked for: {', '.join(sorted(Group))}",
        f"  it declares: {', '.join(groups) or 'no entry points'}",
        *(f"  {problem.detail}" for problem in problems),
    ]
    raise DiscoveryError("\n".join(lines))


def _add_up(root: Path) -> tuple[Declared, tuple[Problem, ...]]:
    pyproject_text = _read_text(root / "pyproject.toml")
    if pyproject_text is None:
        others = _read_setuptools(root)
        if others is None:
            raise DiscoveryError(
                f"'{root}' is not a source tree: it has no pyproject.toml, setup.cfg or setup.py"
                "\n  name the folder that holds one of them"
            )
        return others, ()
    project = read_pyproject(pyproject_text, root / "pyproject.toml")
    others = _read_setuptools(root) if project.uses_setuptools else None
    if others is None:
        return _note_unclaimed(project, project.declared), ()
    return _merge(project, others)


def _read_setuptools(root: Path) -> Declared | None:
    """Read setup.cfg and setup.py; the first overrides the second, as in setuptools."""
    declared: Declared | None = None
    text = _read_text(root / "setup.cfg")
    if text is not None:
        from hwcheck.discover.setup_cfg import read_setup_cfg

        declared = read_setup_cfg(text, str(root / "setup.cfg"))
    data = _read_bytes(root / "setup.py")
    if data is not None:
        # Imported here, as above: most trees have neither file, and `ast` is not free.
        from hwcheck.discover.setup_py import read_setup_py

        script = read_setup_py(data, str(root / "setup.py"))
        declared = script if declared is None else declared.completed_by(script)
    return declared


def _merge(project: PyProject, others: Declared) -> tuple[Declared, tuple[Problem, ...]]:
    declared = _note_unclaimed(project, project.declared.completed_by(others))
    ignored = (
        project.has_project
        and project.declared.entries is None
        and others.entries is not None
        and "entry-points" not in project.dynamic
    )
    if declared.entries is not project.declared.entries:
        declared = replace(declared, file=others.file)
    if not ignored:
        return declared, ()
    return declared, (
        Problem(
            kind=ProblemKind.DYNAMIC_METADATA,
            subject=normalise(declared.name or others.file),
            detail=f"'{others.file}' declares entry points that '{project.declared.file}' does not "
            "list as dynamic: newer setuptools drops them",
            remedy='move them to pyproject.toml, or add dynamic = ["entry-points"]',
        ),
    )


def _note_unclaimed(project: PyProject, declared: Declared) -> Declared:
    return declared.completed_by(Declared(file=declared.file, unread=project.unclaimed))


def _unreadable(declared: Declared, name: str) -> list[Problem]:
    return [
        Problem(
            kind=ProblemKind.DYNAMIC_METADATA,
            subject=normalise(name),
            detail=f"{item.what} is computed when the project is built ('{item.file}', "
            f"line {item.line})",
            remedy="write it as a literal, or build a wheel and name that",
        )
        for item in declared.unread
    ]


def _read_text(path: Path) -> str | None:
    data = _read_bytes(path)
    if data is None:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DiscoveryError(
            f"'{path}' is not UTF-8 (byte {error.start})\n  save it as UTF-8"
        ) from error


def _read_bytes(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DiscoveryError(f"'{path}' cannot be read: {error.strerror or error}") from error
    if len(data) > LARGEST_FILE:
        raise DiscoveryError(f"'{path}' is larger than {LARGEST_FILE} bytes, no project file is")
    return data
