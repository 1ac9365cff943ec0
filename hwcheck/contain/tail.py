"""Make the end of a child's output fit to be shown."""

import os
import re
import stat
from pathlib import Path

__all__ = ["clean", "output_tail"]

_LINES = 60
_CHARACTERS = 8 * 1024
_WINDOW = 64 * 1024
"""Bytes read at the end of a file; escape sequences may make up most of them."""
_READ = os.O_RDONLY | os.O_NONBLOCK

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]?",
    re.MULTILINE,
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
    "\u202a-\u202e\u2066-\u2069]"  # change of the direction of writing
)


def output_tail(stdout: Path | int, stderr: Path | int) -> str:
    """Return the last lines of both files (paths or descriptors), named where both hold text."""
    texts = [("stdout", clean(_read_end(stdout))), ("stderr", clean(_read_end(stderr)))]
    texts = [(name, text) for name, text in texts if text]
    if len(texts) == 1:
        return _last(texts[0][1], share=1)
    return "\n".join(f"--- {name} ---\n{_last(text, share=len(texts))}" for name, text in texts)


def clean(data: bytes) -> str:
    """Decode `data` and remove escape sequences, control characters and what `\\r` overwrote."""
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    text = _ESCAPES.sub("", text)
    lines = (_visible(line) for line in text.split("\n"))
    return "\n".join(lines).strip("\n")


def _visible(line: str) -> str:
    shown = [part for part in line.split("\r") if part.strip()]
    return _CONTROLS.sub("", shown[-1]).rstrip() if shown else ""


def _last(text: str, *, share: int) -> str:
    lines = text.split("\n")[-(_LINES // share) :]
    return "\n".join(lines)[-(_CHARACTERS // share) :]


def _read_end(file: Path | int) -> bytes:
    try:
        # Not blocking: a child may have put a pipe in the place of its file.
        descriptor = os.dup(file) if isinstance(file, int) else os.open(file, _READ)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return b""
        return os.pread(stream.fileno(), _WINDOW, max(0, found.st_size - _WINDOW))
