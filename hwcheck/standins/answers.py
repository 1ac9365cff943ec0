"""Objects that answer anything plausible in the place of a vendor's function, class or value."""

import operator
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from opcode import opname
from types import FunctionType, ModuleType

__all__ = ["VERSION", "StandIn", "StandInBase", "StandInModule", "stand_in"]

VERSION = "9999.0.0+hwcheck.stub"
"""Above what libraries ask for at least: to ask for at most is rare."""
_LABEL = "hwcheck stand-in"
_GIBIBYTES = 2**34

#: What functions of an accelerator's module usually return; vLLM and plugins compute with it.
_RESULTS: dict[str, object] = {
    "current_device": 0,
    "device_count": 1,
    "get_device_capability": (0, 0),
    "is_available": True,
    "max_memory_allocated": 0,
    "max_memory_reserved": 0,
    "mem_get_info": (_GIBIBYTES, _GIBIBYTES),
    "memory_allocated": 0,
    "memory_reserved": 0,
    "memory_stats": {},
    **dict.fromkeys(("empty_cache", "init", "manual_seed", "manual_seed_all"), None),
    **dict.fromkeys(("reset_peak_memory_stats", "seed", "seed_all"), None),
    **dict.fromkeys(("set_device", "synchronize"), None),
}
_VALUES: dict[str, object] = {
    "__version__": VERSION,
    "major": 0,
    "minor": 0,
    "multi_processor_count": 1,
    "name": _LABEL,
    "total_memory": _GIBIBYTES,
}
_YES_OR_NO = re.compile(r"_?(is|has|supports?|can)_\w+")
_NAMING = re.compile(r"(get_)?(\w+_)?name")
_VERSIONED = re.compile(r"(get_)?(\w+_)?version")
_ERROR = re.compile(r"\w*(Error|Exception|Warning)")


def stand_in(name: str) -> object:
    """Make what stands in for something of that dotted name."""
    last = name.rpartition(".")[2]
    if last in _VALUES:
        return _VALUES[last]
    if _ERROR.fullmatch(last):
        # Only a real class can be raised and caught.
        return type(last, (Exception,), {"__module__": name.rpartition(".")[0]})
    return StandIn(name)


class StandInBase:
    """The base of a plugin's class that derives from a stand-in."""

    __hwcheck_stub__ = True

    def __init__(self, *args: object, **fields: object) -> None:
        with suppress(TypeError):
            super().__init__()

    def __getattr__(self, name: str) -> object:
        # Another base, torch's Module above all, may know better.
        further = getattr(super(), "__getattr__", None)
        if further is not None:
            return further(name)
        if _is_special(name):
            raise AttributeError(name)
        return stand_in(f"{type(self).__name__}.{name}")


class StandIn:
    """Can be called, entered, unpacked, iterated, computed with, derived from and pickled."""

    __hwcheck_stub__ = True

    def __init__(self, name: str) -> None:
        self.__name__ = self.__qualname__ = name.rpartition(".")[2]
        self.__module__ = name.rpartition(".")[0] or name
        self._stands_for = name

    def __getattr__(self, name: str) -> object:
        if _is_special(name) and name not in _VALUES:
            raise AttributeError(f"a stand-in for {self._stands_for!r} has no {name!r}")
        made = stand_in(f"{self._stands_for}.{name}")
        self.__dict__[name] = made
        return made

    def __call__(self, *args: object, **fields: object) -> object:
        """Return a plausible result; what is decorated stays what it is."""
        if args and isinstance(args[0], FunctionType | type | classmethod | staticmethod):
            return args[0]
        return _result(self._stands_for)

    def __repr__(self) -> str:
        return f"<{_LABEL} for {self._stands_for}>"

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return stand_in, (self._stands_for,)

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        # Two of them must not give one base twice.
        firsts = [base for base in bases if isinstance(base, StandIn)]
        return (StandInBase,) if firsts[0] is self else ()

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False

    def __iter__(self) -> Iterator[object]:
        return iter([StandIn(f"{self._stands_for}[{n}]") for n in range(_unpacked())])

    def __next__(self) -> object:
        raise StopIteration

    def __getitem__(self, key: object) -> object:
        return StandIn(f"{self._stands_for}[]")

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __delitem__(self, key: object) -> None:
        pass

    def __contains__(self, item: object) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __int__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __fspath__(self) -> str:
        return "hwcheck.stub"

    def __enter__(self) -> object:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    async def __aenter__(self) -> object:
        return self

    async def __aexit__(self, *exception: object) -> None:
        pass

    def __await__(self) -> Iterator[object]:
        yield from ()

    def __lt__(self, other: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__


class StandInModule(ModuleType):
    """A module of which every name is a stand-in."""

    __hwcheck_stub__ = True

    def __init__(self, name: str) -> None:
        super().__init__(name, f"A {_LABEL}: {name} is not installed.")
        self.__version__ = VERSION
        # So that it can have modules inside.
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> object:
        if _is_special(name):
            raise AttributeError(f"stand-in module {self.__name__!r} has no {name!r}")
        made = stand_in(f"{self.__name__}.{name}")
        self.__dict__[name] = made
        return made


def _result(function: str) -> object:
    last = function.rpartition(".")[2]
    if last in _RESULTS:
        return _RESULTS[last]
    if _YES_OR_NO.fullmatch(last):
        return False
    if _NAMING.fullmatch(last):
        return _LABEL
    return VERSION if _VERSIONED.fullmatch(last) else StandIn(f"{function}()")


def _is_special(name: str) -> bool:
    # Python and libraries look for these to learn what an object can do.
    return name.startswith("__") and name.endswith("__")


def _unpacked() -> int:
    """How many values the caller of the caller unpacks; 0 when it iterates."""
    frame = sys._getframe(2)
    code = frame.f_code.co_code
    if frame.f_lasti < 0 or opname[code[frame.f_lasti]] != "UNPACK_SEQUENCE":
        return 0
    return code[frame.f_lasti + 1]


def _same(self: StandIn, *others: object) -> StandIn:
    return self


for _name in (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow"),
    *("lshift", "rshift", "and", "xor", "or"),
):
    for _form in (f"__{_name}__", f"__r{_name}__"):
        setattr(StandIn, _form, _same)
for _name in ("neg", "pos", "abs", "invert"):
    setattr(StandIn, f"__{_name}__", _same)
for _name in ("round", "trunc", "floor", "ceil"):
    setattr(StandIn, f"__{_name}__", lambda self, *digits: operator.index(self))
