"""What is taken out of containers and of things that act like them."""

import pytest

from hwcheck.analyse.entities import FunctionEntity, Missing, Unknown

HOST = {
    "vllm/a.py": """
        from collections import defaultdict, deque
        from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

        class Item:
            def here(self): ...

        class Odd:
            def __init__(self):
                self.size = 1

        class Holder:
            def __init__(self) -> None:
                self.table: dict[str, Item] = {}
                self.queue: deque[Item] = deque()
                self.members: set[Item] = set()
                self.pair: tuple[int, Item] = (1, Item())
                self.bare: list = []
                self.odd: Odd = Odd()
            def waiting(self) -> Awaitable[Item]: ...
            @unheard_of
            def decorated(self) -> Item: ...
            def each(self) -> Iterator[Item]:
                yield Item()
    """
}


@pytest.fixture
def last_of(make_world):
    """
    What the last step of ``item.here`` leads to, after some code in a function with a holder.
    """

    def find(code):
        text = f"from vllm.a import Holder, Item\n\nasync def f(h: Holder):\n    {code}\n"
        world = make_world(text, HOST)
        found = world.plugin.files["vllm_x.code"]
        access = next(item for item in found.uses.accesses if item.chain.endswith(".here"))
        return world.walk(found, access.scope, access.chain, access.lines[-1])[-1].entity

    return find


@pytest.mark.parametrize(
    "code",
    [
        "h.table['a'].here",
        "h.table.get('a').here",
        "h.table.pop('a').here",
        "for item in h.table.values():\n        item.here",
        "h.table.copy()['a'].here",
        "h.queue.popleft().here",
        "h.queue.copy().pop().here",
        "for item in h.members.union():\n        item.here",
        "number, item = h.pair\n    item.here",
        "(await h.waiting()).here",
        "for item in h.each():\n        item.here",
        "Item[int]().here",
    ],
)
def test_what_a_container_holds_is_known(last_of, code):
    """
    Items, values and results have the class that the annotation of the container names.
    """
    found = last_of(code)

    assert isinstance(found, FunctionEntity)
    assert found.symbol == "vllm.a.Item.here"


@pytest.mark.parametrize(
    "code",
    [
        "h.bare[0].here",
        "h.bare.pop().here",
        "for key in h.table.keys():\n        key.here",
        "h.table.update().here",
        "h.members.intersection().here",
        "h.odd[0].here",
        "for item in h.odd:\n        item.here",
        "with h.odd as item:\n        item.here",
        "(await h.odd).here",
        "a, b, c = h.pair\n    c.here",
        "h.decorated().here",
    ],
)
def test_what_cannot_be_told_of_a_container_is_no_accusation(last_of, code):
    """
    Untyped containers, other methods and unknown decorators lead to nothing certain.
    """
    assert not isinstance(last_of(code), Missing | FunctionEntity)


def test_slice_of_a_name_is_not_an_item(last_of):
    """
    What a method that is not known gives stays unknown.
    """
    assert isinstance(last_of("h.table.fromkeys('a').here"), Unknown)
