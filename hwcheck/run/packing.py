"""Packing a run with its logs into one archive: the same input gives the same bytes."""

import io
import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import hwcheck
from hwcheck.codec import encode, encode_run
from hwcheck.errors import UsageError
from hwcheck.model.bundle import Bundle, PackedFile
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run

__all__ = ["BUNDLE_SCHEMA", "BUNDLE_VERSION", "CONTENTS", "LOGS", "RUN", "pack_run"]

BUNDLE_SCHEMA: Final = "hwcheck.bundle"
BUNDLE_VERSION: Final = 1
CONTENTS = "bundle.json"
RUN = "run.json"
LOGS = "logs/"
#: A larger file is a model or a core, and no log.
LARGEST_LOG = 16 * 2**20
#: The first moment that a zip file can tell.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
_FAILED = (OutcomeState.BROKEN, OutcomeState.FLAKY, OutcomeState.WAIVED)


def pack_run(run: Run, logs: Path | None = None) -> bytes:
    """Make the archive of a run, and of the folder that `hwcheck run --keep` left.

    Links are not followed. What is too large, or no file, is left out and named.

    Raises UsageError: the folder of logs cannot be read.
    """
    files = {
        RUN: encode_run(run),
        "environment.txt": _environment(run).encode(),
        "reproduce.txt": _commands(run).encode("utf-8", "backslashreplace"),
    }
    left_out: list[str] = []
    if logs is not None:
        files |= _logs(logs, left_out)
    contents = Bundle(
        schema=BUNDLE_SCHEMA,
        version=BUNDLE_VERSION,
        hwcheck=hwcheck.__version__,
        files=tuple(
            PackedFile(path=path, size=len(data), sha256=sha256(data).hexdigest())
            for path, data in sorted(files.items())
        ),
        left_out=tuple(sorted(left_out)),
    )
    return _archive({CONTENTS: encode(contents), **dict(sorted(files.items()))})


def _archive(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    # Stored, not compressed: what a compressor makes depends on its release.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            member = zipfile.ZipInfo(path, _NO_TIME)
            member.external_attr = _PLAIN_FILE
            member.create_system = 3
            archive.writestr(member, data)
    return stream.getvalue()


def _logs(folder: Path, left_out: list[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        if not folder.is_dir():
            raise NotADirectoryError(0, "it is no folder")
        for path in _below(folder):
            name = LOGS + path.relative_to(folder).as_posix()
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_LOG:
                left_out.append(_plain(name))
                continue
            found[_plain(name)] = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read the logs in {str(folder)!r}: {error.strerror}"
            "\n  name the folder that `hwcheck run --keep` was given"
        ) from error
    return found


def _below(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda item: item.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))
        else:
            yield Path(entry.path)


def _plain(name: str) -> str:
    # A name need not be text, and must mean the same on every system.
    return name.encode("utf-8", "backslashreplace").decode().replace("\\", "_").replace(":", "_")


def _environment(run: Run) -> str:
    environment, host = run.environment, run.host
    lines = [
        f"plugin: {run.plugin.name} {run.plugin.version or '(version unknown)'}",
        f"host: {'none' if host is None else f'{host.distribution} {host.version}'}",
        f"python: {environment.python}",
        f"torch: {environment.torch or 'not found'}",
        f"system: {environment.system} {environment.machine}",
        f"hwcheck: {environment.hwcheck}",
        f"started: {run.started}",
        *(f"requires: {requirement}" for requirement in run.plugin.requirements),
        *(f"child {item.name}: {item.ended}, {item.seconds:.1f} s" for item in run.children),
    ]
    return "".join(f"{line}\n" for line in lines)


def _commands(run: Run) -> str:
    """The command of the run, and one for each contract that failed."""
    failed = dict.fromkeys(item.contract for item in run.outcomes if item.state in _FAILED)
    commands = [run.command, *(f"{run.command} --contract {id_}" for id_ in failed)]
    return "".join(f"{command}\n" for command in commands if run.command)
