"""Writes a report to a file, whole or not at all."""

import errno
import os
import tempfile
from pathlib import Path

from hwcheck.errors import ReportError

__all__ = ["make_folder", "write_bytes", "write_text"]


def write_text(path: Path, text: str, *, what: str = "the report") -> None:
    """Write text as UTF-8 beside `path`, then put it in its place; an older file stays on failure.

    Messages call it `what`.

    Raises ReportError: the folder or the file cannot be written.
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"), what=what)


def write_bytes(path: Path, data: bytes, *, what: str = "the report") -> None:
    """Write bytes beside `path`, then put them in its place; an older file stays on failure.

    Messages call them `what`.

    Raises ReportError: the folder or the file cannot be written.
    """
    try:
        _write_and_rename(path, data)
    # A path can also be a circle of links, or hold a null byte; neither is an `OSError` everywhere.
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReportError(
            f"cannot write {what} to {str(path)!r}: {reason}"
            "\n  name a file in a folder that exists and can be written"
        ) from error


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where they are not there yet.

    Raises ReportError: that is not possible.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReportError(
            f"cannot write into {str(path)!r}: {reason}\n  name a folder that can be written"
        ) from error


def _write_and_rename(path: Path, data: bytes) -> None:
    # A link is followed, and a device or pipe (`/dev/stdout`) is no file that could be replaced.
    target = path.resolve()
    if target.is_symlink():
        # Until Python 3.13 `resolve` itself refused a circle of links.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).chmod(_mode(target))
        Path(name).replace(target)
    except BaseException:
        # Whatever came between, an interruption too, must leave nothing beside the report.
        Path(name).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    # `mkstemp` makes files that only the owner can read; a report is made for others. The mask
    # can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
