"""Tests of the names that get the items of what is iterated."""

import pytest


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("x in vllm.a", {"x": "vllm.a"}),
        ("i, x in enumerate(vllm.a, start=1)", {"i": "", "x": "vllm.a"}),
        ("i, x in enumerate(reversed(vllm.a()), 1)", {"i": "", "x": "vllm.a()"}),
        ("x, y in zip(vllm.a, vllm.b, strict=True)", {"x": "vllm.a", "y": "vllm.b"}),
        ("i, (x, y) in enumerate(zip(vllm.a, vllm.b))", {"i": "", "x": "vllm.a", "y": "vllm.b"}),
        ("x in sorted(vllm.a, key=f)", {"x": "vllm.a"}),
        ("k, v in vllm.a.items()", {"k": "", "v": ""}),
        ("i, *x in enumerate(vllm.a)", {"i": "", "x": ""}),
        ("x in enumerate(vllm.a)", {"x": "enumerate()"}),
        ("x, y in zip(vllm.a, vllm.b, vllm.c)", {"x": "", "y": ""}),
    ],
)
@pytest.mark.parametrize("form", ["for {}: use()", "[use() for {}]"])
def test_items_are_of_what_is_iterated(code, form, loop, expected):
    """
    Counting, pairing and sorting leave the items what they are, in loops and comprehensions.
    """
    names = ", ".join(expected)
    body = form.format(loop).replace("use()", f"vllm.use({names})")
    found = code(f"import vllm\ndef f():\n  {body}\n").uses

    assert {x.name: x.value for x in found.scopes[-1].locals} == expected
    assert {x.how for x in found.scopes[-1].locals if x.value} <= {"for"}
    assert "vllm.a" in {x.chain.removesuffix(".items()").removesuffix("()") for x in found.accesses}
