"""Chains in the plugin's code: what they stand for."""

import pytest

from hwcheck.analyse.entities import (
    ClassEntity,
    External,
    FunctionEntity,
    Instance,
    Missing,
    Unknown,
)

HOST = {
    "vllm/a.py": """
        from collections.abc import Iterator
        from contextlib import contextmanager
        from enum import Enum

        class Item:
            size: int = 1
            def here(self): ...

        class Kind(Enum):
            ONE = 1

        class Base:
            def __init__(self, item: Item) -> None:
                self.item = item
                self.items: list[Item] = []
                self.table: dict[str, Item] = {}
            def make(self) -> "Item": ...
            @property
            def first(self) -> Item | None: ...
            def pair(self) -> tuple[int, Item]: ...
            async def later(self) -> Item: ...
            def unsaid(self):
                return self.item
            @classmethod
            def build(cls): ...
            def __enter__(self) -> Item: ...
            def __iter__(self) -> Iterator[Item]: ...
            def __getitem__(self, key) -> Item: ...
            def __call__(self) -> Item: ...
            def some(self, *many: Item):
                return many
            def whole(self) -> "Base | Item": ...
            def odd(self) -> "list[": ...
            def three(self) -> "Annotated[Optional[Item], 1]": ...
            def either(self) -> "Union[Item, None]": ...
            def kind(self) -> "type[Item]": ...
            def generic(self) -> "Item[int]": ...
            def triple(self) -> tuple[Item, ...]: ...
            def nothing(self) -> None: ...
            def listed(self) -> list: ...
            def literal(self) -> "Literal['a']": ...
            def anything(self) -> "Any": ...
            def inner(self) -> "Inner": ...
            class Inner:
                def here(self): ...

        @contextmanager
        def opened() -> Iterator[Item]: ...
    """,
    "vllm/config/__init__.py": """
        class Config:
            item: "Item"
        from vllm.a import Item
        def f(some_config: Config): ...
        def g(some_config: Config): ...
    """,
}


def last(world, chain):
    """Give the entity of a chain where the plugin reads it last."""
    code = world.plugin.files["vllm_x.code"]
    access = [item for item in code.uses.accesses if item.chain == chain][-1]
    return world.walk(code, access.scope, chain, access.lines[-1])[-1].entity


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("class W(Base):\n    def f(self):\n        self.item.here", "self.item.here"),
        ("class W(Base):\n    def f(self):\n        self.make().here", "self.make().here"),
        ("class W(Base):\n    def f(self):\n        self.first.here", "self.first.here"),
        ("class W(Base):\n    def f(self):\n        self.items[0].here", "self.items[].here"),
        ("class W(Base):\n    def f(self):\n        self.unsaid().here", "self.unsaid().here"),
        ("class W(Base):\n    def f(self):\n        super().make().here", "super().make().here"),
        (
            "class W(Base):\n    def f(self):\n        self.table.get(1).here",
            "self.table.get().here",
        ),
        ("async def f(b: Base):\n    (await b.later()).here", "b.later()~.here"),
        ("def f(b: 'Base | None'):\n    b.item.here", "b.item.here"),
        ("def f(b):\n    x = Base(b)\n    x.item.here", "x.item.here"),
        ("def f(b: Base):\n    for x in b.items:\n        x.here", "x.here"),
        ("def f(b: Base):\n    n, x = b.pair()\n    x.here", "x.here"),
        ("def f():\n    with opened() as x:\n        x.here", "x.here"),
        ("def f(x):\n    if isinstance(x, Item):\n        x.here", "x.here"),
        ("def f():\n    from vllm.a import Item as I\n    I().here", "I().here"),
        ("def f(some_config):\n    some_config.item.here", "some_config.item.here"),
        ("def f(x: Item):\n    def g():\n        x.here\n    g()", "x.here"),
        ("ITEM = Item()\ndef f():\n    ITEM.here", "ITEM.here"),
        ("def f(b: type[Base]):\n    b.build", "b.build"),
        ("def f(b: Base):\n    with b as x:\n        x.here", "x.here"),
        ("def f(b: Base):\n    for x in b:\n        x.here", "x.here"),
        ("def f(b: Base):\n    b[0].here", "b[].here"),
        ("def f(b: Base):\n    b().here", "b().here"),
        ("def f(b: Base):\n    b.some()[0].here", "b.some()[].here"),
        ("def f(b: Base):\n    b.three().here", "b.three().here"),
        ("def f(b: Base):\n    b.either().here", "b.either().here"),
        ("def f(b: Base):\n    b.kind()().here", "b.kind()().here"),
        ("def f(b: Base):\n    b.generic().here", "b.generic().here"),
        ("def f(b: Base):\n    b.inner().here", "b.inner().here"),
        ("def f(b: Base):\n    for x in b.triple():\n        x.here", "x.here"),
        ("def f(b: Base):\n    x, y = b.triple()\n    x.here", "x.here"),
        ("def f(b: Base):\n    for x in b.table.values():\n        x.here", "x.here"),
        ("def f(b: Base):\n    for x in b.items.copy():\n        x.here", "x.here"),
        ("def f(b: Base):\n    b.items.pop().here", "b.items.pop().here"),
        ("def f(*bs: Item):\n    bs[0].here", "bs[].here"),
        ("def f(b: 'vllm.a.Item'):\n    b.here\nimport vllm.a", "b.here"),
        ("def f(x, c):\n    y = None\n    if c:\n        y = Item()\n    y.here", "y.here"),
    ],
)
def test_chain_is_followed_to_a_method(make_world, code, chain):
    """
    Receivers, parameters, locals and what calls return lead to a method of the host.
    """
    world = make_world(f"from vllm.a import *\nfrom vllm.a import Base, Item, opened\n{code}", HOST)

    found = last(world, chain)

    assert isinstance(found, FunctionEntity)
    assert found.is_bound


@pytest.mark.parametrize(
    ("code", "chain", "symbol"),
    [
        ("def f(x: Item):\n    x.gone", "x.gone", "vllm.a.Item.gone"),
        ("class W(Base):\n    def f(self):\n        self.gone", "self.gone", "vllm_x.code.W.gone"),
        (
            "class W(Base):\n    def f(self):\n        super().gone()",
            "super().gone()",
            "vllm_x.code.W.gone",
        ),
        ("Kind.TWO", "Kind.TWO", "vllm.a.Kind.TWO"),
        ("def f(x):\n    x = Base(x)\n    x.item.gone", "x.item.gone", "vllm.a.Item.gone"),
    ],
)
def test_member_that_no_base_has_is_missing(make_world, code, chain, symbol):
    """
    A member is missing when every base is known and none has it.
    """
    world = make_world(f"from vllm.a import Base, Item, Kind\n{code}", HOST)

    found = last(world, chain)

    assert isinstance(found, Missing)
    assert found.symbol == symbol


@pytest.mark.parametrize(
    "code",
    [
        "import torch\nclass W(torch.nn.Module):\n    def f(self):\n        self.gone",
        "class W(Base):\n    def __getattr__(self, n): ...\n    def f(self):\n        self.gone",
        "@odd\nclass W(Base):\n    def f(self):\n        self.gone",
        "class W(Base, metaclass=M):\n    def f(self):\n        self.gone",
        "class W(Base):\n    def f(self):\n        self.gone\n    def g(self):\n        self.gone = 1",  # noqa: E501 - one case, one line
        "class W(Base):\n    def f(self):\n        self.gone\nclass V(W):\n    gone = 1",
        "class W(Base):\n    gone: int\n    def f(self):\n        self.gone",
    ],
)
def test_member_that_may_be_there_is_not_missing(make_world, code):
    """
    Bases and metaclasses of others, ``__getattr__``, subclasses and declarations open a class.
    """
    world = make_world(f"from vllm.a import Base\nfrom odd import odd, M\n{code}", HOST)

    assert not isinstance(last(world, "self.gone"), Missing)


@pytest.mark.parametrize(
    "chain",
    ["whole", "odd", "anything", "literal", "nothing", "listed", "some", "table.get", "items.sort"],
)
def test_value_of_no_single_class_leads_nowhere(make_world, chain):
    """
    Unions, broken annotations and values without a class have no members that are missing.
    """
    text = f"from vllm.a import Base\ndef f(b: Base):\n    b.{chain}().gone"
    world = make_world(text, HOST)
    code = world.plugin.files["vllm_x.code"]

    steps = world.walk(code, 1, f"b.{chain}().gone", 3)

    expected = {"vllm.a.Item.gone"} if chain == "table.get" else set()
    assert {item.entity.symbol for item in steps if isinstance(item.entity, Missing)} == expected


def test_slice_is_not_an_item(make_world):
    """
    What is taken in brackets may be a slice, which has what lists have.
    """
    text = "from vllm.a import Base\ndef f(b: Base):\n    b.items[1:].append(1)"

    found = last(make_world(text, HOST), "b.items[].append()")

    assert not isinstance(found, Missing)


def test_member_of_a_class_beside_is_not_missing(make_world):
    """
    A value annotated by a base may be of a class that the same module derives from it.
    """
    host = {"vllm/a.py": "class Spec: ...\nclass Full(Spec):\n    size = 1"}
    text = "from vllm.a import Spec\ndef f(s: Spec):\n    s.size\n    s.gone"
    world = make_world(text, host)

    assert not isinstance(last(world, "s.size"), Missing)
    assert isinstance(last(world, "s.gone"), Missing)


def test_member_of_what_a_patch_puts_there_is_not_missing(make_world):
    """
    A class that a patch puts in the place of the base has its members to give.
    """
    text = """
        import vllm.a
        from vllm.a import Item
        class Better(Item):
            extra = 1
        class Other(Item):
            def f(self):
                self.extra
                self.gone
        vllm.a.Item = Better
    """
    world = make_world(text, HOST)

    assert not isinstance(last(world, "self.extra"), Missing)
    assert isinstance(last(world, "self.gone"), Missing)


def test_code_in_a_class_body_sees_its_names(make_world):
    """
    In a class body the class's own names come before those of the module.
    """
    text = (
        "from vllm.a import Base, Item\nitem = Base()\nclass W:\n    item = Item()\n    Item.here"
    )
    world = make_world(text, HOST)
    code = world.plugin.files["vllm_x.code"]
    scope = next(place for place, item in enumerate(code.uses.scopes) if item.kind == "class")

    assert world.infer(code, scope, "item", 5) == Instance(world.lookup("vllm.a", "Item"))
    assert world.walk(code, scope, "", 5) == ()


@pytest.mark.parametrize(
    ("assigned", "is_certain"), [("Item()", True), ("Base(1)", False), ("other(1)", False)]
)
def test_parameter_that_is_assigned_may_be_what_was_passed(make_world, assigned, is_certain):
    """
    An annotated parameter and what is assigned to it have to agree.
    """
    text = f"def f(x: Item, c):\n    if c:\n        x = {assigned}\n    x.gone"
    world = make_world(f"from vllm.a import Base, Item\nfrom odd import other\n{text}", HOST)
    code = world.plugin.files["vllm_x.code"]

    assert isinstance(world.walk(code, 1, "x.gone", 6)[-1].entity, Missing) == is_certain


def test_nested_function_sees_every_value_of_a_name(make_world):
    """
    A function may run at any time, so that all values of an outer name count; a comprehension
    runs where it stands.
    """
    text = """
        from vllm.a import Base, Item
        def f(c):
            x = Item()
            y = [x.gone for _ in c]
            def g():
                x.here
            x = Base(c)
    """
    world = make_world(text, HOST)

    assert isinstance(last(world, "x.gone"), Missing)
    assert isinstance(last(world, "x.here"), Unknown)


def test_super_in_a_mixin_finds_what_it_is_mixed_into(make_world):
    """
    What ``super()`` finds in a mixin is given by the other bases of the class it ends up in.
    """
    text = """
        from vllm.a import Base
        class Mixin:
            def make(self):
                super().make()
                super().gone()
        class W(Mixin, Base): ...
    """
    world = make_world(text, HOST)

    assert not isinstance(last(world, "super().make()"), Missing)
    assert isinstance(last(world, "super().gone()"), Missing)


def test_narrowing_ends_with_its_branch(make_world):
    """
    What ``isinstance`` tells holds in its branch, for attributes too, and not behind it.
    """
    text = """
        from vllm.a import Item
        class W:
            held = odd()
            def f(self, x):
                if isinstance(self.held, Item):
                    self.held.gone
                self.held.more
                if isinstance(x, Item):
                    x = x.make()
                    x.gone
    """
    world = make_world(text, HOST)

    assert isinstance(last(world, "self.held.gone"), Missing)
    assert not isinstance(last(world, "self.held.more"), Missing)
    assert not isinstance(last(world, "x.gone"), Missing)


@pytest.mark.parametrize(
    ("code", "chain"),
    [
        ("def f():\n    import vllm.a as a\n    a.Item().here", "a.Item().here"),
        ("def f():\n    import vllm.a\n    vllm.a.Item().here", "vllm.a.Item().here"),
        ("def f():\n    class L(Item): ...\n    L().here", "L().here"),
        ("def f():\n    x: Item = odd()\n    x.here", "x.here"),
        ("class W(Base):\n    @classmethod\n    def f(cls):\n        cls.build", "cls.build"),
        (
            "class W(Base):\n    @classmethod\n    def f(cls):\n        super().build",
            "super().build",
        ),
    ],
)
def test_names_bound_in_functions_are_followed(make_world, code, chain):
    """
    Imports, classes and annotated names of a function are known in it.
    """
    world = make_world(f"from vllm.a import Base, Item\nfrom odd import odd\n{code}", HOST)

    assert isinstance(last(world, chain), FunctionEntity)


def test_local_with_several_values_is_unknown(make_world):
    """
    A name that may be one of several things is none of them for certain.
    """
    code = "def f(c):\n    if c:\n        x = Item()\n    else:\n        x = Base(c)\n    x.gone"
    world = make_world(f"from vllm.a import Base, Item\n{code}", HOST)

    assert isinstance(last(world, "x.gone"), Unknown)


def test_walk_ends_at_the_first_missing_step(make_world):
    """
    What follows on something missing is no step of its own.
    """
    world = make_world("import vllm.a\nvllm.a.gone.more", HOST)
    code = world.plugin.files["vllm_x.code"]

    steps = world.walk(code, 0, "vllm.a.gone.more", 2)

    assert [step.prefix for step in steps] == ["vllm", "vllm.a", "vllm.a.gone"]
    assert isinstance(steps[-1].entity, Missing)
    assert isinstance(world.infer(code, 0, "vllm.a.gone.more", 2), Unknown)


def test_enumeration_members_have_names_and_values(make_world):
    """
    Members of an enumeration are instances of it, with what enumerations have.
    """
    world = make_world("from vllm.a import Kind\nKind.ONE\nKind.ONE.value", HOST)

    member = last(world, "Kind.ONE")

    assert isinstance(member, Instance)
    assert not isinstance(last(world, "Kind.ONE.value"), Missing | Unknown)


def test_class_of_the_receiver_is_the_class(make_world):
    """
    The class of ``self`` is the class that the method stands in.
    """
    code = "class W(Base):\n    def f(self):\n        self.__class__.build"
    world = make_world(f"from vllm.a import Base\n{code}", HOST)
    uses = world.plugin.files["vllm_x.code"]

    found = world.infer(uses, uses.uses.accesses[-1].scope, "self.__class__", 4)

    assert isinstance(found, ClassEntity)


def test_current_platform_is_the_hosts_platform(make_world):
    """
    ``current_platform`` is made by the host's ``__getattr__`` and is a Platform.
    """
    host = {
        "vllm/platforms/__init__.py": "def __getattr__(name):\n    return make(name)",
        "vllm/platforms/interface.py": "class Platform:\n    def here(self): ...",
    }
    code = "from vllm.platforms import current_platform\ncurrent_platform.here"

    found = last(make_world(code, host), "current_platform.here")

    assert isinstance(found, FunctionEntity)


def test_what_is_outside_stays_outside(make_world):
    """
    Bases of the standard library and of others are external.
    """
    world = make_world("from vllm.a import Item\nlen\nItem.here")
    code = world.plugin.files["vllm_x.code"]

    assert world.infer(code, 0, "len", 2) == External("builtins.len")
