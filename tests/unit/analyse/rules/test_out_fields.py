"""The order of dataclass fields: HW208."""

import pytest

HOST = "from dataclasses import dataclass\n@dataclass\nclass Metadata:\n    a: int\n"
PLUGIN = "from dataclasses import dataclass\nfrom vllm.a import Metadata\n\n"


def test_field_without_default_after_inherited_default_is_found(find):
    """
    HW208: the class statement raises TypeError.
    """
    plugin = PLUGIN + "@dataclass\nclass Mine(Metadata):\n    table: object\n"

    (finding,) = find("HW208", plugin, {"vllm/a.py": HOST + "    b: int = 0\n"})

    assert (finding.symbol, finding.detail) == ("vllm.a.Metadata.b", "table")


@pytest.mark.parametrize(
    ("own", "inherited"),
    [
        ("@dataclass\nclass Mine(Metadata):\n    table: object\n", ""),
        ("@dataclass\nclass Mine(Metadata):\n    table: object = None\n", "    b: int = 0\n"),
        (
            "@dataclass(kw_only=True)\nclass Mine(Metadata):\n    new: int\n",
            "    b: int = 0\n",
        ),
        ("class Mine(Metadata):\n    table: object\n", "    b: int = 0\n"),
    ],
    ids=["no-default-before", "default", "keywords", "no-dataclass"],
)
def test_fields_in_order_are_fine(find, own, inherited):
    """
    HW208: what dataclasses accept.
    """
    assert find("HW208", PLUGIN + own, {"vllm/a.py": HOST + inherited}) == []
