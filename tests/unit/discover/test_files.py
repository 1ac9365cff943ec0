"""What an installed plugin's record lists, and what is there."""

import json

import pytest

from hwcheck.discover.files import installed_files, is_extension_module
from hwcheck.model.plugin import EntryPoint, Group, Origin, Plugin


def plugin(name="fake"):
    point = EntryPoint(group=Group.PLATFORM, name="fake", value="fake:register")
    return Plugin(
        name=name, version="1.0", origin=Origin.INSTALLED, location="", entry_points=(point,)
    )


def record(*names):
    return "".join(f"{name},,\n" for name in names)


def test_record_is_held_against_the_folder(install, tmp_path):
    """
    Missing files are named; bytecode and scripts outside the folder may come and go.
    """
    site = install(
        RECORD=record(
            "fake/__init__.py", "fake/gone.py", "fake/__pycache__/x.pyc", "../../bin/fake"
        ),
        WHEEL="Wheel-Version: 1.0\nTag: py3-none-any\nTag: py2-none-any\n",
    )
    (tmp_path / "site" / "fake").mkdir()
    (tmp_path / "site" / "fake" / "__init__.py").write_text("")

    files = installed_files(plugin(), [site])

    assert (files.has_record, files.is_editable) == (True, False)
    assert files.missing == ("fake/gone.py",)
    assert files.wheel_tags == ("py3-none-any", "py2-none-any")
    assert files.root == site


def test_compiled_files_are_found_by_their_names(install, tmp_path):
    """
    Shared libraries count with and without a version; files that are gone do not.
    """
    names = ("fake/_C.cpython-311-x86_64-linux-gnu.so", "fake/lib.so.1", "fake/text.solution")
    site = install(RECORD=record(*names, "fake/gone.so"))
    (tmp_path / "site" / "fake").mkdir()
    for name in names:
        (tmp_path / "site" / name).write_bytes(b"")

    files = installed_files(plugin(), [site])

    assert files.compiled == names[:2]
    assert files.absolute(names[0]) == f"{site}/{names[0]}"


def test_many_missing_files_are_cut(install):
    """
    Twenty of them say enough.
    """
    site = install(RECORD=record(*(f"fake/{n:03}.py" for n in range(50))))

    files = installed_files(plugin(), [site])

    assert len(files.missing) == 20
    assert files.missing[0] == "fake/000.py"


def test_editable_plugin_is_read_in_its_tree(install, tmp_path):
    """
    Its record lists no modules; compiled files are where they were built.
    """
    tree = tmp_path / "my tree"
    for folder in ("fake", "src/fake/deep"):
        (tree / folder).mkdir(parents=True)
        (tree / folder / "_C.abi3.so").write_bytes(b"")
    origin = {"url": tree.as_uri(), "dir_info": {"editable": True}}
    site = install(RECORD=record("fake/gone.py"), direct_url__json=json.dumps(origin))

    files = installed_files(plugin(), [site])

    assert (files.is_editable, files.missing) == (True, ())
    assert files.compiled == ("fake/_C.abi3.so", "src/fake/deep/_C.abi3.so")
    assert files.root == str(tree)


@pytest.mark.parametrize("text", ["no json", '{"url": "file:///x"}', '{"dir_info": {}}'])
def test_origin_that_says_nothing_is_no_editable_one(install, text):
    """
    A damaged or foreign origin leaves an ordinary installation.
    """
    site = install(direct_url__json=text)

    files = installed_files(plugin(), [site])

    assert (files.is_editable, files.has_record, files.missing) == (False, False, ())


def test_plugin_that_is_not_on_the_path_has_no_files(tmp_path):
    """
    Nothing is known, and nothing is missing.
    """
    files = installed_files(plugin("other"), [str(tmp_path)])

    assert (files.root, files.has_record, files.compiled) == ("", False, ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_C.cpython-311-x86_64-linux-gnu.so", True),
        ("_C.abi3.so", True),
        ("_C.pyd", True),
        ("libacme.so", False),
        ("libacme.so.1", False),
    ],
)
def test_extension_module_is_told_from_a_library(name, expected):
    """
    Only modules are imported by Python.
    """
    assert is_extension_module(name) is expected
