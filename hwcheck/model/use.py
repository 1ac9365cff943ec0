"""Uses: what the code of a plugin takes from elsewhere, with line and scope, knowing no host."""

from typing import NamedTuple

from hwcheck.model.facts import ALWAYS, Chain, Condition, Module, Parameter

__all__ = [
    "Access",
    "Argument",
    "Call",
    "Code",
    "Import",
    "Local",
    "Scope",
    "Store",
    "Suppression",
    "Text",
    "Unpack",
    "Uses",
]


class Local(NamedTuple):
    """A name bound in a scope."""

    name: str
    value: Chain = ""
    annotation: str = ""
    line: int = 0
    guard: int = 0
    how: str = "assign"
    """``assign``, ``with``, ``for`` (`value` is what is iterated), ``narrow`` (``isinstance``; the
    class is the annotation), ``item`` (of an unpacked `value`), ``import``, ``define``."""
    position: int = 0
    """For ``item``: which."""


class Scope(NamedTuple):
    """The module (index 0), a class body, a function or a lambda."""

    name: str
    """As ``__qualname__``, without ``<locals>``: ``Class.method.inner``; empty: the module."""
    kind: str
    """``module``, ``class`` or ``function``."""
    parent: int
    owner: str = ""
    """For what stands in a method, however deep: the name of the class."""
    receiver: str = ""
    """For the same: the name of the method's first parameter, unless it is a static method."""
    is_class_method: bool = False
    parameters: tuple[Parameter, ...] = ()
    locals: tuple[Local, ...] = ()
    line: int = 0
    end_line: int = 0
    unread: tuple[str, ...] = ()
    """Parameters that the body surely never looks at, in their order."""


class Import(NamedTuple):
    """One imported name."""

    module: str
    """Absolute."""
    name: str = ""
    """Empty for ``import module``; ``*`` for all."""
    alias: str = ""
    """What it is called here."""
    line: int = 0
    scope: int = 0
    guard: int = 0
    is_dynamic: bool = False
    """By ``import_module("...")`` or ``__import__``."""


class Access(NamedTuple):
    """A chain that is read; the longest one of its expression."""

    chain: Chain
    lines: tuple[int, ...]
    """All lines of this scope and guard that read it, sorted."""
    scope: int = 0
    guard: int = 0
    is_tested: bool = False
    """Within ``getattr`` with a default, ``hasattr`` or the like."""


class Argument(NamedTuple):
    """One argument of a call."""

    keyword: str = ""
    """Empty: by position."""
    chain: Chain = ""
    text: str = ""
    """A constant string; class paths and names are passed so."""


class Call(NamedTuple):
    """A call that the plugin makes."""

    callee: Chain
    line: int
    scope: int = 0
    guard: int = 0
    arguments: tuple[Argument, ...] = ()
    """Those of ``**names`` too, where `names` is a literal dictionary of the same function."""
    is_starred: bool = False
    is_double_starred: bool = False
    """More keywords may be passed than the arguments tell."""
    is_awaited: bool = False
    is_discarded: bool = False
    """It is a statement of its own."""


class Store(NamedTuple):
    """An assignment, deletion or ``setattr`` onto an attribute."""

    target: Chain
    line: int
    scope: int = 0
    guard: int = 0
    value: Chain = ""
    text: str = ""
    """A constant string that is stored."""
    parameters: tuple[Parameter, ...] | None = None
    """Of a lambda that is stored."""
    is_deleted: bool = False


class Unpack(NamedTuple):
    """A value taken apart into names."""

    value: Chain
    arity: int
    line: int
    scope: int = 0
    guard: int = 0
    is_starred: bool = False


class Text(NamedTuple):
    """A constant string that may name something of Python: dotted, or ``module:name``."""

    text: str
    line: int
    scope: int = 0
    guard: int = 0
    role: str = "other"
    """``returned``, ``argument`` (of the call `subject`), ``stored`` (on the chain `subject`),
    ``environment`` (a variable read or set through `subject`) or ``other``."""
    subject: Chain = ""


class Suppression(NamedTuple):
    """A comment ``# hwcheck: ignore[ID, ...]``; without ids it means all rules."""

    line: int
    ids: tuple[str, ...] = ()


class Uses(NamedTuple):
    """All uses of one file."""

    scopes: tuple[Scope, ...]
    conditions: tuple[Condition, ...] = (ALWAYS,)
    imports: tuple[Import, ...] = ()
    accesses: tuple[Access, ...] = ()
    calls: tuple[Call, ...] = ()
    stores: tuple[Store, ...] = ()
    unpacks: tuple[Unpack, ...] = ()
    texts: tuple[Text, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


class Code(NamedTuple):
    """One file of a plugin: what it offers, and what it uses."""

    module: Module
    uses: Uses
