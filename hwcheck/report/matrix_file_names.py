"""Names of files made from names of strangers."""

import hashlib
import re

__all__ = ["file_name"]

_UNSAFE = re.compile(r"[^a-z0-9._-]+")
_LONGEST = 60


def file_name(text: str) -> str:
    """Make a name that every file system and address can hold, different for different texts."""
    safe = _UNSAFE.sub("-", text.lower()).strip("._-")[:_LONGEST].rstrip("._-")
    if safe and safe == text:
        return safe
    # What had to be changed gets a digest: two names must not become one file.
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{safe}-{digest}" if safe else digest
