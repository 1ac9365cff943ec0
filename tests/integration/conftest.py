"""Sample projects as installed distributions: folders for ``PYTHONPATH``, written without pip."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from fork_server import TEACH, UNTAUGHT
from forking import forking_python

SAMPLES = Path(__file__).parents[2] / "sample_plugins"
FAULTS = Path(__file__).parents[1] / "faults" / "hwcheck_sample_cpu_faults"
MINIMAL = "sample-minimal"
POINTS = "entry_points.txt"
#: In a folder on PYTHONPATH, Python reads no .pth files; in site-packages it does.
SITE_CUSTOMIZE = "import os\nimport site\n\nsite.addsitedir(os.path.dirname(__file__))\n"
#: What hwcheck puts into the environment of every process of a plugin.
CHILD_MARKER = "HWCHECK_CHILD"
SECONDS_TO_END = 5.0
#: Most of vLLM's import is that of others' modules.
IMPORT_ALL = "import os, vllm.engine.arg_utils, vllm.v1.worker.gpu_worker; os._exit(0)"
#: A run of all profiles takes minutes in a single child; begun last, it would be waited for alone.
LONGEST = ("test_evidence_of_capabilities_is_produced",)

Ended = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample project that is installed, with the samples that it needs."""

    folders: tuple[Path, ...]
    distribution: str
    broken: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Ours, with the sample on the path."""
        path = os.pathsep.join(map(str, self.folders))
        inherited = {key: os.environ[key] for key in os.environ if key != "VLLM_PLUGINS"}
        return {**inherited, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def python(self, *arguments: str, cwd: Path, timeout: float = 300.0) -> Ended:
        """Run our interpreter where the sample is installed."""
        return subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd=cwd,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def left_processes(self) -> list[psutil.Process]:
        """The plugin's processes that are still there, a moment after the end of a run."""
        found = [process for process in psutil.process_iter() if self._is_child(process)]
        return psutil.wait_procs(found, timeout=SECONDS_TO_END)[1]

    def _is_child(self, process: psutil.Process) -> bool:
        try:
            environment = process.environ()
        except psutil.Error:
            return False
        path = environment.get("PYTHONPATH", "").split(os.pathsep)
        return CHILD_MARKER in environment and str(self.folders[0]) in path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, while the catalogue of faults is judged beside it."""
    items.sort(key=lambda item: getattr(item, "originalname", item.name) not in LONGEST)


@pytest.fixture(scope="session")
def install_sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sample]:
    """Install the sample project in a folder of `sample_plugins`, by its name, once."""
    base = tmp_path_factory.mktemp("samples")
    minimal = base / MINIMAL
    install(SAMPLES / MINIMAL, minimal)
    known: dict[str, Sample] = {}

    def once(name: str) -> Sample:
        if name not in known:
            project = SAMPLES / name
            folder = base / project.name
            if folder != minimal:
                install(project, folder)
            needed = () if project.parent == SAMPLES else (minimal,)
            known[name] = Sample(
                folders=(folder, *needed),
                distribution=read_toml(project / "pyproject.toml")["project"]["name"],
                broken=tuple(read_expected(project).get("broken", ())),
            )
        return known[name]

    return once


@pytest.fixture(scope="session")
def shared_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all workers, for what one of them makes and others use."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


@pytest.fixture(scope="session")
def warm_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """
    An interpreter whose processes have imported what vLLM imports of others, and nothing of vLLM.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1", "VLLM_PLUGINS": ""}
    with forking_python(tmp_path_factory.mktemp("warm"), environment) as python:
        teaching = environment | {TEACH: "1", UNTAUGHT: "vllm"}
        subprocess.run([python, "-c", IMPORT_ALL], env=teaching, check=True)
        # The next process waits until the server has imported the same.
        subprocess.run([python, "-c", ""], env=environment, check=True)
        yield python


@pytest.fixture(scope="session")
def faulty_sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Install sample-cpu with a package of faults, of which the environment can name one."""
    site = tmp_path_factory.mktemp("faulty") / "site"
    install(SAMPLES / "sample-cpu", site)
    shutil.copytree(FAULTS, site / FAULTS.name, ignore=shutil.ignore_patterns("__pycache__"))
    points, record = (next(site.glob(f"*.dist-info/{name}")) for name in (POINTS, "RECORD"))
    group = "[vllm.general_plugins]\n"
    own = points.read_text(encoding="utf-8")
    write(points, own.replace(group, f"{group}sample_cpu_fault = {FAULTS.name}:apply\n"))
    record.unlink()
    write(record, record_of(site, record))
    return Sample(folders=(site,), distribution="hwcheck-sample-cpu", broken=())


def install(project: Path, site: Path) -> None:
    """Put a project where an installer would, with the metadata that an installer leaves."""
    declared = read_toml(project / "pyproject.toml")
    directives = read_expected(project).get("install", {})
    name, version = declared["project"]["name"], declared["project"]["version"]
    site.mkdir(parents=True)
    copy_files(project, site, declared["tool"]["hatch"]["build"]["targets"]["wheel"])
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    tag = directives.get("tag", "py3-none-any")
    write(info / "WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
    write(info / "INSTALLER", "pip\n")
    write(info / POINTS, entry_points_of(declared))
    write(info / "METADATA", metadata_of(declared["project"]))
    write(info / "RECORD", record_of(site, info / "RECORD"))
    damage(site, info, directives)
    if list(site.glob("*.pth")):
        write(site / "sitecustomize.py", SITE_CUSTOMIZE)


def copy_files(project: Path, site: Path, target: dict[str, Any]) -> None:
    """Copy what the project's wheel would hold."""
    for package in target["packages"]:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(project / package, site / Path(package).name, ignore=ignored)
    for source, place in target.get("force-include", {}).items():
        (site / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project / source, site / place)


def damage(site: Path, info: Path, directives: dict[str, Any]) -> None:
    """Do to an installation what its `expected.toml` says under ``[install]``."""
    for name in directives.get("remove", ()):
        (site / name).unlink()
    if directives.get("metadata") == "truncated":
        lines = (info / "METADATA").read_text(encoding="utf-8").splitlines()
        write(info / "METADATA", "\n".join(lines[:2]) + "\n")


def metadata_of(project: dict[str, Any]) -> str:
    """Render the core metadata."""
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines.append(f"Requires-Python: {project['requires-python']}")
    lines += [f"Requires-Dist: {requirement}" for requirement in project.get("dependencies", ())]
    return "\n".join(lines) + "\n"


def entry_points_of(declared: dict[str, Any]) -> str:
    """Render the entry points."""
    lines: list[str] = []
    for group, points in declared["project"]["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items()), ""]
    return "\n".join(lines)


def record_of(site: Path, record: Path) -> str:
    """List the files of an installation with their hashes and sizes."""
    rows = []
    for file in sorted(path for path in site.rglob("*") if path.is_file()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest())
        checksum = f"sha256={digest.decode().rstrip('=')}"
        rows.append((file.relative_to(site).as_posix(), checksum, str(file.stat().st_size)))
    rows.append((record.relative_to(site).as_posix(), "", ""))
    return "".join(f"{csv_line(row)}\n" for row in rows)


def csv_line(row: tuple[str, ...]) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in row)


def read_expected(project: Path) -> dict[str, Any]:
    """Read `expected.toml`, which only defects have."""
    file = project / "expected.toml"
    return read_toml(file) if file.exists() else {}


def read_toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
