"""Finds Chromium, or installs Debian's where it is missing and can be installed."""

import os
import shutil
import subprocess
import sys

__all__ = ["FLAGS", "find_chromium"]

#: Nothing but the page is asked for, and nothing of an earlier browser is met.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_APT = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"),
)
_MISSING = (
    "no Chromium was found, and the tests of the page need one\n"
    f"  looked for: {', '.join(_NAMES)} on PATH\n"
    "  install it (Debian: apt-get install chromium), or name its program in CHROMIUM"
)


def find_chromium() -> str | None:
    """Find the program; the environment variable CHROMIUM goes first."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, _NAMES)), None)


def install() -> None:
    """Install Debian's package; needs root and a reachable archive."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in _APT:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    """Tell where Chromium is, after installing it if need be."""
    if find_chromium() is None:
        install()
    found = find_chromium()
    print(found or _MISSING, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
