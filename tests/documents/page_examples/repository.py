"""The repository of a small plugin, in which the commands of a page are run."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from made_matrix import make_matrix

from hwcheck.cli.main import main
from hwcheck.codec import decode_run, encode_run
from hwcheck.codec_matrix import encode_matrix
from hwcheck.model.outcome import Outcome, OutcomeState
from page_examples.shell import Command

__all__ = ["Repository", "why_not_run"]

ROOT = Path(__file__).parents[3]
HOST = ROOT / "tests" / "miniature_host"
PROJECT = """\
[project]
name = "vllm-my-plugin"
version = "1.0"
dependencies = ["vllm>=0.30,<0.34"]

[project.entry-points."vllm.platform_plugins"]
my_plugin = "my_plugin:register"
"""
PACKAGE = """\
def register():
    return "my_plugin.platform.MyPlatform"
"""
PLATFORM = """\
from vllm.platforms.interface import Platform


class MyPlatform(Platform):
    device_type = "cpu"
    device_name = "cpu"

    @classmethod
    def check_and_update_config(cls, config):
        config.parallel_config.worker_cls = "vllm.v1.worker.worker_base.WorkerBase"
"""
MATRIX = """\
title = "Ours"
hosts = ">=0.32"

[[plugins]]
releases = ["."]
"""
_DIST_INFO = "vllm_my_plugin-1.0.dist-info"
#: What a command of a page may end with: clean, or with findings.
_CLEAN = frozenset({0, 1})
#: The miniature host has no engine, so a part of a run cannot be measured.
_PARTIAL = frozenset({0, 1, 3})
_RUN_AS_THEY_ARE = frozenset({"cp", "mkdir"})


def why_not_run(words: Sequence[str]) -> str | None:
    """Say why a command is only read; ``None`` when it is run."""
    if words[0] in _RUN_AS_THEY_ARE:
        return None
    if words[0] != "hwcheck":
        return "it installs something, or is a program of others"
    specifications = {"docs/examples/matrix.toml", "docs/examples/cpu-matrix.toml"}
    if specifications.intersection(words) or any("==" in word for word in words):
        return "it asks a package index"
    match words[1:]:
        case ["run", *_]:
            return "it needs the real vLLM; tests marked `host` run such commands"
        case ["matrix", "run", *_]:
            return "it makes environments; tests marked `host` do so"
    return None


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder with all that the commands of pages name."""

    folder: Path

    @classmethod
    def make(cls, place: Path, *, is_bare: bool = False) -> "Repository":
        """Write it, with its neighbours `vllm` and `acme-vllm`; a bare one has no documents."""
        folder = place / "repository"
        for tree in (folder, place / "acme-vllm"):
            _write(tree, {"pyproject.toml": PROJECT, "my_plugin/__init__.py": PACKAGE})
            _write(tree, {"my_plugin/platform.py": PLATFORM})
        for checkout in (place / "vllm", folder / "vllm-main"):
            shutil.copytree(HOST, checkout)
        if is_bare:
            return cls(folder)
        _write(folder, {"matrix.toml": MATRIX, "work/README": ""})
        for name, data in _documents().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return cls(folder)

    def problem_of(self, command: Command, environment: dict[str, str]) -> str | None:
        """Run a command here and say what is wrong; ``None`` when nothing is."""
        words = [part for word in command.words for part in _expanded(word, self.folder)]
        if words[:2] == ["hwcheck", "list"]:
            return self.problem_where_installed(command, environment)
        if words[0] != "hwcheck":
            done = subprocess.run(
                words, cwd=self.folder, capture_output=True, text=True, check=False
            )
            return done.stderr if done.returncode else None
        # Reports ask what their output can be written in.
        told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        complaints = io.StringIO()
        with (
            _standing_in(self.folder, environment),
            contextlib.redirect_stdout(told),
            contextlib.redirect_stderr(complaints),
        ):
            try:
                code: object = main(words[1:])
            except SystemExit as end:  # of `--version`, and of wrong options
                code = end.code or 0
        if command.output is not None:
            told.seek(0)
            (self.folder / command.output).write_text(told.read(), encoding="utf-8")
        return None if code in _CLEAN else f"exit code {code}: {complaints.getvalue()}"

    def problem_where_installed(self, command: Command, environment: dict[str, str]) -> str | None:
        """Run a command where the plugin and the miniature host are installed, by itself."""
        site = self.folder.parent / "site"
        _write(
            site / _DIST_INFO,
            {
                "METADATA": "Metadata-Version: 2.1\nName: vllm-my-plugin\nVersion: 1.0\n",
                "entry_points.txt": "[vllm.platform_plugins]\nmy_plugin = my_plugin:register\n",
                "RECORD": "my_plugin/__init__.py,,\nmy_plugin/platform.py,,\n",
            },
        )
        shutil.copytree(self.folder / "my_plugin", site / "my_plugin", dirs_exist_ok=True)
        path = [str(site), str(HOST), os.environ.get("PYTHONPATH", "")]
        done = subprocess.run(
            [sys.executable, "-P", "-m", "hwcheck", *command.words[1:]],
            cwd=self.folder,
            env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(filter(None, path))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return None if done.returncode in _PARTIAL else f"{done.returncode}: {done.stderr}"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _documents() -> dict[str, bytes]:
    """Stored runs and matrices, under the names that pages give them."""
    stored = decode_run((ROOT / "tests" / "data" / "run-2.json").read_bytes(), "run-2.json")
    fallen = Outcome(
        contract="generate.greedy", case="gqa", state=OutcomeState.BROKEN, reason="other tokens"
    )
    run = encode_run(replace(stored, outcomes=(*stored.outcomes, fallen)))
    matrix = encode_matrix(make_matrix(plugins=1, hosts=2, capabilities=2))
    runs = ("reports/run.json", "run.json", "old.json", "monday.json", "tuesday.json", "ci/1.json")
    return dict.fromkeys(runs, run) | dict.fromkeys(
        ("last-week/matrix.json", "site/matrix.json"), matrix
    )


def _expanded(word: str, folder: Path) -> list[str]:
    found = folder.glob(word) if "*" in word else ()
    return sorted(str(path.relative_to(folder)) for path in found) or [word]


@contextlib.contextmanager
def _standing_in(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
