import sys
from pathlib import Path
from types import ModuleType

import pytest

from hwcheck.exercise.platforms.source_names import attributes_read_in, sources_of


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    module = ModuleType("acme_names")
    module.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "acme_names", module)
    return tmp_path


def test_attributes_are_found_in_all_files(package: Path):
    """
    What is read after a dot, or with getattr(), counts as read; what is defined does not.
    """
    (package / "inner").mkdir()
    (package / "one.py").write_text("def get_level(self): return self.level\n", encoding="utf-8")
    (package / "inner" / "two.py").write_text("getattr(platform, 'depth')\n", encoding="utf-8")

    found = attributes_read_in(["acme_names", "acme_absent"])

    assert {"level", "depth"} <= found
    assert "get_level" not in found


def test_module_of_one_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A module that is no package has the one source, and none when it is gone.
    """
    module = ModuleType("acme_single")
    module.__file__ = str(tmp_path / "acme_single.py")
    monkeypatch.setitem(sys.modules, "acme_single", module)
    gone = list(sources_of(["acme_single"]))
    (tmp_path / "acme_single.py").write_text("x = 1\n", encoding="utf-8")

    assert gone == []
    assert list(sources_of(["acme_single"])) == [b"x = 1\n"]
