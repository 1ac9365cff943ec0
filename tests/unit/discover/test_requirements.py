"""A plugin's requirements besides vLLM."""

import pytest

from hwcheck.discover.requirements import requirement_names, unmet
from hwcheck.model.plugin import Origin, Plugin


def plugin(*requirements, host=()):
    return Plugin(
        name="fake",
        version="1.0",
        origin=Origin.INSTALLED,
        location="",
        entry_points=(),
        requirements=(*requirements, *host),
        host_requirements=host,
    )


def test_requirement_names_leave_out_vllm_extras_and_other_systems():
    """
    What is required here is named once, sorted and normalised.
    """
    subject = plugin(
        "Torch_NPU==2.5",
        "torch-npu<3",
        "attrs",
        "extra-only; extra == 'dev'",
        "win-only; sys_platform == 'win32'",
        "not a requirement!",
        host=("vllm==0.30.0",),
    )

    assert requirement_names(subject) == ("attrs", "torch-npu")


@pytest.mark.parametrize(
    ("wanted", "version", "fault"),
    [
        (("other>=1",), "1.5", None),
        (("other",), "0.1", None),
        (("other>=1",), "2.0rc1", None),
        (("other>=1", "other<1.4"), "1.5", "other>=1 and other<1.4 is required and other 1.5"),
        (("other==2",), "1.5", "other==2 is required and other 1.5 is installed"),
    ],
)
def test_installed_version_is_held_against_every_requirement(install, wanted, version, fault):
    """
    All of them must hold; pre-releases count as what they lead to.
    """
    site = install("other", version=version, entry_points=None)

    found = unmet(plugin(*wanted), "other", [site])

    if fault is None:
        assert found is None
    else:
        assert found is not None
        assert found.startswith(fault)


def test_requirement_that_is_not_installed_is_told(tmp_path):
    """
    The requirement is quoted as it was written.
    """
    found = unmet(plugin("Other~=1.0"), "other", [str(tmp_path)])

    assert found == "Other~=1.0 is required and 'other' is not installed"


def test_what_was_cut_off_while_it_was_installed_is_not_met(tmp_path):
    """
    A folder of metadata that is empty satisfies nothing, and is no crash.
    """
    (tmp_path / "attrs-24.1.dist-info").mkdir()

    told = unmet(plugin("attrs>=24"), "attrs", [str(tmp_path)])

    assert told == "attrs>=24 is required and what is installed of 'attrs' has no metadata"
