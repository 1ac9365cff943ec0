"""Members by inheritance, through both sides."""

import pytest

from hwcheck.analyse.binding import constructor_of, signature_of
from hwcheck.analyse.entities import FunctionEntity, Instance, Member, Missing, Unknown
from hwcheck.model.facts import ParameterKind

HOST = {
    "vllm/a.py": """
        class Root:
            def run(self, x): ...
            def stop(self): ...
        class Left(Root):
            def run(self, x, y): ...
        class Right(Root):
            def stop(self, now): ...
    """
}


def cls(world, name, module="vllm_x.code"):
    """Find a class."""
    return world.lookup(module, name)


def test_order_of_inheritance_is_pythons(make_world):
    """
    Classes of both sides are in the order in which Python looks through them.
    """
    world = make_world("from vllm.a import *\nclass W(Left, Right): ...", HOST)

    mro = world.mro(cls(world, "W"))

    assert [item.facts.name for item in mro.classes] == ["W", "Left", "Right", "Root"]
    assert not mro.is_open


def test_inheritance_in_a_circle_is_open(make_world):
    """
    Bases that Python would refuse leave the class open.
    """
    world = make_world("from vllm.a import *\nclass W(Root, Left): ...", HOST)

    assert world.mro(cls(world, "W")).is_open


def test_bases_member_is_what_super_finds(make_world):
    """
    Past the class itself, the nearest base gives the member.
    """
    text = "from vllm.a import *\nclass W(Left):\n    def run(self): ...\n    gone = 1"
    world = make_world(text, HOST)
    own = cls(world, "W")

    found = world.bases_member(own, "run")

    assert isinstance(found, Member)
    assert found.owner.facts.name == "Left"
    assert isinstance(world.bases_member(own, "gone"), Missing)
    assert world.own_member(own, "run").owner is own


def test_instance_attributes_are_not_on_the_class(make_world):
    """
    What a method sets is there for instances only.
    """
    world = make_world("class W:\n    def f(self):\n        self.a = 1")
    own = cls(world, "W")

    assert isinstance(world.member(own, "a", instance=True), Member)
    assert isinstance(world.member(own, "a", instance=False), Missing)


def test_subclasses_are_the_plugins(make_world):
    """
    The plugin's classes are known by the host class they inherit from, however far.
    """
    world = make_world("from vllm.a import *\nclass W(Left): ...\nclass V(W): ...", HOST)

    found = world.subclasses(cls(world, "Root", "vllm.a"))

    assert [item.facts.name for item in found] == ["W", "V"]


def test_plugin_attribute_is_nearer_than_the_inherited_one(make_world):
    """
    What the plugin sets on its class decides the type, not what the host declared.
    """
    text = """
        from vllm.a import Left, Holder
        class W(Holder):
            def __init__(self):
                self.held = Left()
    """
    host = {"vllm/a.py": HOST["vllm/a.py"] + "\n        class Holder:\n            held: Root\n"}
    world = make_world(text, host)

    found = world.member(cls(world, "W"), "held", instance=True)

    assert found.entity == Instance(cls(world, "Left", "vllm.a"))


DATA = """
    from dataclasses import KW_ONLY, dataclass, field
    from typing import ClassVar, NamedTuple
    import torch

    @dataclass
    class First:
        a: int
        b: int = 1
        made: int = field(init=False)
        shared: ClassVar[int] = 1

    @dataclass
    class Second(First):
        b: str = ""
        _: KW_ONLY
        c: int

    @dataclass(kw_only=True)
    class Third(First):
        z: int

    class Named(NamedTuple):
        x: int
        y: int = 0

    class Plain:
        def __init__(self, p, *, q=1): ...

    class Heir(Plain):
        pass

    class Layer(torch.nn.Module):
        pass

    class OwnLayer(torch.nn.Module):
        def __init__(self, size): ...

    class Made:
        def __new__(cls, kind): ...
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("First", "a b?"),
        ("Second", "a b? *c"),
        ("Third", "a b? *z"),
        ("Named", "x y?"),
        ("Plain", "p *q?"),
        ("Heir", "p *q?"),
        ("OwnLayer", "size"),
        ("Made", "kind"),
    ],
)
def test_constructor_is_written_or_made(make_world, name, expected):
    """
    The constructor is ``__init__``, ``__new__`` or made from the fields, without the receiver.
    """
    world = make_world(host={"vllm/a.py": DATA})

    found = constructor_of(world, cls(world, name, "vllm.a"))

    written = [
        ("*" if item.kind == ParameterKind.KEYWORD else "")
        + item.name
        + ("" if item.is_required else "?")
        for item in found.parameters
    ]
    assert " ".join(written) == expected


def test_constructor_from_elsewhere_is_not_known(make_world):
    """
    Where a base of another distribution may make the instance, nothing is said.
    """
    world = make_world(host={"vllm/a.py": DATA})

    assert constructor_of(world, cls(world, "Layer", "vllm.a")) is None


def test_signature_needs_known_decorators(make_world):
    """
    A decorator that may change the parameters hides them.
    """
    text = "import odd\n@odd.changed\ndef f(a): ...\n@odd.inference_mode()\ndef g(a): ..."
    world = make_world(host={"vllm/a.py": text})

    assert signature_of(world, world.lookup("vllm.a", "f")) is None
    assert [p.name for p in signature_of(world, world.lookup("vllm.a", "g")).parameters] == ["a"]


def test_signature_of_bound_method_is_without_the_receiver(make_world):
    """
    A method of an instance takes its receiver no more, a static method never did.
    """
    text = "class C:\n    def f(self, a): ...\n    @staticmethod\n    def g(a): ..."
    world = make_world(host={"vllm/a.py": text})
    instance = Instance(cls(world, "C", "vllm.a"))

    bound = world.attribute(instance, "f")
    static = world.attribute(instance, "g")
    unbound = world.attribute(instance.of, "f")

    assert [p.name for p in signature_of(world, bound).parameters] == ["a"]
    assert [p.name for p in signature_of(world, static).parameters] == ["a"]
    assert [p.name for p in signature_of(world, unbound).parameters] == ["self", "a"]


def test_kernel_takes_launch_keywords(make_world):
    """
    A Triton kernel takes ``num_warps`` and the like besides its parameters.
    """
    world = make_world(host={"vllm/a.py": "import triton\n@triton.jit\ndef kernel(a): ..."})

    found = signature_of(world, world.lookup("vllm.a", "kernel"))

    assert "num_warps" in found.extra


def test_instance_is_called_by_its_method(make_world):
    """
    Calling an instance is calling its ``__call__``; what has none has no signature.
    """
    text = "class C:\n    def __call__(self, a): ...\nclass D: ..."
    world = make_world(host={"vllm/a.py": text})

    found = signature_of(world, Instance(cls(world, "C", "vllm.a")))

    assert [p.name for p in found.parameters] == ["a"]
    assert signature_of(world, Instance(cls(world, "D", "vllm.a"))) is None
    assert signature_of(world, Unknown()) is None


def test_signature_text_shows_kinds(make_world):
    """
    A signature is written as in a definition, defaults hidden.
    """
    text = "def f(a, /, b, *c, d, e=1, **g): ...\ndef h(a, *, b): ..."
    world = make_world(host={"vllm/a.py": text})

    found = world.lookup("vllm.a", "f")

    assert isinstance(found, FunctionEntity)
    assert world.signature_text(found) == "(a, /, b, *c, d, e=..., **g)"
    assert world.signature_text(world.lookup("vllm.a", "h")) == "(a, *, b)"
    assert world.host_line(found).line == 1
