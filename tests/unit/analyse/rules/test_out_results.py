"""Results of vLLM's functions in another shape: HW206, HW207."""

import pytest

from hwcheck.analyse.rules.tuples import element_count, optional_parts
from hwcheck.model.finding import Severity

START = "from vllm.a import pad\n\ndef register(x):\n    "


def test_result_of_another_length_is_found(find):
    """
    HW206: three values are returned, two names wait for them.
    """
    (finding,) = find(
        "HW206", START + "a, b = pad(x)\n", {"vllm/a.py": "def pad(x): return x, 1, 2\n"}
    )

    assert (finding.symbol, finding.where.line) == ("vllm.a.pad", 4)
    assert finding.host_side == "vllm.a.pad returns 3 values"


@pytest.mark.parametrize(
    "host",
    [
        "def pad(x): return x, 1\n",
        "def pad(x): return make(x)\n",
        "def pad(x):\n    if x:\n        return x, 1\n    return x, 1, 2\n",
        "def pad(x) -> tuple[int, ...]: ...\n",
        "import functools\n@other\ndef pad(x): return 1, 2, 3\n",
        "def pad(x):\n    yield 1, 2, 3\n",
    ],
    ids=["same", "unknown", "either", "any-length", "decorated", "generator"],
)
def test_result_that_may_fit_is_fine(find, host):
    """
    HW206: the same number, or one that cannot be told.
    """
    assert find("HW206", START + "a, b = pad(x)\n", {"vllm/a.py": host}) == []


def test_annotated_length_counts_where_returns_do_not_tell(find):
    """
    HW206: by the annotation; a starred name takes the rest.
    """
    host = {"vllm/a.py": "def pad(x) -> tuple[int, dict[str, int], int]: return make(x)\n"}

    assert len(find("HW206", START + "a, b = pad(x)\n", host)) == 1
    assert find("HW206", START + "a, *b = pad(x)\n", host) == []


def test_result_that_may_be_nothing_now_is_a_note(find):
    """
    HW207: an item or attribute is taken of what may be None now.
    """
    old = {"vllm/a.py": "def pad(x) -> str: ...\n"}
    new = {"vllm/a.py": "def pad(x) -> str | None: ...\n"}

    (finding,) = find("HW207", START + "return pad(x).lower()\n", new, old)

    assert (finding.symbol, finding.severity) == ("vllm.a.pad", Severity.NOTE)
    assert find("HW207", START + "return pad(x)\n", new, old) == []
    assert find("HW207", START + "return pad(x).lower()\n", new) == []


def test_result_that_is_something_now_and_thrown_away_is_found(find):
    """
    HW207: it used to be nothing.
    """
    old = {"vllm/a.py": "def pad(x) -> None: ...\n"}
    new = {"vllm/a.py": "def pad(x) -> Callable: ...\n"}

    (finding,) = find("HW207", START + "pad(x)\n", new, old)

    assert (finding.where.line, finding.severity) == (4, Severity.WARNING)
    assert find("HW207", START + "y = pad(x)\n    return y\n", new, old) == []


@pytest.mark.parametrize(
    ("annotation", "count"),
    [
        ("tuple[int, dict[str, int]]", 2),
        ("Tuple[()]", 0),
        ("tuple[int, ...]", None),
        ("tuple[int] | tuple[int, int]", None),
        ("tuple[int, *Rest]", None),
        ("tuple", None),
        ("", None),
    ],
)
def test_elements_of_annotations_are_counted(annotation, count):
    """
    Only a tuple of a fixed length has a count.
    """
    assert element_count(annotation) == count


@pytest.mark.parametrize(
    ("annotation", "parts"),
    [
        ("int | None", {"int", "None"}),
        ("Optional[dict[str, int]]", {"dict[str, int]", "None"}),
        ("Union[int, Optional[str]]", {"int", "str", "None"}),
        ("list[int | None]", {"list[int | None]"}),
    ],
)
def test_unions_are_taken_apart(annotation, parts):
    """
    All ways to write a union.
    """
    assert optional_parts(annotation) == parts
