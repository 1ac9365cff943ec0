"""Native and fallback."""

import pytest

from hwcheck.capabilities.origin import PARTS, origin_of
from hwcheck.model.capability import Mark
from hwcheck.model.served import EngineSeen, OperatorSeen, PartSeen


def engine(*, is_own: bool) -> EngineSeen:
    part = PartSeen(name="some.Class", is_own=is_own)
    return EngineSeen(
        model="llama",
        device="cpu",
        dtype="float32",
        graph_mode="",
        worker=part,
        scheduler=part,
        attention=(part,),
        adapters=part,
        communicator=part,
        operators=(OperatorSeen(name="rms_norm", runs="x", is_own=is_own, layers=1),),
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("is_own", "mark"), [(True, Mark.NATIVE), (False, Mark.FALLBACK)])
def test_part_decides_whose_it_was(part: str, is_own: bool, mark: Mark):
    """
    A part of the plugin's own is native, one of the host's a fallback.
    """
    assert origin_of(part, [engine(is_own=is_own)]) is mark


@pytest.mark.parametrize("part", [*PARTS, "", "unheard-of"])
def test_part_that_was_not_seen_is_neither(part: str):
    """
    Without an engine, or without that part in it, nothing is said.
    """
    bare = EngineSeen(model="llama", device="cpu", dtype="float32", graph_mode="")

    assert origin_of(part, []) is None
    assert origin_of(part, [bare]) is None
