"""The folder beside the reports of a run in which what it finds is kept until it is complete."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path

from filelock import FileLock, Timeout

import hwcheck
from hwcheck.codec import decode_line, encode_line
from hwcheck.errors import CodecError, UsageError
from hwcheck.hosts.code_digest import digest_of_code
from hwcheck.model.unfinished import SCHEMA, VERSION, Asked
from hwcheck.observe.conditions import Conditions
from hwcheck.observe.target import Target

__all__ = ["FOLDER", "Kept", "asked_of", "forget", "keeping", "unfinished_since"]

FOLDER = "unfinished"
"""The name of the folder, in that of the reports."""
_ASKED = "asked.json"
_EXAMINERS = ("exercise", "hosts", "observe", "probe", "model")
#: What is asked, in the words of a message.
_PARTS = {
    "plugin": "the plugin",
    "code": "the plugin's files",
    "host": "vLLM",
    "python": "the interpreter",
    "options": "the options",
    "variables": "the environment variables of --pass-env",
    "hwcheck": "hwcheck",
}
#: Digests, which say nothing to a reader.
_UNREADABLE = frozenset({"code", "variables"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a run keeps what it finds, and which runs it continues."""

    folder: Path
    earlier: tuple[str, ...]
    """When those were started; empty for a run from the beginning."""


def asked_of(
    target: Target, conditions: Conditions, options: tuple[str, ...], environment: Mapping[str, str]
) -> Asked:
    """Describe all that decides what a run finds."""
    plugin, host = target.plugin, target.host
    passed = "\n".join(
        f"{name}={environment[name]}"
        for name in sorted(environment)
        if any(fnmatchcase(name, pattern) for pattern in conditions.pass_environment)
    )
    return Asked(
        plugin=f"{plugin.name} {plugin.version}",
        code=_digest_of_files(target),
        host=f"{host.distribution} {host.version}",
        python=conditions.python,
        options=options,
        variables=blake2b(passed.encode(), digest_size=16).hexdigest(),
        hwcheck=f"{hwcheck.__version__} {digest_of_code(_EXAMINERS)}",
        started=(),
    )


def unfinished_since(output: Path) -> str | None:
    """When the run was last started that was cut off there; ``None`` where there is none."""
    found = _read(output / FOLDER)
    return found.started[-1] if found is not None and found.started else None


@contextmanager
def keeping(output: Path, asked: Asked, started: str, *, resume: bool) -> Iterator[Kept]:
    """Hold the folder of a run for as long as it goes on; what an earlier run left there goes.

    With `resume`, it stays, and has to be of a run that was asked the same.

    Raises UsageError: there is nothing to continue, or something else was asked; another run
    goes on there.
    """
    # The children that write there work in folders of their own.
    folder = (output / FOLDER).absolute()
    lock = FileLock(f"{folder}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"another run goes on in {str(output)!r}\n  wait for it, or name another --output"
        ) from None
    except OSError as error:
        raise UsageError(
            f"what the run finds cannot be kept in {str(folder)!r}: {error.strerror}\n"
            "  remove what is there, or name another --output"
        ) from None
    try:
        earlier = _checked(output, asked) if resume else _emptied(folder)
        _write(folder, replace(asked, started=(*earlier, started)))
        yield Kept(folder=folder, earlier=earlier)
    finally:
        with suppress(OSError):
            folder.rmdir()
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def forget(kept: Kept) -> None:
    """Remove what was kept of a run that is complete."""
    shutil.rmtree(kept.folder, ignore_errors=True)


def _emptied(folder: Path) -> tuple[str, ...]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return ()


def _checked(output: Path, asked: Asked) -> tuple[str, ...]:
    before = _read(output / FOLDER)
    if before is None:
        raise UsageError(
            f"there is no unfinished run in {str(output)!r}\n"
            "  name the --output of the run that was cut off, or start anew without --resume"
        )
    differing = [name for name in _PARTS if getattr(before, name) != getattr(asked, name)]
    if differing:
        told = "\n".join(_difference(name, before, asked) for name in differing)
        raise UsageError(
            f"the unfinished run in {str(output)!r} was asked something else\n{told}\n"
            "  ask the same again, or start anew without --resume"
        )
    return before.started


def _difference(name: str, before: Asked, now: Asked) -> str:
    if name in _UNREADABLE:
        return f"  {_PARTS[name]} have changed"
    then, again = (_shown(getattr(asked, name)) for asked in (before, now))
    return f"  {_PARTS[name]}: {then!r} then, {again!r} now"


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " ".join(value) or "none"


def _read(folder: Path) -> Asked | None:
    try:
        found = decode_line((folder / _ASKED).read_bytes(), Asked, _ASKED)
    except (OSError, CodecError):
        return None
    return found if (found.schema, found.version) == (SCHEMA, VERSION) else None


def _write(folder: Path, asked: Asked) -> None:
    unfinished = folder / f"{_ASKED}.new"
    unfinished.write_text(encode_line(asked) + "\n", encoding="utf-8")
    unfinished.replace(folder / _ASKED)


def _digest_of_files(target: Target) -> str:
    root = Path(target.files.root)
    tops = sorted({point.module.partition(".")[0] for point in target.plugin.entry_points})
    digest = blake2b(digest_size=16)
    for parent in (root, root / "src"):
        for top in tops:
            for file in (parent / f"{top}.py", *sorted((parent / top).rglob("*"))):
                if file.is_file() and "__pycache__" not in file.parts:
                    digest.update(f"{file.relative_to(parent)}\0".encode())
                    digest.update(_content_of(file))
    return digest.hexdigest()


def _content_of(file: Path) -> bytes:
    # Compiled libraries can have gigabytes; when they were built says enough.
    if file.suffix == ".py":
        return file.read_bytes()
    found = file.stat()
    return f"{found.st_size} {found.st_mtime_ns}".encode()
