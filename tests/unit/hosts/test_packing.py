"""From trees to files of facts."""

import pytest

from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.extraction import Extraction, contents_of
from hwcheck.hosts.pack import PackedHost, spans_of
from hwcheck.hosts.packing import pack_hosts
from hwcheck.hosts.store import Store
from hwcheck.sources import open_sources


def pack_trees(roots, cache, processes=1):
    extraction = Extraction(cache, processes=processes)
    hosts = []
    for number, root in enumerate(roots):
        with open_sources(root, tops=("vllm",)) as tree:
            extraction.add(tree)
            hosts.append(PackedHost(version=f"0.{number}", contents=contents_of(tree)))
    return pack_hosts(hosts, extraction, processes=processes)


@pytest.fixture
def roots(write_host):
    """Two releases: one file changes, one does not parse, one becomes a package."""
    return (
        write_host("first", **{"vllm/broken.py": "def f(:\n", "vllm/many.py": ""}),
        write_host(
            "second",
            **{
                "vllm/config.py": "class Config:\n    def load(self): pass\n",
                "vllm/many/__init__.py": "",
            },
        ),
    )


def test_each_release_keeps_its_own_contents(roots):
    """
    What changed differs, what did not is shared.
    """
    store = Store(pack_trees(roots, ContentCache(None)), "test")
    first, second = (store.facts(version) for version in ("0.0", "0.1"))

    assert len(first.module("vllm.config").classes[0].functions[0].parameters) == 3
    assert len(second.module("vllm.config").classes[0].functions[0].parameters) == 1
    assert first.module("vllm.platforms") == second.module("vllm.platforms")
    assert first.module("vllm.many").path == "vllm/many.py"
    assert second.module("vllm.many").path == "vllm/many/__init__.py"


def test_file_that_does_not_parse_is_there_without_facts(roots):
    """
    It counts as a compiled module.
    """
    host = Store(pack_trees(roots, ContentCache(None)), "test").facts("0.0")

    assert host.has_module("vllm.broken")
    assert host.module("vllm.broken") is None


def test_processes_and_cache_do_not_change_the_file(roots, tmp_path):
    """
    Whoever extracts, and whether it was extracted before, the bytes are the same.
    """
    cache = ContentCache(tmp_path / "cache")
    made = {
        pack_trees(roots, ContentCache(None)),
        pack_trees(roots, cache, processes=2),
        pack_trees(roots, cache),
    }

    assert len(made) == 1


def test_content_that_was_never_added_is_a_key_error():
    """
    Who packs has added the trees before.
    """
    with pytest.raises(KeyError):
        Extraction(ContentCache(None), processes=1).get("vllm", "content")


def test_spans_join_neighbours():
    """
    A content that goes and comes back has two spans.
    """
    hosts = [
        PackedHost(version=str(number), contents={"vllm": content})
        for number, content in enumerate(["a", "a", "b", "a"])
    ]

    assert spans_of(hosts) == {"vllm": {"a": ((0, 1), (3, 3)), "b": ((2, 2),)}}
