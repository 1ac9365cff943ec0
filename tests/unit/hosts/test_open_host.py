"""From words to hosts: known releases, added ones, paths, and what is none of them."""

import shutil
import zipfile

import pytest

from hwcheck.errors import HostError, UnknownHostError, UsageError
from hwcheck.hosts.add_host import add_host
from hwcheck.hosts.added import AddedHosts
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.open_host import open_host


@pytest.fixture
def opened(tmp_path):
    """Open a host with folders of its own."""

    def open_here(word):
        return open_host(
            str(word),
            added=AddedHosts(tmp_path / "added"),
            cache=ContentCache(tmp_path / "cache"),
        )

    return open_here


@pytest.mark.parametrize("word", ["0.33.0", "v0.33.0", "vllm==0.33.0", " vllm 0.33.0 "])
def test_known_release_is_opened_by_its_number(opened, word):
    """
    All ways to write a release lead to its shipped facts.
    """
    host = opened(word)

    assert host.version == "0.33.0"
    assert host.module("vllm.platforms.interface") is not None


def test_path_of_a_checkout_is_extracted(opened, write_host):
    """
    A folder with the package gives its own facts and version.
    """
    host = opened(write_host())

    assert host.version == "0.30.1"
    assert host.module("vllm.config").classes[0].functions[0].name == "load"
    assert [call.module for call in host.calls_of(["load"])["load"]] == ["vllm.platforms"]


def test_path_of_a_package_a_wheel_and_a_checkout_are_the_same_host(opened, write_host, tmp_path):
    """
    Where the files lie makes no difference.
    """
    root = write_host()
    with zipfile.ZipFile(tmp_path / "vllm.whl", "w") as archive:
        for path in sorted(root.rglob("*.py")):
            archive.write(path, path.relative_to(root))
    digests = {opened(path).digest for path in (root, root / "vllm", tmp_path / "vllm.whl")}

    assert len(digests) == 1


def test_path_is_extracted_again_when_it_changed(opened, write_host):
    """
    The cache goes by content.
    """
    root = write_host()
    before = opened(root)
    (root / "vllm/config.py").write_text("class Other: pass\n")

    assert opened(root).module("vllm.config") != before.module("vllm.config")
    assert opened(root).digest == opened(root).digest


def test_added_host_is_opened_by_its_name(opened, write_host, tmp_path):
    """
    What was added stays when the tree is gone, under its name or its version.
    """
    root = write_host()
    hosts = AddedHosts(tmp_path / "added")
    add_host(root, hosts, ContentCache(None))
    add_host(root, hosts, ContentCache(None), name="mine")
    shutil.rmtree(root)

    assert hosts.names() == ("0.30.1", "mine")
    assert opened("mine").version == opened("v0.30.1").version == "0.30.1"


def test_path_is_found_without_looking_like_one(opened, write_host, monkeypatch):
    """
    A folder of the current one is a host too, unless a known one has its name.
    """
    root = write_host("checkout")
    monkeypatch.chdir(root.parent)

    assert opened("checkout").version == "0.30.1"


def test_own_folders_are_those_of_the_user(write_host, tmp_path, monkeypatch):
    """
    Without folders that are given, the user's own are used.
    """
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    root = write_host()

    assert open_host(str(root)).version == "0.30.1"
    assert list((tmp_path / "XDG_CACHE_HOME").rglob("*"))
    with pytest.raises(UnknownHostError, match="nearest"):
        open_host("0.30.9")


def test_unknown_release_names_the_nearest(opened):
    """
    The message tells what is known, and what to try.
    """
    with pytest.raises(UnknownHostError, match=r"known: 0\.9\.0, (?s:.*)nearest: 0\.33\.0 \(use"):
        opened("0.33.9")


def test_misspelt_name_of_an_added_host_names_it(opened, write_host, tmp_path):
    """
    Added hosts are near as well.
    """
    add_host(write_host(), AddedHosts(tmp_path / "added"), ContentCache(None), name="nightly")

    with pytest.raises(UnknownHostError, match=r"nearest: nightly"):
        opened("nihtly")


def test_path_without_vllm_tells_what_was_looked_for(opened, tmp_path):
    """
    Another project is not taken for a vLLM.
    """
    (tmp_path / "vllm").mkdir()
    (tmp_path / "vllm/__init__.py").write_text("")

    with pytest.raises(UnknownHostError, match=r"no vLLM in .*looked for (?s:.*)vllm\.platforms"):
        opened(tmp_path)


@pytest.mark.parametrize("word", ["./missing", "missing.whl"])
def test_missing_path_is_an_unknown_host(opened, word):
    """
    What looks like a path and is not there is said to be missing.
    """
    with pytest.raises(UnknownHostError, match="does not exist"):
        opened(word)


def test_added_host_needs_a_usable_name(write_host, tmp_path):
    """
    A name is a file name, tells known releases apart, and must come from somewhere.
    """
    hosts = AddedHosts(tmp_path / "added")
    nameless = write_host("nameless", **{"vllm/_version.py": None})
    known = write_host("known", **{"vllm/_version.py": "__version__ = '0.33.0'\n"})

    with pytest.raises(UsageError, match="cannot be the name of a host"):
        add_host(nameless, hosts, ContentCache(None), name="../up")
    with pytest.raises(UsageError, match="does not tell its version"):
        add_host(nameless, hosts, ContentCache(None))
    with pytest.raises(UsageError, match="is a known release already"):
        add_host(known, hosts, ContentCache(None))


def test_host_that_cannot_be_kept_is_an_error(write_host, tmp_path):
    """
    Without a folder that can be written, adding fails and leaves nothing.
    """
    (tmp_path / "file").write_text("")
    root = write_host()

    with pytest.raises(HostError, match=r"cannot keep host '0\.30\.1' in"):
        add_host(root, AddedHosts(tmp_path / "file"), ContentCache(None))
    with pytest.raises(HostError, match="no folder for data"):
        add_host(root, AddedHosts(None), ContentCache(None))
    assert AddedHosts(None).names() == ()
    assert AddedHosts(tmp_path / "file").names() == ()
