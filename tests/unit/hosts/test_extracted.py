"""Facts extracted in memory."""

from hwcheck.hosts.extracted import facts_of_sources, facts_of_tree
from hwcheck.sources import open_sources

SOURCES = {
    "vllm/__init__.py": "from vllm.a import load\n",
    "vllm/a.py": "LIMIT = 3\n\ndef load(path, *, strict=True):\n    return path\n",
    "vllm/b/c.py": "from vllm.a import load\n\nload('x', strict=False)\n\n\nload('y')\n",
}


def test_facts_of_sources_answer_as_stored_ones_do():
    """
    Modules, calls and definitions are found by name.
    """
    host = facts_of_sources(SOURCES, "0.30.0", compiled=["vllm._C"])

    assert host.version == "0.30.0"
    assert host.module_names() == {"vllm", "vllm.a", "vllm.b", "vllm.b.c", "vllm._C"}
    assert host.module("vllm.a").functions[0].name == "load"
    assert host.module("vllm.missing") is None
    assert [(call.path, call.line) for call in host.calls_of(["load"])["load"]] == [
        ("vllm/b/c.py", 3),
        ("vllm/b/c.py", 6),
    ]
    assert "load" in host.called_names()
    assert host.defining(["load", "LIMIT"]) == {"load": ("vllm.a",), "LIMIT": ("vllm.a",)}


def test_digest_follows_the_content():
    """
    The same sources have the same digest, other ones another.
    """
    digests = [
        facts_of_sources(sources, "1").digest
        for sources in (SOURCES, SOURCES, SOURCES | {"vllm/a.py": ""})
    ]

    assert digests[0] == digests[1] != digests[2]


def test_tree_with_an_unreadable_file_keeps_its_module(write_host):
    """
    What does not parse is there, and nothing is known of it.
    """
    root = write_host(**{"vllm/broken.py": "def f(:\n", "vllm/latin.py": "é"})
    (root / "vllm/latin.py").write_bytes(b"x = '\xe9'\n")
    with open_sources(root, tops=("vllm",)) as tree:
        host = facts_of_tree(tree, "0.30.0")

    assert host.module("vllm.config").classes[0].name == "Config"
    assert {host.has_module(name) for name in ("vllm.broken", "vllm.latin")} == {True}
    assert host.module("vllm.broken") is None
