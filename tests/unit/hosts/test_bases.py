"""The table of what vLLM relies on in the bases of a plugin's other classes."""

import json
from importlib.resources import files

import pytest
from packaging.version import Version

from hwcheck.hosts.bases import Base, BaseCall, Need, base_of

NAMES = tuple(
    base["name"]
    for base in json.loads((files("hwcheck.hosts") / "data" / "bases.json").read_text("utf-8"))[
        "bases"
    ]
)


def names_of(calls: tuple[BaseCall, ...]) -> set[str]:
    """The methods that are called."""
    return {call.name for call in calls}


@pytest.mark.parametrize("name", NAMES)
def test_base_is_in_order(name):
    """
    What was removed was there before, and each need for a feature names it.
    """
    base = base_of(name)

    spans = [(item.since, item.removed_in) for item in (*base.calls, *base.gone)]
    assert all(end is None or Version(start) < Version(end) for start, end in spans)
    assert all(bool(call.feature) is (call.need is Need.FEATURE) for call in base.calls)


def test_calls_follow_the_release():
    """
    A host makes the calls of its release, whatever kind of build it is.
    """
    worker = base_of("worker")

    assert "discard" not in names_of(worker.calls_in("0.30.0"))
    assert "discard" in names_of(worker.calls_in("0.31.0rc1+cpu"))
    assert "initialize_cache" in names_of(worker.calls_in("0.17.1"))
    assert "initialize_cache" not in names_of(worker.calls_in("0.18.0"))


@pytest.mark.parametrize(("host", "positional"), [("0.16.0", 1), ("0.17.0", 2)])
def test_form_of_a_call_changes_with_the_release(host, positional):
    """
    Of two forms in which a method was called, a host has its own.
    """
    (call,) = (item for item in base_of("worker").calls_in(host) if item.name == "profile")

    assert positional == call.form.positional
    assert call.form.keywords == ()


@pytest.mark.parametrize(
    ("host", "module"),
    [("0.13.0", "vllm.attention.backends.abstract"), ("0.14.0", "vllm.v1.attention.backend")],
)
def test_path_follows_a_move(host, module):
    """
    A base that moved is where the host has it.
    """
    assert f"{module}.AttentionBackend" == base_of("attention-backend").path_in(host)


def test_gone_members_begin_with_the_release_that_lacks_them():
    """
    A member is gone from the release that removed it, and not before.
    """
    backend: Base = base_of("attention-backend")

    assert backend.gone_in("0.28.0") == ()
    assert "get_kv_cache_shape" in {item.name for item in backend.gone_in("0.29.0")}


def test_unknown_base_is_an_error():
    """
    A name that the table does not have is a mistake of the caller's.
    """
    with pytest.raises(KeyError, match="no-such"):
        base_of("no-such")
