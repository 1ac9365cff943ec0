"""Files of facts: written from records, read a part at a time."""

import struct

import pytest

from hwcheck.errors import HostError
from hwcheck.hosts.family import Content, make_dictionary, pack_family
from hwcheck.hosts.layout import HEAD
from hwcheck.hosts.pack import PackedHost, lay_out
from hwcheck.hosts.store import Store, open_store
from hwcheck.model.facts import (
    Attribute,
    Binding,
    BindingKind,
    Calls,
    CallSite,
    Class,
    Function,
    Module,
    Parameter,
)


def module(name, *functions, is_package=False):
    """A module with functions, a class with one method, and a line for each."""
    return Module(
        name,
        "",
        is_package,
        bindings=tuple(Binding(each, BindingKind.FUNCTION) for each in functions),
        functions=tuple(
            Function(each, parameters=(Parameter("argument"),), digest=each) for each in functions
        ),
        classes=(
            Class("Thing", functions=(Function("method"),), attributes=(Attribute("value"),)),
        ),
        lines=tuple(range(len(functions))),
        line_names=functions,
    )


def calls(*names):
    return Calls(tuple(CallSite(name, positional=1, step=2) for name in names))


OLD = module("vllm.x", *(f"function_{number}" for number in range(40)))
NEW = module("vllm.x", *(f"function_{number}" for number in range(1, 41)))
PACKAGE = module("vllm", is_package=True)
CONTENTS = {
    "vllm": [Content("p/", PACKAGE, calls())],
    "vllm.x": [
        Content("new", NEW, calls("function_1", "other", "function_1")),
        Content("old", OLD, calls("function_1")),
    ],
    "vllm.y": [Content("y", module("vllm.y", "helper"), calls("function_1"))],
}
HOSTS = (
    PackedHost(
        version="0.30.0",
        date="2026-01-01",
        contents={"vllm": "p/", "vllm.x": "old", "vllm.y": "y"},
        compiled=("vllm.ops._C",),
        entry_points=(("console_scripts", "vllm", "vllm:main"),),
    ),
    PackedHost(version="0.31.0", contents={"vllm": "p/", "vllm.x": "new"}),
    PackedHost(version="0.32.0", contents={"vllm": "p/", "vllm.x": "new", "vllm.y": "y"}),
)


def pack_all():
    dictionary = make_dictionary(item for some in CONTENTS.values() for item in some)
    families = (
        pack_family(name, some, {"function_1", "helper"}, dictionary)
        for name, some in CONTENTS.items()
    )
    return lay_out(HOSTS, families, dictionary)


@pytest.fixture(scope="module")
def store():
    return Store(pack_all(), "test")


@pytest.mark.parametrize(
    ("version", "expected"), [("0.30.0", OLD), ("0.31.0", NEW), ("0.32.0", NEW)]
)
def test_module_is_the_one_of_its_release(store, version, expected):
    """
    Each release gives its own content of a module, with name and path.
    """
    found = store.facts(version).module("vllm.x")

    assert found == expected._replace(path="vllm/x.py")
    assert store.facts(version).module("vllm").path == "vllm/__init__.py"


def test_modules_of_a_release_are_told(store):
    """
    Files, compiled modules and the folders around them are there, nothing else is.
    """
    first, second = store.facts("0.30.0"), store.facts("0.31.0")

    assert first.module_names() == {"vllm", "vllm.x", "vllm.y", "vllm.ops", "vllm.ops._C"}
    assert second.module_names() == {"vllm", "vllm.x"}
    assert first.has_module("vllm.ops")
    assert first.module("vllm.ops") is None
    assert second.module("vllm.y") is None


def test_releases_carry_their_metadata(store):
    """
    Version, day and entry points come back; equal facts have equal digests only.
    """
    facts = [store.facts(release.version) for release in store.releases]

    assert [release.date for release in store.releases] == ["2026-01-01", "", ""]
    assert facts[0].entry_points == (("console_scripts", "vllm", "vllm:main"),)
    assert len({host.digest for host in facts}) == 3


def test_calls_are_found_by_name(store):
    """
    Calls of a name come from all modules of the release, sorted, with lines.
    """
    found = store.facts("0.32.0").calls_of({"function_1", "nothing"})

    assert found["nothing"] == ()
    assert [(call.module, call.line, call.site.positional) for call in found["function_1"]] == [
        ("vllm.x", 2, 1),
        ("vllm.x", 6, 1),
        ("vllm.y", 2, 1),
    ]


def test_calls_of_what_nobody_defines_are_dropped(store):
    """
    Such names are not among those that can be asked for.
    """
    host = store.facts("0.31.0")

    assert host.called_names() == {"function_1"}
    assert host.calls_of(["other"]) == {"other": ()}


def test_defining_modules_are_those_of_the_release(store):
    """
    A name leads to the modules that define it in that release.
    """
    assert store.facts("0.30.0").defining(["function_0", "helper", "Gone"]) == {
        "function_0": ("vllm.x",),
        "helper": ("vllm.y",),
        "Gone": (),
    }
    assert store.facts("0.31.0").defining(["function_0", "helper"]) == {
        "function_0": (),
        "helper": (),
    }


def test_facts_are_read_once(store):
    """
    A host gives the same objects when it is asked again.
    """
    host = store.facts("0.31.0")

    assert host.module("vllm.x") is host.module("vllm.x")
    assert host.calls_of(["function_1"]) == host.calls_of(["function_1"])
    assert repr(host) == "HostFacts('0.31.0')"


def test_same_input_gives_the_same_bytes():
    """
    A rebuild of unchanged releases changes nothing.
    """
    assert pack_all() == pack_all()


def test_release_that_is_not_there_is_a_key_error(store):
    """
    Who opens a store asks for what it holds.
    """
    with pytest.raises(KeyError):
        store.facts("9.9.9")


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda data: b"", "it cannot be read"),
        (lambda data: data[:10], "it has 10 bytes"),
        (lambda data: b"x" + data[1:], "it is no file of facts"),
        (lambda data: data[:-1], "bytes expected"),
        (lambda data: data[:40] + b"\0\0\0" + data[43:], "check sum"),
    ],
)
def test_damaged_file_is_refused(tmp_path, damage, expected):
    """
    What is wrong with a file is said before anything is read from it.
    """
    path = tmp_path / "facts.bin"
    path.write_bytes(damage(pack_all()))

    with pytest.raises(HostError, match=expected):
        open_store(path)


def test_damaged_blob_is_refused(tmp_path):
    """
    A blob that cannot be read is named.
    """
    data = pack_all()
    path = tmp_path / "facts.bin"
    size = struct.unpack_from(HEAD, data)[-1]
    path.write_bytes(data[:-size] + b"\xff" * size)
    host = open_store(path).facts("0.31.0")

    with pytest.raises(HostError, match="blob"):
        [host.module(name) for name in sorted(host.module_names())]


def test_missing_file_is_refused(tmp_path):
    """
    A file that is not there is an error of the host, not of the system.
    """
    with pytest.raises(HostError, match=r"cannot read the facts in 'none\.bin'"):
        open_store(tmp_path / "none.bin")
