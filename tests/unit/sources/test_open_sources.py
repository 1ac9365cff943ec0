"""What is opened, which files count, and what is skipped."""

import io
import os
import tarfile
import zipfile

import pytest

from hwcheck.errors import SourceError
from hwcheck.model.check import SkippedKind
from hwcheck.sources import archive as archives
from hwcheck.sources import listing as listings
from hwcheck.sources import open_sources
from hwcheck.sources.members import LARGEST_FILE


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def make_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def make_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def opened(path, tops=None):
    with open_sources(path, tops=tops) as tree:
        return tree


def modules(tree):
    return [file.module for file in tree.files]


def reasons(tree):
    return [(item.path, item.kind) for item in tree.skipped]


PROJECT = {
    "setup.py": "",
    "acme/__init__.py": "A = 1\n",
    "acme/worker.py": "B = 2\n",
    "acme/deep/data/inner.py": "",
    "acme/not-a-module.py": "",
    "acme/__pycache__/cached.py": "",
    "acme/_C.abi3.so": "",
    "tests/__init__.py": "",
    "tests/test_acme.py": "",
    "docs/conf.py": "",
}


def test_source_tree_without_tops_takes_what_is_shipped(tmp_path):
    """
    Packages at the root count; tests, documentation and build scripts do not.
    """
    tree = opened(write(tmp_path, PROJECT))

    assert modules(tree) == ["acme", "acme.deep.data.inner", "acme.worker"]
    assert tree.compiled == ("acme._C",)
    assert tree.skipped == ()


def test_source_layout_keeps_the_folder_in_paths_only(tmp_path):
    """
    In a src layout modules are named without the folder, paths with it.
    """
    tree = opened(write(tmp_path, {"src/acme/__init__.py": "", "pyproject.toml": ""}))

    assert [(file.module, file.path) for file in tree.files] == [("acme", "src/acme/__init__.py")]


def test_wanted_top_is_found_in_other_folders(tmp_path):
    """
    A package that is asked for is found one folder down.
    """
    tree = opened(
        write(tmp_path, {"python/acme/__init__.py": "", "other/__init__.py": ""}), {"acme"}
    )

    assert [file.path for file in tree.files] == ["python/acme/__init__.py"]


def test_single_module_counts_when_there_is_no_package(tmp_path):
    """
    A project of one file is read.
    """
    tree = opened(write(tmp_path, {"acme.py": "", "setup.py": ""}))

    assert modules(tree) == ["acme"]


def test_package_folder_itself_can_be_named(tmp_path):
    """
    The folder of an installed package gives modules under its name.
    """
    write(tmp_path, PROJECT)

    tree = opened(tmp_path / "acme")

    assert modules(tree)[:1] == ["acme"]


def test_same_content_has_the_same_digest_and_can_be_read(tmp_path):
    """
    Digests name contents, wherever they are.
    """
    folder = write(tmp_path / "tree", {"acme/__init__.py": "A = 1\n"})
    wheel = make_zip(tmp_path / "acme.whl", {"acme/__init__.py": "A = 1\n"})

    with open_sources(folder) as one, open_sources(wheel) as two:
        assert one.files == two.files
        assert one.read(one.files[0]) == two.read(two.files[0]) == b"A = 1\n"


def test_wheel_with_data_folder_is_read_as_installed(tmp_path):
    """
    What a wheel keeps under purelib stands at the root.
    """
    tree = opened(make_zip(tmp_path / "a.whl", {"acme-1.data/purelib/acme/__init__.py": ""}))

    assert [file.path for file in tree.files] == ["acme/__init__.py"]


def test_package_hides_module_of_its_name(tmp_path):
    """
    Of a package and a module of one name the package counts.
    """
    tree = opened(
        write(tmp_path, {"acme/__init__.py": "", "acme/a.py": "", "acme/a/__init__.py": ""})
    )

    assert [file.path for file in tree.files] == ["acme/__init__.py", "acme/a/__init__.py"]


def test_source_distribution_loses_its_outer_folder(tmp_path):
    """
    Paths in a source distribution begin inside of its only folder.
    """
    file = make_tar(
        tmp_path / "acme-1.tar.gz",
        {"acme-1/PKG-INFO": "", "acme-1/src/acme/__init__.py": "A = 1\n"},
    )

    with open_sources(file) as tree:
        assert [(item.module, item.path) for item in tree.files] == [
            ("acme", "src/acme/__init__.py")
        ]
        assert tree.read(tree.files[0]) == b"A = 1\n"


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "acme/../../evil.py", "c:/evil.py"])
def test_member_that_leads_outside_is_skipped(tmp_path, name):
    """
    A member whose name leads out of the archive is named and left out; the rest goes on.
    """
    wheel = make_zip(tmp_path / "a.whl", {"acme/__init__.py": "", name: ""})
    source = make_tar(tmp_path / "a.tar.gz", {"acme/__init__.py": "", name: ""})

    for tree in (opened(wheel), opened(source)):
        assert modules(tree) == ["acme"]
        assert reasons(tree) == [(name, SkippedKind.OUTSIDE)]


def test_generated_file_that_is_too_large_is_skipped(tmp_path):
    """
    A file that would not fit into memory as a syntax tree is left out, in every kind of tree.
    """
    large = "x = 1\n" * (LARGEST_FILE // 6 + 1)
    files = {"acme/__init__.py": "", "acme/large.py": large}
    expected = [("acme/large.py", SkippedKind.TOO_LARGE)]

    assert reasons(opened(write(tmp_path / "tree", files))) == expected
    assert reasons(opened(make_zip(tmp_path / "a.whl", files))) == expected
    assert reasons(opened(make_tar(tmp_path / "a.tar.gz", files))) == expected


def test_zip_bomb_is_refused(tmp_path, monkeypatch):
    """
    An archive that unpacks to more than any plugin holds is refused as a whole.
    """
    monkeypatch.setattr(listings, "LARGEST_TREE", 1000)
    files = {f"acme/m{number}.py": "#" * 300 for number in range(5)}
    wheel = make_zip(tmp_path / "a.whl", {"acme/__init__.py": "", **files})

    with pytest.raises(SourceError, match="holds more than 1000 bytes of Python"):
        open_sources(wheel)


def test_source_distribution_that_is_a_bomb_is_refused(tmp_path, monkeypatch):
    """
    The same for what has to be unpacked in order, and for what is no Python.
    """
    monkeypatch.setattr(archives, "LARGEST_TREE", 100)
    python = make_tar(tmp_path / "a.tar.gz", {"acme/__init__.py": "#" * 300})
    with pytest.raises(SourceError, match="bytes of Python"):
        open_sources(python)

    monkeypatch.setattr(archives, "_LARGEST_ARCHIVE", 100)
    data = make_tar(tmp_path / "b.tar.gz", {"acme/weights.bin": "#" * 300})
    with pytest.raises(SourceError, match="unpacks to more than"):
        open_sources(data)


def test_archive_of_too_many_members_is_refused(tmp_path, monkeypatch):
    """
    The number of members has an end too.
    """
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    wheel = make_zip(tmp_path / "a.whl", {f"acme/m{number}.py": "" for number in range(4)})

    with pytest.raises(SourceError, match="more than 2 files"):
        open_sources(wheel)


def test_links_that_loop_or_lead_out_are_not_followed(tmp_path):
    """
    A link back into its own folders, to the outside or to nothing is named and left out.
    """
    tree = write(tmp_path / "tree", {"acme/__init__.py": "", "acme/sub/a.py": ""})
    outside = write(tmp_path / "outside", {"secret.py": "", "folder/b.py": ""})
    (tree / "acme/sub/loop").symlink_to(tree / "acme")
    (tree / "acme/out").symlink_to(outside / "folder")
    (tree / "acme/secret.py").symlink_to(outside / "secret.py")
    (tree / "acme/gone.py").symlink_to(tree / "acme/nothing.py")
    (tree / "acme/round.py").symlink_to("round.py")
    (tree / "acme/alias").symlink_to("sub")

    found = opened(tree)

    assert modules(found) == ["acme", "acme.alias.a", "acme.sub.a"]
    assert dict(reasons(found)) == {
        "acme/alias/loop": SkippedKind.OUTSIDE,
        "acme/gone.py": SkippedKind.UNREADABLE,
        "acme/out": SkippedKind.OUTSIDE,
        "acme/round.py": SkippedKind.UNREADABLE,
        "acme/secret.py": SkippedKind.OUTSIDE,
        "acme/sub/loop": SkippedKind.OUTSIDE,
    }


def test_link_in_source_distribution_is_not_followed(tmp_path):
    """
    A Python file that is a link in an archive is named and left out.
    """
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("acme/__init__.py"))
        link = tarfile.TarInfo("acme/linked.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)

    assert reasons(opened(path)) == [("acme/linked.py", SkippedKind.UNREADABLE)]


def test_pipe_that_is_called_python_is_not_opened(tmp_path):
    """
    What is no regular file is named and left out, instead of waited for.
    """
    write(tmp_path, {"acme/__init__.py": ""})
    os.mkfifo(tmp_path / "acme/pipe.py")

    assert reasons(opened(tmp_path)) == [("acme/pipe.py", SkippedKind.UNREADABLE)]


def test_damaged_member_is_skipped(tmp_path):
    """
    A member whose content does not unpack is named; the others are read.
    """
    wheel = make_zip(tmp_path / "a.whl", {"acme/__init__.py": "", "acme/a.py": "A = 1\n" * 99})
    data = bytearray(wheel.read_bytes())
    start = data.index(b"acme/a.py") + len("acme/a.py")
    data[start : start + 6] = b"\xff" * 6
    wheel.write_bytes(bytes(data))

    assert reasons(opened(wheel)) == [("acme/a.py", SkippedKind.UNREADABLE)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.whl", b"no zip", "cannot be read as a zip archive"),
        ("a.tar.gz", b"no tar", "cannot be read as a source distribution"),
        ("a.txt", b"text", "neither a folder nor an archive"),
        ("a.whl/", b"", "does not exist"),
    ],
)
def test_what_is_no_tree_is_refused(tmp_path, name, content, message):
    """
    What cannot be opened is told apart.
    """
    path = tmp_path / name
    if content:
        path.write_bytes(content)

    with pytest.raises(SourceError, match=message):
        open_sources(path)


def test_pipe_is_no_tree(tmp_path):
    """
    What is neither folder nor file is refused without opening it.
    """
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(SourceError, match="not a regular file"):
        open_sources(tmp_path / "pipe")
