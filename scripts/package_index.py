"""The releases of a distribution on the package index that pip is configured to use."""

import json
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

__all__ = ["IndexedWheel", "index_address", "list_wheels", "parse_page"]

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedWheel:
    """One wheel on the index."""

    filename: str
    version: Version
    is_yanked: bool
    uploaded: str
    """Day, ISO 8601; empty: not told."""


def index_address() -> str:
    """Ask pip which index it uses: by environment, configuration or its own default."""
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        told = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", key],
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    # Nothing else tells pip's default, and naming a registry here would be a second truth.
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def list_wheels(name: str, address: str) -> tuple[IndexedWheel, ...]:
    """Read the page of a distribution, as JSON or HTML, whichever the index gives."""
    request = urllib.request.Request(f"{address.rstrip('/')}/{name}/", headers={"Accept": _ACCEPT})
    with urllib.request.urlopen(request, timeout=180) as answer:
        return parse_page(answer.read().decode(), answer.headers.get("Content-Type", ""))


def parse_page(text: str, content_type: str) -> tuple[IndexedWheel, ...]:
    """Read the wheels of a page of the simple index."""
    if "json" in content_type:
        found = [
            (item["filename"], bool(item.get("yanked")), item.get("upload-time") or "")
            for item in json.loads(text)["files"]
        ]
    else:
        page = _Page()
        page.feed(text)
        found = page.files
    wheels = (_wheel(*item) for item in found)
    return tuple(wheel for wheel in wheels if wheel is not None)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.files: list[tuple[str, bool, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            filename = unquote(urlsplit(values["href"] or "").path.rpartition("/")[2])
            uploaded = values.get("data-upload-time") or ""
            self.files.append((filename, "data-yanked" in values, uploaded))


def _wheel(filename: str, is_yanked: bool, uploaded: str) -> IndexedWheel | None:
    try:
        version = parse_wheel_filename(filename)[1]
    except InvalidWheelFilename:
        return None
    day = re.match(r"\d{4}-\d\d-\d\d", uploaded)
    return IndexedWheel(
        filename=filename,
        version=version,
        is_yanked=is_yanked,
        uploaded=day[0] if day else "",
    )
