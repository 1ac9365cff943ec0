"""The table of what vLLM relies on in its Platform."""

import json
import subprocess
import sys
from importlib.resources import files

import pytest

from hwcheck.hosts.members import Read, Tier, members_of, undefined_members_of

RETURNS = {
    "bool",
    "str",
    "non-empty str",
    "int > 0",
    "int > 0 or None",
    "None",
    "class path",
    "class path or empty",
    "class path or backend name",
    "list[str]",
    "list[torch.dtype], non-empty",
    "torch.dtype",
    "DeviceCapability or None",
    "PlatformEnum",
    "dict",
    "any",
}
SHAPES = """
import inspect, json, sys
from vllm.platforms.interface import Platform
import vllm
annotations = inspect.get_annotations(Platform)
kinds = {}
for name in {*vars(Platform), *annotations}:
    value = vars(Platform).get(name)
    if isinstance(value, property): kinds[name] = "property"
    elif isinstance(value, classmethod): kinds[name] = "classmethod"
    elif isinstance(value, staticmethod): kinds[name] = "staticmethod"
    elif inspect.isfunction(value): kinds[name] = "method"
    else: kinds[name] = "attribute"
sys.stdout.write("\\n" + json.dumps({"version": vllm.__version__, "kinds": kinds}))
"""
NOT_OF_VLLM = {"__module__", "__dict__", "__weakref__", "__doc__", "__annotations__"}


def test_members_of_a_release_equal_the_table():
    """
    A release has what began no later than it and was not removed until it.
    """
    table = json.loads((files("hwcheck.hosts") / "data" / "members.json").read_text())
    expected = sorted(
        item["name"]
        for item in table["members"]
        if item["since"] != "0.33.0" and "removed_in" not in item
    )

    assert [member.name for member in members_of("0.32.0")] == expected


@pytest.mark.parametrize(
    ("version", "name", "present"),
    [
        ("0.10.2", "supports_v1", True),
        ("0.11.0", "supports_v1", False),
        ("0.19.1", "manual_seed_all", False),
        ("0.20.0rc1", "manual_seed_all", True),
        ("0.20.0+cpu", "manual_seed_all", True),
        ("0.34.1.dev7+g0a1b2c", "get_kv_cache_config_builder_cls", True),
    ],
)
def test_members_follow_the_release(version, name, present):
    """
    Candidates, nightlies and local builds count as the release they lead to.
    """
    names = {member.name for member in members_of(version)}

    assert (name in names) is present


def test_must_override_names_what_no_plugin_can_inherit():
    """
    Only what is unusable in every start has to be overridden.
    """
    names = [member.name for member in members_of("0.33.0") if member.must_override]

    assert names == ["_enum", "check_and_update_config", "device_name", "device_type"]


@pytest.mark.parametrize("version", ["0.9.2", "0.33.0"])
def test_entries_are_consistent(version):
    """
    What a member returns is from the vocabulary, and only callables without arguments are called.
    """
    members = members_of(version)

    assert {member.returns for member in members} <= RETURNS
    for member in members:
        assert (member.read is Read.VALUE) <= (member.kind in ("attribute", "property"))
        if member.read is Read.CALL:
            assert [(form.positional, form.keywords) for form in member.calls] == [(0, ())]
            assert member.tier not in (Tier.DEAD, Tier.INTERNAL)


def test_call_forms_are_unknown_before_the_release_they_begin_with():
    """
    An older host is not held to the forms of a newer one.
    """
    member = next(item for item in members_of("0.33.0") if item.name == "validate_request")

    assert member.calls_in("0.16.0") == ()
    assert [form.positional for form in member.calls_in("0.17.0")] == [2]


def test_base_of_a_class_path_follows_its_move():
    """
    The attention backend's base is looked for where the host has it.
    """
    member = next(item for item in members_of("0.33.0") if item.name == "get_attn_backend_cls")

    assert member.base_in("0.13.0") == "vllm.attention.backends.abstract.AttentionBackend"
    assert member.base_in("0.14.0") == "vllm.v1.attention.backend.AttentionBackend"


def test_undefined_members_are_no_members():
    """
    What vLLM asks for without defining it is listed apart.
    """
    undefined = {member.name for member in undefined_members_of("0.33.0")}

    assert "graph_pool_handle" in undefined
    assert not undefined & {member.name for member in members_of("0.33.0")}


@pytest.mark.host
def test_members_equal_those_of_the_installed_host():
    """
    The table has the installed vLLM's Platform member for member, each with its kind.
    """
    pytest.importorskip("vllm", reason="vLLM is not installed here")
    printed = subprocess.run(
        [sys.executable, "-c", SHAPES], capture_output=True, text=True, check=True
    ).stdout
    host = json.loads(printed.splitlines()[-1])
    real = {name: kind for name, kind in host["kinds"].items() if name not in NOT_OF_VLLM}

    assert {member.name: member.kind for member in members_of(host["version"])} == real
