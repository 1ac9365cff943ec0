"""Tests of what is the plugin's own."""

import sys
from importlib.util import spec_from_file_location

import pytest

from hwcheck.probe.ownership import ownership_of


def recorded(files):
    return {
        "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
        "acme-1.0.dist-info/RECORD": "".join(f"{file},,\n" for file in files),
        **{file: "" for file in files if file.endswith(".py")},
    }


def test_prefix_of_a_name_is_another_package(write, site):
    """
    ``vllm_x`` does not own what is in ``vllm_xy``.
    """
    write({"vllm_x/__init__.py": "", "vllm_xy/__init__.py": ""})

    own = ownership_of("absent", ["vllm_x.register"])

    assert own.owns_file(str(site / "vllm_x" / "a.py"))
    assert not own.owns_file(str(site / "vllm_xy" / "a.py"))
    assert own.owns_module("vllm_x.a")
    assert not own.owns_module("vllm_xy")


def test_single_module_owns_its_file_alone(write, site):
    """
    A distribution of one module owns neither its neighbours nor the cache folder.
    """
    write(recorded(["acme_one.py", "__pycache__/acme_one.cpython-311.pyc"]))

    own = ownership_of("acme", ())

    assert own.names == ("acme_one",)
    assert own.owns_file(str(site / "acme_one.py"))
    assert not own.owns_file(str(site / "acme_one.pyi"))
    assert not own.owns_file(str(site / "__pycache__" / "other.py"))


def test_record_names_packages_the_entry_point_does_not(write):
    """
    All top-level packages of the distribution are its own, tests and tools are nobody's.
    """
    write(recorded(["acme_a/__init__.py", "acme_b/deep/mod.py", "tests/__init__.py"]))

    own = ownership_of("acme", ["acme_a.x"])

    assert own.owns_module("acme_b.deep.mod")
    assert not own.owns_module("tests")


def test_namespace_is_shared(write, site):
    """
    In a namespace package only the distribution's own part belongs to it.
    """
    write({**recorded(["acme_ns/plugin/__init__.py"]), "acme_ns/other/__init__.py": ""})

    own = ownership_of("acme", ["acme_ns.plugin.entry"])

    assert own.names == ("acme_ns.plugin",)
    assert own.owns_file(str(site / "acme_ns/plugin/entry.py"))
    assert not own.owns_file(str(site / "acme_ns/other/__init__.py"))
    assert not own.owns_module("acme_ns.other")


def test_folder_on_the_path_of_an_editable_installation(tmp_path, monkeypatch):
    """
    What a ``.pth`` file puts on the path is found although the record does not list it.
    """
    (tmp_path / "src" / "acme_src").mkdir(parents=True)
    (tmp_path / "src" / "acme_src" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path / "src"))

    own = ownership_of("absent", ["acme_src:register"[:8]])

    assert own.owns_file(str(tmp_path / "src" / "acme_src" / "__init__.py"))


def test_finder_of_an_editable_installation_is_asked(write, tmp_path, monkeypatch):
    """
    The finder knows where the package is, and is not the plugin's own.
    """
    write(recorded(["__editable___acme_1_0_finder.py"]))
    package = tmp_path / "elsewhere" / "__init__.py"
    package.parent.mkdir()
    package.touch()

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name != "acme_mapped":
                raise RuntimeError("asked for what it does not have")
            return spec_from_file_location(
                name, package, submodule_search_locations=[str(package.parent)]
            )

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])

    own = ownership_of("acme", ["acme_mapped"])

    assert own.names == ("acme_mapped",)
    assert own.owns_file(str(package))


@pytest.mark.parametrize("distribution", ["absent", ""])
def test_what_cannot_be_found_owns_no_file(distribution):
    """
    A module that is not there still has its name.
    """
    own = ownership_of(distribution, ["acme_nowhere.x"])

    assert own.owns_module("acme_nowhere")
    assert not own.owns_file(__file__)
