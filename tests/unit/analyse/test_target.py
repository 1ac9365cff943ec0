"""From a target to its sources: installed, editable, wheels with odd contents."""

import json
import zipfile

import pytest

from hwcheck.analyse.target import open_target
from hwcheck.errors import DiscoveryError, SourceError

POINTS = "[vllm.platform_plugins]\nacme = acme.entry:register\n"


def opened(target):
    found = open_target(str(target), cache=None, environment={}, progress=lambda stage: None)
    with found.tree:
        return found


def modules(found):
    return [file.module for file in found.tree.files]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """
    Write distributions into a folder on the path.
    """
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def add(name, files, *, points=POINTS, direct=None, record=True):
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(points)
        if record:
            (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
        if direct is not None:
            (info / "direct_url.json").write_text(json.dumps(direct))
        for file, text in files.items():
            path = site / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return site

    return add


def test_installed_plugin_is_read_by_its_record(installed):
    """
    All packages that a distribution brought count, and nothing beside them.
    """
    files = {"acme/__init__.py": "", "acme/entry.py": "", "acme_ops.py": ""}
    site = installed("vllm_acme", files)
    (site / "other").mkdir()
    (site / "other/__init__.py").write_text("")

    found = opened("vllm_acme")

    assert modules(found) == ["acme", "acme.entry", "acme_ops"]
    assert found.project is None


def test_installed_plugin_without_record_is_read_by_its_entry_points(installed):
    """
    Without a record the packages that entry points name are read.
    """
    installed("vllm_acme", {"acme/__init__.py": "", "acme/entry.py": ""}, record=False)

    assert modules(opened("vllm_acme")) == ["acme", "acme.entry"]


def test_editable_plugin_is_read_from_its_tree(installed, tmp_path):
    """
    Of an editable installation the source tree is read, with its project files.
    """
    tree = tmp_path / "tree"
    (tree / "src/acme").mkdir(parents=True)
    (tree / "src/acme/entry.py").write_text("")
    (tree / "src/acme/__init__.py").write_text("")
    installed("vllm_acme", {}, direct={"url": tree.as_uri(), "dir_info": {"editable": True}})

    found = opened("vllm_acme")

    assert [file.path for file in found.tree.files] == ["src/acme/__init__.py", "src/acme/entry.py"]
    assert found.project == tree


def test_installed_plugin_whose_files_are_gone_is_refused(installed):
    """
    Metadata without files is not taken for a plugin in which nothing is wrong.
    """
    installed("vllm_acme", {}, record=False)

    with pytest.raises(
        SourceError, match=r"holds no Python files of a plugin\n  found: acme\.entry"
    ):
        opened("vllm_acme")


def make_wheel(tmp_path, files):
    path = tmp_path / "vllm_acme-1.0-py3-none-any.whl"
    info = "vllm_acme-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: vllm-acme\nVersion: 1.0\n"
        )
        for name, text in files.items():
            archive.writestr(name.format(info=info), text)
    return path


def test_package_named_by_an_entry_point_is_read_wherever_it_stands(tmp_path):
    """
    A package whose name is left out by convention is read when an entry point names it.
    """
    points = "[vllm.platform_plugins]\nacme = tools.entry:register\n"
    wheel = make_wheel(
        tmp_path,
        {"{info}/entry_points.txt": points, "acme/__init__.py": "", "tools/__init__.py": ""},
    )

    assert modules(opened(wheel)) == ["acme", "tools"]


def test_wheel_without_entry_points_counts_when_it_imports_vllm(tmp_path):
    """
    The name comes from the file, and a problem tells what is missing.
    """
    found = opened(make_wheel(tmp_path, {"acme/__init__.py": "def f():\n    import vllm\n"}))

    assert (found.plugin.name, found.plugin.entry_points) == ("vllm_acme", ())
    assert len(found.problems) == 1


def test_wheel_without_entry_points_and_vllm_is_refused(tmp_path):
    """
    What neither declares nor imports anything of vLLM is no plugin.
    """
    with pytest.raises(DiscoveryError, match="declares no vLLM plugin"):
        opened(make_wheel(tmp_path, {"acme/__init__.py": "import os\n"}))


def test_tree_whose_entry_points_are_computed_is_read_if_it_imports_vllm(tmp_path):
    """
    What cannot be read of the metadata is told beside the result.
    """
    (tmp_path / "setup.py").write_text("from setuptools import setup\nsetup(entry_points=make())\n")
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/__init__.py").write_text("import vllm\n")

    assert len(opened(tmp_path).problems) == 2

    (tmp_path / "acme/__init__.py").write_text("import os\n")
    with pytest.raises(DiscoveryError, match="no plugin can be read"):
        opened(tmp_path)


def test_folder_with_several_plugins_is_refused(tmp_path):
    """
    Of a folder that holds several installed plugins one has to be named.
    """
    for name in ("acme", "beta"):
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[vllm.platform_plugins]\n{name} = {name}:register\n"
        )

    with pytest.raises(DiscoveryError, match="several plugins\n  found: acme, beta"):
        opened(tmp_path)


def test_fetched_wheel_that_is_no_plugin_is_named_without_its_place(tmp_path):
    """
    Where a fetched wheel was put is told to nobody: a matrix with it is published.
    """
    place = tmp_path / "fetched/acme==1.0"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "acme-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("acme/__init__.py", "")
        archive.writestr(
            "acme-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n"
        )

    with pytest.raises(DiscoveryError, match=r"wheel 'acme-1\.0-py3-none-any\.whl'") as caught:
        open_target("acme==1.0", cache=tmp_path, environment={}, progress=lambda stage: None)

    assert str(tmp_path) not in str(caught.value)
