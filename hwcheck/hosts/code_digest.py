"""A name for hwcheck's own code, so that what it gave is kept until it changes."""

from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["EVERYTHING", "EXTRACTION", "digest_of_code"]

#: The packages whose code decides what is found.
EVERYTHING = ("analyse", "extract", "hosts", "model")
#: Those that decide what is extracted of a plugin.
EXTRACTION = ("extract", "model")


@cache
def digest_of_code(packages: tuple[str, ...], others: tuple[Path, ...] = ()) -> str:
    """Name the code of some packages of hwcheck, and of other files.

    A version number would have to be thought of; this changes by itself.
    """
    root = Path(__file__).parent.parent
    files = {file for package in packages for file in (root / package).rglob("*.py")}
    digest = blake2b(digest_size=16)
    for file in sorted(files.union(others)):
        with suppress(OSError):
            digest.update(file.read_bytes())
    return digest.hexdigest()
