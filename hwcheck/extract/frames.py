"""Scopes while they are read, and what the names in them stand for."""

from dataclasses import dataclass, field

from hwcheck.extract.conditions import Guard
from hwcheck.extract.split import root_of
from hwcheck.model.facts import Attribute, Chain, Class, Condition, Function, Parameter
from hwcheck.model.use import Argument, Local

__all__ = ["Body", "ClassBody", "Frame", "Keys", "is_parameter", "replace_locals"]

_MAXIMUM_DEPTH = 8
_MAXIMUM_CHAIN = 300


@dataclass(slots=True)
class Keys:
    """The keys of a dictionary that a function builds."""

    guard: Guard
    certain: dict[str, Argument] = field(default_factory=dict)
    possible: list[tuple[Argument, Guard]] = field(default_factory=list)
    is_open: bool = False


@dataclass(slots=True)
class Body:
    """What the body of one recorded function does, nested functions included."""

    receiver: str = ""
    reads: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    supers: set[str] = field(default_factory=set)
    attributes: list[tuple[Attribute, "Frame"]] = field(default_factory=list)
    returned: list[tuple[Chain, "Frame"]] = field(default_factory=list)
    answers: list[tuple[Guard, Condition | None]] = field(default_factory=list)
    arities: set[int] = field(default_factory=set)
    is_generator: bool = False
    shape: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ClassBody:
    """What a class holds so far."""

    place: int
    functions: list[Function] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    bases: tuple[Chain, ...] = ()
    is_keyword: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """A module, class, function, lambda or comprehension."""

    index: int
    name: str
    kind: str
    parent: "Frame | None" = None
    owner: str = ""
    receiver: str = ""
    is_class_method: bool = False
    parameters: tuple[Parameter, ...] = ()
    arguments: dict[str, str] = field(default_factory=dict)
    """Names of the parameters, with their annotations."""
    locals: dict[str, list[Local]] = field(default_factory=dict)
    flags: dict[str, list[tuple[Guard, Condition | None]]] = field(default_factory=dict)
    setters: dict[str, "Frame"] = field(default_factory=dict)
    """Of a class: which method is the first to set an attribute."""
    dictionaries: dict[str, Keys] = field(default_factory=dict)
    arities: dict[str, int] = field(default_factory=dict)
    outer_names: set[str] = field(default_factory=set)
    """Declared ``global`` or ``nonlocal``."""
    line: int = 0
    end_line: int = 0
    unread: tuple[str, ...] = ()
    body: Body | None = None
    class_body: ClassBody | None = None
    ending: list[tuple[str, str]] | None = None
    """What to note where the current block ends; ``None`` outside of blocks."""
    versions: dict[str, bool] = field(default_factory=dict)
    """Names that stand for vLLM's version; false for those that are something else too."""
    is_own_body: bool = False
    """Returns and yields here are those of the recorded function."""
    classes: list[Class] = field(default_factory=list)

    def add(self, local: Local) -> None:
        """Note a name that is bound here."""
        found = self.locals.get(local.name)
        if found is None:
            self.locals[local.name] = [local]
        else:
            found.append(local)


def replace_locals(frame: Frame, chain: Chain) -> Chain:
    """Put the single values of local names into a chain; empty where there is no single one.

    Parameters stay. Names that a function imports become the dotted name of what is imported.
    """
    for _ in range(_MAXIMUM_DEPTH):
        root = root_of(chain)
        holder = _holder(frame, root)
        if holder is None:
            return chain
        bound = [local for local in holder.locals.get(root, ()) if local.how != "narrow"]
        if root in holder.arguments:
            return chain if not bound or holder.arguments[root] else ""
        only = bound[0]
        if len(bound) > 1 or not only.value or len(only.value) + len(chain) > _MAXIMUM_CHAIN:
            return ""
        rest = chain[len(root) :]
        if only.how == "import":
            return only.value.replace(":", ".") + rest
        if only.how != "assign":
            return ""
        if root_of(only.value) == root:
            return ""
        chain = only.value + rest
        frame = holder
    return ""


def is_parameter(frame: Frame, chain: Chain) -> bool:
    """Tell whether a chain starts from a parameter of the functions around."""
    root = root_of(chain)
    holder = _holder(frame, root)
    return holder is not None and root in holder.arguments


def _holder(frame: Frame, name: str) -> Frame | None:
    """Return the function whose local name this is; ``None`` for a name of the module."""
    here: Frame | None = frame
    while here is not None and here.parent is not None:
        if here.kind == "function" and (
            name in here.arguments
            or (name in here.locals and any(x.how != "narrow" for x in here.locals[name]))
        ):
            return here
        here = here.parent
    return None
