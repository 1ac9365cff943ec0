"""Facts: what the modules of a source tree offer, as data without code, docstrings or defaults.

Hosts and plugins are described by the same records. They are named tuples, not dataclasses: a
release has a hundred thousand of them, and tuples are stored without the names of their fields.
"""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

__all__ = [
    "ALWAYS",
    "Attribute",
    "Binding",
    "BindingKind",
    "CallSite",
    "Calls",
    "Chain",
    "Class",
    "Condition",
    "ConditionKind",
    "Form",
    "Function",
    "Module",
    "Parameter",
    "ParameterKind",
]

#: How code gets at a value, without its arguments: a root followed by steps.
#:
#: ``name`` is the root; ``.attribute``, ``()`` (called), ``[]`` (an item taken) and ``~`` (awaited)
#: are steps: ``get_pp_group().is_first_rank``, ``self.model_runner``, ``kernel[]()``.
#: ``super().name`` is written so whatever the arguments of ``super``. Literal roots are written as
#: their type: ``str``, ``int``, ``float``, ``bool``, ``None``, ``list``, ``dict``, ``tuple``,
#: ``set``, each followed by ``()``; a function without name is ``lambda``. Empty: not known.
Chain: TypeAlias = str


class ConditionKind(StrEnum):
    """The kinds of condition under which code stands."""

    ALL = "all"
    ANY = "any"
    NOT = "not"
    COMPARE = "compare"
    """A chain (version wrappers taken off) is compared with a constant string."""
    CALL = "call"
    """A call with one constant string: ``vllm_version_is("0.26.0")``."""
    TRUTH = "truth"
    """The truth of a chain: a flag, or a call without constant arguments."""
    HAS = "has"
    """``hasattr(chain, value)``, or ``chain is not None`` with an empty `value`.

    With the operator ``()``: the function has a parameter of that name, by its signature.
    """
    TYPING = "typing"
    """``TYPE_CHECKING``."""
    TRIED = "tried"
    """In a ``try`` that catches a failing import or a missing attribute."""
    HANDLER = "handler"
    """In the handler of such a ``try``."""
    UNKNOWN = "unknown"


class Condition(NamedTuple):
    """One condition; which of the fields are used depends on its kind."""

    kind: ConditionKind
    parts: "tuple[Condition, ...]" = ()
    chain: Chain = ""
    operator: str = ""
    value: str = ""


#: The first entry of every table of conditions.
ALWAYS = Condition(ConditionKind.ALL)


class ParameterKind(StrEnum):
    """How an argument reaches a parameter."""

    POSITIONAL = "p"
    EITHER = "e"
    VARIADIC = "v"
    """``*args``."""
    KEYWORD = "k"
    KEYWORDS = "w"
    """``**kwargs``."""


class Parameter(NamedTuple):
    """One parameter; the receiver (``self``, ``cls``) is one too."""

    name: str
    kind: ParameterKind = ParameterKind.EITHER
    is_required: bool = True
    annotation: str = ""
    """As in the source, white space and quotes taken off; empty: none."""


class Form(StrEnum):
    """What a function is to the class that it stands in."""

    FUNCTION = "f"
    """Not in a class."""
    METHOD = "m"
    CLASS_METHOD = "c"
    STATIC_METHOD = "s"
    PROPERTY = "p"
    """Cached ones too."""


class Function(NamedTuple):
    """One definition; with a setter or overloads, the one that counts when it is read or called."""

    name: str
    """Without its class."""
    form: Form = Form.FUNCTION
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    """The annotation."""
    decorators: tuple[Chain, ...] = ()
    """Those that `form` and the flags do not tell, as chains without calls' arguments."""
    is_async: bool = False
    is_generator: bool = False
    is_abstract: bool = False
    is_settable: bool = False
    """A property with a setter."""
    guard: int = 0
    """Index into the conditions of the module."""
    digest: str = ""
    """Of the body without docstring and white space: changes when what it does may have changed."""
    reads: tuple[str, ...] = ()
    """Attributes of the receiver that it reads or calls, sorted."""
    sets: tuple[str, ...] = ()
    """Attributes of the receiver that it sets, sorted."""
    supers: tuple[str, ...] = ()
    """Methods that it calls on ``super()`` or on a named base with the receiver, sorted."""
    arities: tuple[int, ...] = ()
    """Lengths of the tuples written out in its returns, sorted; -1 for any other value."""
    returned: tuple[Chain, ...] = ()
    """Chains that it returns, sorted; local names replaced by their values where single."""
    refuses: bool = False
    """It does nothing but raise NotImplementedError."""
    condition: Condition | None = None
    """What it returns, where that is a condition about versions or flags."""


class Attribute(NamedTuple):
    """An attribute of a class, or of its instances."""

    name: str
    method: str = ""
    """The method that sets it; empty: the class body does."""
    annotation: str = ""
    value: Chain = ""
    has_default: bool = False
    """In a class body: it has a value, so that a field needs no argument."""
    is_argument: bool = True
    """A field that the made constructor takes: false for ``init=False`` and ``ClassVar``."""
    is_keyword: bool = False
    """A field that is keyword-only, by itself or after ``KW_ONLY``."""
    guard: int = 0


class Class(NamedTuple):
    """A class and what its own body says."""

    name: str
    """With the classes around it: ``Outer.Inner``."""
    bases: tuple[Chain, ...] = ()
    """Without the items of generic ones: ``Generic[T]`` is ``Generic``."""
    metaclass: Chain = ""
    decorators: tuple[Chain, ...] = ()
    options: tuple[str, ...] = ()
    """Keywords of the class statement and its decorators that are true: ``kw_only``."""
    functions: tuple[Function, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    guard: int = 0


class BindingKind(StrEnum):
    """How a name of a module comes to be."""

    IMPORT = "i"
    """``import target`` (with ``as``, or the first part of it)."""
    FROM = "f"
    """``from target import member``."""
    STAR = "s"
    """``from target import *``; the name is ``*``."""
    CLASS = "c"
    FUNCTION = "d"
    VALUE = "v"
    """Assigned; `target` is the chain of the value."""
    DECLARED = "a"
    """Annotated without a value: not there at run time."""
    OTHER = "o"
    """A loop, a ``with``, ``global`` in a function, ``globals()[...]``."""
    LAZY = "l"
    """Answered by the module's ``__getattr__``, from a table to `target` and `member`."""


class Binding(NamedTuple):
    """One name of a module, once for each place that binds it, in order."""

    name: str
    kind: BindingKind
    target: str = ""
    """Absolute, relative imports resolved."""
    member: str = ""
    annotation: str = ""
    guard: int = 0
    condition: Condition | None = None
    """Of a value that is a flag: when it is true (``NEW = vllm_version_is("0.26.0")``)."""


class Module(NamedTuple):
    """One file of a source tree."""

    name: str
    """Dotted; a package is named without ``__init__``."""
    path: str
    """Relative to the tree, with ``/``."""
    is_package: bool = False
    bindings: tuple[Binding, ...] = ()
    functions: tuple[Function, ...] = ()
    """Those of the module itself; methods are with their classes."""
    classes: tuple[Class, ...] = ()
    """Nested ones too, after the ones around them."""
    conditions: tuple[Condition, ...] = (ALWAYS,)
    exports: tuple[str, ...] | None = None
    """``__all__``, where it can be read."""
    is_dynamic: bool = False
    """It has a ``__getattr__`` that answers what no table tells."""
    keys: tuple[str, ...] = ()
    """String keys of the dictionaries that its ``__getattr__`` looks in: environment variables."""
    lines: tuple[int, ...] = ()
    """Of the definitions in the order of the source, each as the difference to the one before."""
    line_names: tuple[str, ...] = ()
    """Their names with the classes around them: ``Class``, ``Class.method``, ``function``."""

    def line_of(self, name: str) -> int:
        """The line of a definition (its last where there are several), 0 when there is none."""
        found = line = 0
        for step, here in zip(self.lines, self.line_names, strict=True):
            line += step
            if here == name:
                found = line
        return found


class CallSite(NamedTuple):
    """One call that a host makes."""

    name: str
    """The last name before the call: of a method, function or class, or of a variable."""
    receiver: Chain = ""
    """What stands before the name; empty: nothing."""
    positional: int = 0
    keywords: tuple[str, ...] = ()
    is_starred: bool = False
    """``*arguments`` are passed."""
    is_double_starred: bool = False
    is_awaited: bool = False
    unpacked: int = 0
    """Into how many names the result is unpacked; 0: it is not."""
    scope: str = ""
    """The function around it, with its classes."""
    step: int = 0
    """Lines since the call site before."""


class Calls(NamedTuple):
    """The calls of one module, in the order of the source."""

    sites: tuple[CallSite, ...] = ()
