"""What a platform says of itself, read from an observation."""

import pytest

from hwcheck.model.capability import MemberReading
from hwcheck.model.observation import (
    Child,
    ClassSeen,
    Described,
    MemberShape,
    Observation,
    Step,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.pytest_plugin.readings import readings_of

BASE = "vllm.platforms.interface.Platform"


def step(name, answer, subject=""):
    return Step(name=name, subject=subject, state=StepState.DONE, answer=answer)


def observation(*steps, owner="acme.P", name="active"):
    shape = MemberShape(name="member", kind="method", owner=owner, overridden=owner != BASE)
    described = step(StepName.DESCRIBE, Described(type="acme.P", bases=(), members=(shape,)))
    child = Child(
        name=name,
        steps=(described, *steps),
        cause=None,
        ended="exit 0",
        seconds=1.0,
        peak_bytes=1,
        tail="",
    )
    return Observation(children=(child,))


@pytest.mark.parametrize("seen", [Observation(children=()), observation(name="staged")])
def test_platform_that_was_not_activated_says_nothing(seen):
    """
    Without an active child there is no reading.
    """
    assert readings_of(seen) == ()


def test_value_is_read():
    """
    Truth, text and items of a value are what claims are tested on.
    """
    seen = ValueSeen(name="member", type="list", text="['a']", truth=True, items=("a",))

    readings = readings_of(observation(step(StepName.VALUE, seen, "member")))

    assert readings == (
        MemberReading(
            name="member", overridden=True, read=True, truth=True, text="['a']", items=("a",)
        ),
    )


@pytest.mark.parametrize("path", ["acme.Wrapper", ""])
def test_class_path_is_read(path):
    """
    A class path claims something unless it is empty.
    """
    seen = ClassSeen(path=path, is_class=bool(path), type="", bases=())

    (reading,) = readings_of(observation(step(StepName.CLASS_PATH, seen, "member")))

    assert (reading.read, reading.truth, reading.text) == (True, bool(path), path)


@pytest.mark.parametrize(("owner", "overridden"), [(BASE, False), ("acme.P", True), (None, False)])
def test_unread_member_tells_who_defines_it(owner, overridden):
    """
    A member whose value is not known still says whether a class defines it.
    """
    (reading,) = readings_of(observation(owner=owner))

    assert reading == MemberReading(name="member", overridden=overridden)
