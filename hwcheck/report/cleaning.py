"""Logs made fit for strangers: no terminal control, no machine's paths, no secrets."""

import re

__all__ = ["cleaned"]

_MASK = "***"
#: Escapes of terminals: colours and cursors, titles and links, and the short ones.
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\)|\x1b[ -/]+[0-~]|\x1b[0-~]|\x1b",
    re.DOTALL,
)
_SECRET_NAME = (
    r"[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|credential|api[_-]?key|access[_-]?key|"
    r"private[_-]?key|auth(?:orization)?)[\w.-]*"
)
#: A name that looks secret, and its value: ``KEY=value``, ``"key": "value"``, ``key: value``.
_ASSIGNED = re.compile(
    rf"(?i)(?<![\w.-])({_SECRET_NAME})([\"']?\s*[=:]\s*)"
    r"(\"[^\"\n]*\"|'[^'\n]*'|(?:bearer|basic)\s+\S+|[^\s,;)}\]]+)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
#: The forms that the services which vLLM's users have accounts with give their keys.
_KEYS = re.compile(
    r"\b(?:hf_\w{8,}|gh[pousr]_\w{8,}|github_pat_\w{8,}|glpat-[\w-]{8,}|sk-[\w-]{8,}"
    r"|xox[abprs]-[\w-]{8,}|(?:AKIA|ASIA)[0-9A-Z]{12,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@]+@")
#: Where pip looks, which names the registries of its owner.
_LOOKED = re.compile(r"(?m)^(Looking in (?:indexes|links): ).+$")
_FILE_ADDRESS = re.compile(r"(?<![\w.])file://(?:localhost)?(/[^\s\"']*)")
#: Two names at least, so that a division or a route is none; not inside a word or an address.
_PATH = re.compile(r"(?<![\w.:/$~-])/(?:[\w.+@%=-]+/)+[\w.+@%=-]*")
_DRIVE = re.compile(r"\b[A-Za-z]:\\(?:[^\\\s\"']+\\)+")
_INSTALLED = re.compile(r".*/((?:site|dist)-packages/)")
_STANDARD_LIBRARY = re.compile(r".*/lib(?:64)?/(python3(?:\.\d+)?/)")
#: The same on every machine.
_COMMON = ("/dev/", "/proc/", "/sys/")
_ADDRESS = re.compile(r"(?<![\w.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")


def cleaned(text: str) -> str:
    """Take out of a log what only its machine or its owner should know.

    What is left of a path is what is the same everywhere: from ``site-packages`` on, or its last
    part.
    """
    text = _CONTROL.sub("", text).replace("\r\n", "\n")
    # What a progress bar wrote over is not seen on a terminal either.
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    text = _PRIVATE_KEY.sub(f"{_MASK} (a private key)", text)
    text = _ASSIGNED.sub(lambda found: f"{found[1]}{found[2]}{_MASK}", text)
    text = _BEARER.sub(lambda found: f"{found[1]} {_MASK}", text)
    text = _KEYS.sub(_MASK, text)
    text = _IN_ADDRESS.sub(f"{_MASK}@", text)
    text = _LOOKED.sub(lambda found: f"{found[1]}{_MASK}", text)
    text = _FILE_ADDRESS.sub(lambda found: _path(found[1]), text)
    text = _PATH.sub(lambda found: _path(found[0]), text)
    text = _DRIVE.sub(lambda found: "...\\", text)
    return _ADDRESS.sub(_MASK, text)


def _path(path: str) -> str:
    if path.startswith(_COMMON):
        return path
    for known in (_INSTALLED, _STANDARD_LIBRARY):
        found = known.match(path)
        if found is not None:
            return found[1] + path[found.end() :]
    return f".../{path.rstrip('/').rpartition('/')[2]}"
