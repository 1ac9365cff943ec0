"""What stands in for a vendor's names answers whatever a plugin plausibly does with it."""

import copy
import os
import pickle
from abc import ABC
from math import ceil

import pytest

from hwcheck.standins.answers import VERSION, StandIn, StandInBase, StandInModule, stand_in


def made(name: str = "acme.thing") -> StandIn:
    found = stand_in(name)
    assert isinstance(found, StandIn)
    return found


def test_stand_in_is_labelled():
    """
    Its text names what it stands for, and a flag tells it apart.
    """
    assert made().__hwcheck_stub__ is True
    assert repr(made("acme.rt.open")) == "<hwcheck stand-in for acme.rt.open>"
    assert (made("acme.rt.open").__name__, made("acme.rt.open").__module__) == ("open", "acme.rt")


def test_stand_in_computes_as_nothing():
    """
    It is false, zero, empty and never greater.
    """
    thing = made()

    assert (bool(thing), int(thing), float(thing), len(thing), ceil(thing)) == (False, 0, 0.0, 0, 0)
    assert (list(thing), "x" in thing, thing < 1, thing >= 1) == ([], False, False, False)
    assert (thing + 1, 2 * thing, -thing, thing | int) == (thing, thing, thing, thing)
    assert [10, 20][thing] == 10
    assert os.fspath(thing) == "hwcheck.stub"
    with pytest.raises(StopIteration):
        next(thing)


def test_stand_in_gives_as_many_values_as_are_unpacked():
    """
    The line that unpacks it knows how many it wants.
    """
    first, second, third = made()

    assert [type(item) for item in (first, second, third)] == [StandIn] * 3


def test_attributes_and_items_are_stand_ins_of_their_own():
    """
    The same attribute is the same object, and can be replaced.
    """
    thing = made()
    thing["key"] = 1
    del thing["key"]
    thing.own = 5

    assert thing.part is thing.part
    assert repr(thing.part["key"]) == "<hwcheck stand-in for acme.thing.part[]>"
    assert thing.own == 5
    assert not hasattr(thing, "__array__")


def test_context_manager_lets_exceptions_pass():
    """
    What is raised inside is the plugin's own.
    """
    with pytest.raises(KeyError), made() as inside:
        raise KeyError(inside)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("torch.acme.device_count", 1),
        ("torch.acme.is_available", True),
        ("torch.acme.is_initialized", False),
        ("torch.acme.get_device_name", "hwcheck stand-in"),
        ("acme.get_version", VERSION),
        ("torch.acme.synchronize", None),
    ],
)
def test_usual_functions_return_what_is_computed_with(name: str, result: object):
    """
    The functions that every accelerator's module has give values of their usual type.
    """
    assert made(name)(0) == result


def test_other_functions_return_stand_ins():
    """
    Any arguments will do.
    """
    assert repr(made("acme.open")(1, mode="r")) == "<hwcheck stand-in for acme.open()>"
    assert made("acme.properties")().total_memory == 2**34
    assert made("acme.thing").__version__ == VERSION


def test_decorated_functions_and_classes_stay_what_they_are():
    """
    So the plugin's own code is what is looked at.
    """
    thing = made("acme.traced")

    @thing
    def plain() -> int:
        return 1

    @thing(level=2)
    class Decorated:
        pass

    assert plain() == 1
    assert isinstance(Decorated, type)


def test_class_derived_from_stand_ins_is_a_class():
    """
    Together with other bases, in any number.
    """

    class Derived(made("acme.Runner"), made("acme.Mixin"), ABC):
        def __init__(self) -> None:
            super().__init__(1, device="acme")
            self.own = 2

    derived = Derived()

    assert Derived.__mro__[1] is StandInBase
    assert (derived.own, type(derived.further)) == (2, StandIn)
    assert not hasattr(derived, "__array__")
    assert not isinstance(derived, made("acme.Runner"))
    assert not issubclass(Derived, made("acme.Runner"))


def test_another_base_knows_its_own_attributes():
    """
    torch's modules find their parameters in a method of that kind.
    """

    class Module:
        def __getattr__(self, name: str) -> str:
            return f"parameter {name}"

    class Layer(made("acme.Layer"), Module):
        pass

    assert Layer().weight == "parameter weight"


def test_base_whose_neighbour_wants_arguments_is_still_made():
    """
    What the vendor's class would have passed on is not known.
    """

    class Wants:
        def __init__(self, size: int) -> None:
            self.size = size

    class Both(made("acme.Runner"), Wants):
        pass

    assert isinstance(Both(3), Wants)


def test_errors_can_be_raised_and_caught():
    """
    A name of an exception is one.
    """
    module = StandInModule("acme")

    with pytest.raises(module.AcmeError):
        raise module.AcmeError("full")


def test_stand_ins_can_be_pickled_and_copied():
    """
    Configurations that hold one go to other processes.
    """
    thing = made("acme.dtype")

    assert repr(pickle.loads(pickle.dumps(thing))) == repr(thing)
    assert repr(copy.deepcopy({"d": thing})["d"]) == repr(thing)


def test_module_answers_every_name_but_special_ones():
    """
    What Python itself looks for is absent.
    """
    module = StandInModule("acme.rt")

    assert module.__version__ == VERSION
    assert module.open is module.open
    assert not hasattr(module, "__wrapped__")


async def use(thing: object) -> object:
    async with thing as inside:
        await inside
        return inside


def test_stand_in_can_be_awaited():
    """
    Asynchronous clients of a vendor's go on at once.
    """
    thing = made()
    running = use(thing)

    with pytest.raises(StopIteration) as ended:
        running.send(None)

    assert ended.value.value is thing
