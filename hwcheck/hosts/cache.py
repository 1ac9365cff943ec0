"""A folder of results that are found again by what they were made from."""

import os
import tempfile
import zlib
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

__all__ = ["ContentCache", "user_cache_directory"]

_LARGEST = 512 * 1024 * 1024
_MARK = b"hwcheck1"
_SWEEP_EVERY = 64


class ContentCache:
    """Bytes by key; a folder that cannot be read or written only makes it forget.

    Entries are compressed, checked when read, and written whole or not at all, so that any number
    of processes can share a folder without locks. When the folder outgrows `largest` bytes, the
    entries that were not used for the longest time go.
    """

    def __init__(self, directory: Path | None, *, largest: int = _LARGEST) -> None:
        """Use a folder, which is made when first written to; without one nothing is kept."""
        self._directory = directory
        self._largest = largest
        self._puts = 0

    def get(self, key: str) -> bytes | None:
        """Read what was put under a key; ``None`` when it is not there or damaged."""
        path = self._path(key)
        if path is None:
            return None
        try:
            data = path.read_bytes()
            # The time of use decides what goes first; many folders are mounted without it.
            os.utime(path)
        except (OSError, ValueError):  # ValueError: the folder's name holds a null byte
            return None
        return _unwrap(data)

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key."""
        path = self._path(key)
        if path is None:
            return
        with suppress(OSError, ValueError):
            _write_whole(path, _wrap(data))
        self._puts += 1
        if self._puts % _SWEEP_EVERY == 0:
            self.sweep()

    def sweep(self) -> None:
        """Remove the entries that were not used for the longest time, down to the size allowed."""
        entries = sorted(self._entries(), key=lambda entry: entry[0])
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self._largest:
                return
            with suppress(OSError):
                path.unlink()
            total -= size

    def _entries(self) -> list[tuple[float, int, Path]]:
        found: list[tuple[float, int, Path]] = []
        with suppress(OSError):
            for path in self._directory.glob("??/*") if self._directory is not None else ():
                with suppress(OSError):
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
        return found

    def _path(self, key: str) -> Path | None:
        if self._directory is None:
            return None
        # Keys are free text; a digest of them is a file name everywhere.
        name = blake2b(key.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
        return self._directory / name[:2] / name[2:]


def user_cache_directory(environment_value: str | None = None) -> Path | None:
    """Choose the folder for what can be made again: as asked for, else the user's own.

    An empty `environment_value` asks for none.
    """
    if environment_value is not None:
        return Path(environment_value) if environment_value else None
    # Imported here: a check of which nothing is kept needs no knowledge of the platform.
    from platformdirs import user_cache_path

    return user_cache_path("hwcheck", appauthor=False)


def _wrap(data: bytes) -> bytes:
    packed = zlib.compress(data, 1)
    return _MARK + blake2b(packed, digest_size=8).digest() + packed


def _unwrap(data: bytes) -> bytes | None:
    mark, digest, packed = data[:8], data[8:16], data[16:]
    if mark != _MARK or blake2b(packed, digest_size=8).digest() != digest:
        return None
    return zlib.decompress(packed)


def _write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
