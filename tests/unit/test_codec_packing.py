"""Records as MessagePack."""

import pytest

from hwcheck.codec import pack, unpack
from hwcheck.errors import CodecError
from hwcheck.model.facts import ALWAYS, Condition, ConditionKind, Function, Module

MODULE = Module(
    "vllm.x",
    "vllm/x.py",
    functions=(Function("f", condition=Condition(ConditionKind.ANY, (ALWAYS,))),),
)


def test_packed_record_comes_back():
    """
    Named tuples, nested and recursive ones too, survive.
    """
    assert unpack(pack(MODULE), Module) == MODULE


def test_text_that_is_no_unicode_is_packed_with_escapes():
    """
    A lone surrogate does not stop the rest from being stored.
    """
    packed = pack(MODULE._replace(name="vllm.\udcff"))

    assert unpack(packed, Module).name == "vllm.\\udcff"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not a packed record"),
        (b"\xc1", "not a packed record"),
        (pack(MODULE)[:-1], "not a packed record"),
        (pack(("only a name",)), "a field is not as expected"),
        (pack((1, 2)), r"a field is not as expected.*\$\[0\]"),
    ],
)
def test_other_bytes_are_refused(data, expected):
    """
    What is wrong is said, with the place where there is one.
    """
    with pytest.raises(CodecError, match=expected):
        unpack(data, Module, "test")
