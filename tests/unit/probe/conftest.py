"""Modules of a plugin, written as files and imported under names that no other test uses."""

import sys
from importlib import import_module, invalidate_caches
from textwrap import dedent

import pytest

from hwcheck.probe.attribution import Attribution


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on our own path; what is imported from it is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    # Files are written anew within the second that bytecode is told apart by.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def write(site):
    """Write files below the folder."""

    def write_files(files):
        for name, text in files.items():
            path = site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        invalidate_caches()

    return write_files


@pytest.fixture
def module(write):
    """Write one module and import it."""

    def import_written(name, source):
        write({f"{name}.py": source})
        sys.modules.pop(name, None)
        return import_module(name)

    return import_written


@pytest.fixture
def attribution(site):
    """The attribution of a distribution that holds the single module ``acme``."""
    (site / "acme.py").touch()
    return Attribution.of_plugin("vllm-acme-absent", ("acme",))
