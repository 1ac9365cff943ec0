"""The tags of a wheel, held against this interpreter."""

import pytest
from packaging.tags import sys_tags

from hwcheck.discover.wheel_tags import unsupported_tags

OWN = str(next(iter(sys_tags())))


@pytest.mark.parametrize(
    "tags", [("py3-none-any",), ("py2.py3-none-any",), (OWN,), ("cp27-cp27m-win32", OWN)]
)
def test_one_fitting_tag_is_enough(tags):
    """
    Compressed tags are taken apart.
    """
    assert unsupported_tags(tags) is None


def test_foreign_tags_are_shown_beside_ours():
    """
    The reader sees both sides.
    """
    fault = unsupported_tags(("cp27-cp27m-win32", "cp26-cp26m-win32"))

    assert fault == f"the wheel is made for cp26-cp26m-win32, cp27-cp27m-win32; this is {OWN}"
