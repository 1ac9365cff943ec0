"""Conventions, fields and comparisons: the small parts of a world."""

import pytest

from hwcheck.analyse.binding import constructor_of
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import (
    Absence,
    ClassEntity,
    External,
    Instance,
    Missing,
    Side,
    Step,
    Unknown,
)
from hwcheck.analyse.kinds import NOTHING, UNKNOWN, unite

CONFIG = """
    class Small: ...
    class Big: ...
    def a(small_config: Small, mixed_config: Small, other: Small): ...
    def b(small_config: Small, mixed_config: Big, other: Small, odd_config: int): ...
    class C:
        def c(self, odd_config: int, once_config: Big): ...
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("small_config", "Small"),
        ("mixed_config", None),
        ("odd_config", None),
        ("once_config", None),
        ("unseen_config", None),
        ("other", None),
    ],
)
def test_convention_needs_one_class_nearly_everywhere(make_world, name, expected):
    """
    A name stands for a class when the host annotates it so, several times and always.
    """
    world = make_world(host={"vllm/config/__init__.py": CONFIG})

    found = world.conventional(name)

    assert (found and found.facts.name) == expected


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        ([], UNKNOWN),
        ([NOTHING], NOTHING),
        ([External("a"), NOTHING], External("a")),
        ([External("a"), External("b")], UNKNOWN),
        ([External("a"), UNKNOWN], UNKNOWN),
    ],
)
def test_united_values_have_to_agree(entities, expected):
    """
    Several values are one thing only when all of them are, ``None`` aside.
    """
    assert unite(entities) == expected


@pytest.mark.parametrize(
    "entity",
    [
        Unknown(),
        Missing(Absence.NAME, "vllm.a.x", None, Side.HOST),
        Missing(Absence.MEMBER, "vllm.a.x", None, Side.HOST),
    ],
)
def test_only_missing_members_are_excused(make_world, entity):
    """
    Nothing but a member of a class can be stored by the plugin.
    """
    world = make_world()

    assert not Comparison(plugin=world.plugin, new=world).excused(Step("x", Unknown(), entity))


def test_class_of_the_plugin_alone_had_nothing_before(make_world):
    """
    For a class without host bases the old host has nothing to say.
    """
    text = "class W:\n    def f(self):\n        self.extra\ndef g(w):\n    w.extra = 1"
    new, old = make_world(text), make_world(text)
    own = new.lookup("vllm_x.code", "W")
    step = Step("self.extra", Instance(own), new.member(own, "extra", instance=True))

    assert Comparison(plugin=new.plugin, new=new, old=old).excused(step)


@pytest.mark.parametrize(
    "text",
    [
        "class C(metaclass=M): ...",
        "class C:\n    def __init__(self): ...\n    def __new__(cls): ...",
        "class C:\n    __init__ = made()",
        "class C: ...",
        "import odd\nclass C(odd.Base): ...",
    ],
)
def test_constructor_that_is_not_certain_is_not_told(make_world, text):
    """
    Metaclasses, two makers and bases of others leave open what making an instance takes.
    """
    world = make_world(host={"vllm/a.py": text})
    cls = world.lookup("vllm.a", "C")

    assert isinstance(cls, ClassEntity)
    assert constructor_of(world, cls) is None


def test_base_of_the_standard_library_does_not_hide_the_constructor(make_world):
    """
    ``ABC`` and the like take no part in making an instance.
    """
    text = """
        from abc import ABC
        from dataclasses import dataclass
        class Root:
            def __init__(self, a): ...
        class C(ABC, Root): ...
        @dataclass
        class Own(Root):
            x: int
            def __init__(self, b): ...
    """
    world = make_world(host={"vllm/a.py": text})

    found = constructor_of(world, world.lookup("vllm.a", "C"))
    own = constructor_of(world, world.lookup("vllm.a", "Own"))

    assert [item.name for item in found.parameters] == ["a"]
    assert [item.name for item in own.parameters] == ["b"]
