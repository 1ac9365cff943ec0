"""Tests of members that are looked at and not called."""

import functools
import inspect

import pytest

from hwcheck.probe.resolve import class_seen, qualified_name, resolve, source_place
from hwcheck.probe.shapes import describe


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **keywords):
        return function(*args, **keywords)

    return wrapper


class Explosive:
    """Raises at whatever is asked of it."""

    def __getattribute__(self, name):
        raise SystemExit(name)

    def __call__(self):
        raise SystemExit


class Descriptor:
    def __get__(self, instance, owner):
        raise RuntimeError("not to be called")


class Base:
    simple: int

    @classmethod
    def cm(cls, a, b=1):
        pass

    def inherited(self):
        pass


Base.__module__ = "vllm.platforms.interface"


class Plugin(Base):
    annotated: str
    attribute = 5
    partial = functools.partial(max, 1)
    partial_method = functools.partialmethod(max, 1)
    explosive = Explosive()
    descriptor = Descriptor()

    def __getattr__(self, name):
        raise AssertionError("must not be asked")

    def cm(self, a):
        pass

    @staticmethod
    def sm(a, *, b):
        pass

    @property
    def prop(self):
        raise AssertionError("must not be read")

    @functools.cached_property
    def cached(self):
        raise AssertionError("must not be read")

    @decorated
    def wrapped(self, a):
        pass

    @classmethod
    @functools.lru_cache
    def cached_call(cls, a):
        pass

    async def coroutine(self):
        pass


class Meta(type):
    def __getattribute__(cls, name):
        raise SystemError(name)

    def __dir__(cls):
        raise SystemError

    def __instancecheck__(cls, instance):
        raise SystemError


class Surprising(Base, metaclass=Meta):
    value = 1


@pytest.fixture
def seen(attribution):
    return describe(Plugin, Base, ["wanted"], attribution)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("annotated", "missing"),
        ("attribute", "attribute"),
        ("cached", "property"),
        ("cached_call", "classmethod"),
        ("cm", "method"),
        ("coroutine", "method"),
        ("descriptor", "attribute"),
        ("explosive", "attribute"),
        ("inherited", "method"),
        ("partial", "attribute"),
        ("partial_method", "method"),
        ("prop", "property"),
        ("sm", "staticmethod"),
        ("wanted", "missing"),
        ("wrapped", "method"),
    ],
)
def test_kind(attribution, name, kind):
    """
    A member is what the class body makes of it; nothing of it is called or read.
    """
    seen = describe(Plugin, Base, [name], attribution)

    assert kind == seen.member(name).kind


def test_parameters_leave_out_what_binding_fills(seen):
    """
    The first parameter of methods is left out, that of static methods is not.
    """
    names = {
        name: [item.name for item in seen.member(name).parameters]
        for name in ("cm", "sm", "wrapped", "inherited", "cached_call")
    }

    assert names == {
        "cm": ["a"],
        "sm": ["a", "b"],
        "wrapped": ["a"],
        "inherited": [],
        "cached_call": ["a"],
    }


def test_callable_attribute_has_parameters(attribution):
    """
    A `functools.partial` is called as it is: the contract can judge whether it fits.
    """

    class Own(Base):
        member = functools.partial(lambda a, b: None, 1)

    seen = describe(Own, Base, [], attribution).member("member")

    assert [item.name for item in seen.parameters] == ["b"]


def test_owner_and_base_are_told(seen):
    """
    What the plugin overrides is told apart from what it inherits.
    """
    own, inherited = seen.member("cm"), seen.member("inherited")

    assert (own.overridden, own.base_kind) == (True, "classmethod")
    assert [item.name for item in own.base_parameters] == ["a", "b"]
    assert (inherited.overridden, inherited.owner) == (False, "vllm.platforms.interface.Base")
    assert seen.member("coroutine").is_async
    assert seen.member("absent") is None


def test_metaclass_with_surprises_is_not_asked(attribution):
    """
    A class is described whatever its metaclass makes of attributes.
    """
    seen = describe(Surprising, Base, [], attribution)

    assert seen.member("value").kind == "attribute"
    assert seen.type.endswith(".Surprising")
    assert class_seen("x", Surprising, attribution).is_class


def test_class_with_its_constructors(attribution):
    """
    The plugin's constructor and the host's are both told, and what is left abstract.
    """

    class Host:
        def __init__(self, config, rank=0):
            pass

    Host.__module__ = "vllm.worker"

    class Own(Host):
        def __init__(self, config):
            pass

    Own.__abstractmethods__ = frozenset({"execute"})

    seen = class_seen("x.Own", Own, attribution)

    assert [item.name for item in seen.constructor] == ["config"]
    assert [item.name for item in seen.host_constructor] == ["config", "rank"]
    assert seen.abstract == ("execute",)
    assert class_seen("x.Host", Host, attribution).constructor is None


def test_what_is_no_class_is_told(attribution):
    """
    A class path can lead to a function or a module.
    """
    seen = class_seen("x.y", inspect.getfile, attribution)

    assert (seen.is_class, seen.type, seen.place.function) == (
        False,
        "builtins.function",
        "getfile",
    )


@pytest.mark.parametrize("make", [lambda: 5, Explosive, lambda: len])
def test_source_that_is_not_to_be_had(make, attribution):
    """
    An object without source has no place.
    """
    assert source_place(make(), attribution) is None


def test_class_without_source_file_has_no_place(attribution):
    """
    A class whose module is not there has no place.
    """
    cls = type("Made", (), {"__module__": "nowhere"})

    assert source_place(cls, attribution) is None


def test_resolve_as_vllm_does():
    """
    Everything after the last dot is the attribute.
    """
    assert resolve("functools.partial") is functools.partial
    assert qualified_name(functools.partial) == "functools.partial"
    with pytest.raises(ValueError, match="not enough"):
        resolve("nodot")
