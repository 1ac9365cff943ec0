"""Calls grouped by name."""

from hwcheck.codec import pack, unpack
from hwcheck.hosts.called import ModuleCalls, calls_among, group_calls
from hwcheck.hosts.segments import segment_calls
from hwcheck.model.facts import Calls, CallSite

CALLS = Calls(
    (
        CallSite("load", positional=1, step=3),
        CallSite("backend_cls", step=2),
        CallSite("load", keywords=("strict",), step=5),
        CallSite("append", step=1),
    )
)


def test_calls_among_groups_have_their_lines():
    """
    The calls of the names asked for come back with absolute lines.
    """
    found = list(calls_among(group_calls(CALLS), {"load"}, "vllm.x", "vllm/x.py"))

    assert [(call.line, call.site.keywords) for call in found] == [(3, ()), (10, ("strict",))]
    assert found[0].path == "vllm/x.py"


def test_group_calls_of_kept_names_leaves_others_out():
    """
    Names that nobody defines are dropped, variables for classes are not.
    """
    groups = group_calls(CALLS, {"load"})

    assert [item.name for item in groups.names] == ["load", "backend_cls"]


def test_moved_calls_change_one_step():
    """
    When all code moves down, one number of the grouped calls differs.
    """
    moved = Calls((CALLS.sites[0]._replace(step=8), *CALLS.sites[1:]))
    before, after = (segment_calls(group_calls(calls)) for calls in (CALLS, moved))

    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_segments_of_calls_join_to_the_packed_record():
    """
    The pieces are the packed record, cut.
    """
    groups = group_calls(CALLS)

    assert unpack(b"".join(segment_calls(groups)), ModuleCalls) == groups
    assert b"".join(segment_calls(groups)) == pack(groups)
