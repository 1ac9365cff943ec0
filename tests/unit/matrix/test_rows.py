"""The sources of builds, read before any plugin is held against them."""

from types import SimpleNamespace

import pytest

from hwcheck.errors import HostError
from hwcheck.matrix.rows import with_readable_sources
from hwcheck.matrix.specification import read_specification

SPECIFICATION = """
[builds.main]
source = "main"

[builds.empty]
source = "empty"
install = ["vllm"]

[builds.gone]
source = "gone"

[[plugins]]
releases = ["acme==1.0"]
"""


@pytest.fixture
def specification(tmp_path):
    """
    One that names a source which can be read, one which cannot, and one which is not there.
    """
    for name in ("main", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "matrix.toml").write_text(SPECIFICATION)
    return read_specification(tmp_path / "matrix.toml", ("0.32.0",))


def test_only_sources_that_can_be_read_are_columns(specification, tmp_path):
    """
    The others become problems, and what is run under them stays.
    """

    def digest(word):
        if word.endswith("empty"):
            raise HostError(f"{word!r} holds no vLLM\n  name a checkout\n  or a wheel")
        return "digest"

    found, problems = with_readable_sources(specification, SimpleNamespace(digest=digest))

    assert found.columns == ("0.32.0", "main")
    assert [build.is_run for build in found.builds] == [False, True, False]
    assert [(item.subject, item.detail, item.remedy) for item in problems] == [
        (
            "empty",
            f"cannot read its source: '{tmp_path / 'empty'}' holds no vLLM",
            "name a checkout; or a wheel",
        ),
        (
            "gone",
            f"cannot read its source: there is no '{tmp_path / 'gone'}'",
            "name a source tree, a wheel or an installed package",
        ),
    ]
