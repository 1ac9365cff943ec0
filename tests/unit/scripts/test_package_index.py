"""The pages of a package index, as JSON and as HTML."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "package_index.py"


@pytest.fixture(scope="module")
def index():
    spec = importlib.util.spec_from_file_location("package_index", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["package_index"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["package_index"]


NAMES = (
    "vllm-0.9.0.tar.gz",
    "vllm-0.9.0-cp38-abi3-manylinux1_x86_64.whl",
    "vllm-1-py3-none-any.whl",
)


def html(index):
    links = (
        f'<a href="../files/{NAMES[0]}#sha256=0">x</a>',
        f'<a href="../files/{NAMES[1]}#sha256=0" data-upload-time="2025-05-15T01:02:03Z">x</a>',
        f'<a href="../files/{NAMES[2]}" data-yanked="broken">x</a><a name="top">x</a>',
    )
    return index.parse_page(f"<html><body>{'<br>'.join(links)}</body></html>", "text/html")


def as_json(index):
    files = [
        {"filename": NAMES[0]},
        {"filename": NAMES[1], "yanked": False, "upload-time": "2025-05-15T01:02:03Z"},
        {"filename": NAMES[2], "yanked": "broken"},
    ]
    return index.parse_page(json.dumps({"files": files}), "application/vnd.index+json")


@pytest.mark.parametrize("read", [html, as_json])
def test_wheels_of_a_page_are_read(index, read):
    """
    Version, day and whether it was yanked come from either form; other files are left out.
    """
    found = [(str(item.version), item.is_yanked, item.uploaded) for item in read(index)]

    assert found == [("0.9.0", False, "2025-05-15"), ("1", True, "")]
