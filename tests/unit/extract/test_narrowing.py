"""Tests of where names stop being known to be of a class."""

import pytest


@pytest.fixture
def narrowed(code):
    """List what is narrowed in the only function."""

    def find(source):
        (scope,) = (x for x in code("import vllm\n" + source).uses.scopes if x.name == "f")
        return [(x.name, x.annotation, x.line) for x in scope.locals if x.how == "narrow"]

    return find


@pytest.mark.parametrize(
    "head",
    ["if y:", "for y in z:", "while y:", "with y:", "try:", "if y: pass\n  else:"],
)
def test_narrowing_ends_with_its_block(narrowed, head):
    """
    An assertion in a block, and a test that leaves it, hold up to its end.
    """
    source = (
        f"def f(x, y):\n  {head}\n    assert isinstance(x.a, vllm.A)\n    x.a.b\n"
        "    if not isinstance(x, vllm.B):\n      return\n    x.c\n"
        "  finally: pass\n  x.a.d\n"
    )
    if head != "try:":
        source = source.replace("  finally: pass\n", "")
    start = 4 + head.count("\n")

    assert narrowed(source) == [
        ("x.a", "vllm.A", start),
        ("x", "vllm.B", start + 4),
        ("x.a", "", start + 5),
        ("x", "", start + 5),
    ]


def test_narrowing_of_a_function_stays(narrowed):
    """
    What is shown outside of blocks holds to the end, and after a block that shows more.
    """
    source = (
        "def f(x, y):\n  assert isinstance(x, vllm.A)\n  if y:\n"
        "    assert isinstance(x, vllm.B)\n    x.b\n  x.a\n"
    )

    assert narrowed(source) == [("x", "vllm.A", 3), ("x", "vllm.B", 5), ("x", "vllm.A", 7)]


def test_function_in_a_block_has_narrowings_of_its_own(code):
    """
    The end of a block outside does not concern the function.
    """
    source = "import vllm\nif vllm.x:\n  def f(x):\n    assert isinstance(x, vllm.A)\n    x.a\n"
    scopes = code(source).uses.scopes

    assert [(x.annotation, x.line) for x in scopes[1].locals] == [("vllm.A", 4)]
    assert scopes[0].locals == ()


def test_any_of_several_tests_leaves(narrowed):
    """
    Behind ``if not ... or not ...: return`` all of them hold.
    """
    source = (
        "def f(x, y):\n  if not isinstance(x, vllm.A) or y or not isinstance(y, vllm.B):\n"
        "    return\n  x.a, y.b\n"
    )

    assert narrowed(source) == [("x", "vllm.A", 5), ("y", "vllm.B", 5)]


def test_body_of_a_test_ends_what_it_shows(narrowed):
    """
    The type of the test ends with its body, in other blocks too.
    """
    source = (
        "def f(x, y):\n  for z in y:\n    if isinstance(x, vllm.A):\n      x.a\n"
        "    elif isinstance(x, vllm.B):\n      x.b\n    else:\n      x.c\n  x.d\n"
    )

    assert narrowed(source) == [
        ("x", "vllm.A", 5),
        ("x", "", 6),
        ("x", "vllm.B", 7),
        ("x", "", 8),
    ]


def test_narrowing_begins_and_ends(code):
    """
    ``isinstance`` makes a name of a class from a line to the end of what it decides.
    """
    found = code(
        """
        import vllm
        def f(x, y):
            if isinstance(x, vllm.A) and y:
                x.a
            if not isinstance(x.b, (vllm.B, vllm.C)):
                return
            x.b.c
            assert isinstance(y, vllm.D)
            y.d
            z = y.e if isinstance(y, vllm.E) else 1
            q = isinstance(y, vllm.F) and y.f
            match y:
                case vllm.G():
                    y.g
        """
    ).uses.scopes[1]
    narrowed = [(x.name, x.annotation, x.line) for x in found.locals if x.how == "narrow"]

    assert narrowed == [
        ("x", "vllm.A", 4),
        ("x", "", 5),
        ("x", "vllm.A", 5),
        ("x", "", 6),
        ("x.b", "vllm.B|vllm.C", 8),
        ("y", "vllm.D", 9),
        ("y", "vllm.E", 11),
        ("y", "vllm.D", 12),
        ("y", "vllm.F", 12),
        ("y", "vllm.D", 13),
        ("y", "vllm.G", 14),
        ("y", "vllm.D", 16),
    ]
