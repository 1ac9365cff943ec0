"""Binding of arguments to parameters, exactly as Python does it for the shape of a call."""

from dataclasses import dataclass
from typing import NamedTuple

from hwcheck.analyse.constructors import fields_of
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Instance,
    Member,
)
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import CallSite, Form, Function, Parameter, ParameterKind
from hwcheck.model.use import Call

__all__ = ["Bound", "Shape", "Signature", "bind", "constructor_of", "shape_of", "signature_of"]

#: Decorators that leave the parameters as they are; the last part of their names.
_PLAIN = frozenset(
    {
        "abstractmethod",
        "asynccontextmanager",
        "cache",
        "cached_property",
        "compile",
        "contextmanager",
        "deprecated",
        "disable",
        "dynamo_disable",
        "final",
        "inference_mode",
        "instrument",
        "jit",
        "lru_cache",
        "no_grad",
        "override",
    }
)

#: Keywords that a launch of a Triton kernel takes besides its parameters.
_LAUNCH = frozenset(
    {
        "arch",
        "debug",
        "enable_fp_fusion",
        "extern_libs",
        "grid",
        "launch_cooperative_grid",
        "launch_pdl",
        "matrix_instr_nonkdim",
        "maxnreg",
        "num_consumer_groups",
        "num_buffers_warp_spec",
        "num_ctas",
        "num_stages",
        "num_warps",
        "waves_per_eu",
        "kpack",
        "warmup",
    }
)

#: Bases of the standard library that take no part in making an instance.
_WITHOUT_CONSTRUCTOR = frozenset(
    {
        "abc.ABC",
        "builtins.object",
        "typing.Generic",
        "typing.Protocol",
        "typing_extensions.Protocol",
    }
)

_KERNEL = frozenset({"autotune", "heuristics", "jit"})


class Shape(NamedTuple):
    """What a call passes."""

    positional: int = 0
    keywords: tuple[str, ...] = ()
    is_starred: bool = False
    """More may come by position."""
    is_double_starred: bool = False
    """More may come by keyword."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters that a caller sees: the receiver is taken off where it is given."""

    parameters: tuple[Parameter, ...]
    symbol: str
    origin: FunctionEntity | ClassEntity
    """The function (``__init__``, ``__new__`` too), or the class whose fields make it."""
    extra: frozenset[str] = frozenset()
    """Keywords that are taken besides the parameters: those of a kernel's launch."""
    unread: frozenset[str] = frozenset()
    """Parameters of the plugin's function that its body never looks at."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How a call's arguments fall onto parameters."""

    unexpected: tuple[str, ...] = ()
    """Keywords that no parameter takes, in the order of the call."""
    excess: int = 0
    """How many positional arguments too many."""
    missing: tuple[str, ...] = ()
    """Required parameters that get nothing, in their order."""
    doubled: tuple[str, ...] = ()
    """Parameters that get a value by position and by keyword."""
    positions: tuple[str, ...] = ()
    """The parameter of each positional argument, as far as there are any; ``*name`` for more."""

    @property
    def fits(self) -> bool:
        """Whether Python would accept the call."""
        return not (self.unexpected or self.excess or self.missing or self.doubled)


def shape_of(call: Call | CallSite) -> Shape:
    """Take the shape of a call of the plugin or of the host."""
    if isinstance(call, CallSite):
        return Shape(call.positional, call.keywords, call.is_starred, call.is_double_starred)
    keywords = tuple(item.keyword for item in call.arguments if item.keyword)
    return Shape(
        len(call.arguments) - len(keywords), keywords, call.is_starred, call.is_double_starred
    )


def signature_of(resolver: Resolver, entity: Entity) -> Signature | None:
    """Tell what a callable takes; ``None`` when that is not certain.

    Functions with unknown decorators and objects that are no callable of either side have none.
    A bound method is without its receiver, an unbound one with it. A class stands for its
    constructor, an instance for its ``__call__``.
    """
    match entity:
        case FunctionEntity():
            return _of_function(entity)
        case ClassEntity():
            return constructor_of(resolver, entity)
        case Instance(of=cls):
            called = resolver.attribute(entity, "__call__")
            return _of_function(called) if isinstance(called, FunctionEntity) and cls else None
    return None


def constructor_of(resolver: Resolver, cls: ClassEntity) -> Signature | None:
    """Tell what making an instance takes, without the receiver; ``None`` when not certain.

    ``__init__`` or ``__new__`` by inheritance, else made from the fields of dataclasses and
    NamedTuples. A class that takes nothing because nothing is defined has no signature either:
    too much can stand in for the constructor there.
    """
    if cls.facts.metaclass and not cls.facts.metaclass.endswith("ABCMeta"):
        return None
    for owner in resolver.mro(cls).classes:
        made = fields_of(resolver, owner)
        if made is not None:
            return Signature(made, f"{owner.symbol}.__init__", owner)
        starter = resolver.own_member(owner, "__init__", instance=False)
        creator = resolver.own_member(owner, "__new__", instance=False)
        if starter is not None and creator is not None:
            return None
        found: Member | None = starter or creator
        if found is not None:
            if not isinstance(found.entity, FunctionEntity):
                return None
            return _of_function(found.entity, is_constructor=True)
        if _is_opaque(resolver, owner):
            return None
    return None


def _is_opaque(resolver: Resolver, owner: ClassEntity) -> bool:
    """Whether a base that cannot be seen into comes before the next known class."""
    for chain in owner.facts.bases:
        base = resolver.value_in(owner.module, chain) if chain else None
        if isinstance(base, ClassEntity):
            return False
        if not isinstance(base, External) or base.symbol not in _WITHOUT_CONSTRUCTOR:
            return True
    return False


def _of_function(function: FunctionEntity, *, is_constructor: bool = False) -> Signature | None:
    facts = function.facts
    names = {_last(chain) for chain in facts.decorators}
    if facts.form == Form.PROPERTY or not names <= _PLAIN | _KERNEL:
        return None
    drop = is_constructor or (function.is_bound and facts.form in {Form.METHOD, Form.CLASS_METHOD})
    parameters = _without_receiver(facts.parameters) if drop else facts.parameters
    extra = _LAUNCH if _is_triton(facts) else frozenset()
    return Signature(parameters, function.symbol, function, extra)


def _is_triton(facts: Function) -> bool:
    return any(
        _last(chain) in _KERNEL and not chain.startswith(("torch", "numba", "jax"))
        for chain in facts.decorators
    )


def _without_receiver(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    first = parameters[:1]
    if first and first[0].kind in {ParameterKind.POSITIONAL, ParameterKind.EITHER}:
        return parameters[1:]
    return parameters


def _last(chain: str) -> str:
    return chain.removesuffix("()").rpartition(".")[2]


def bind(signature: Signature, shape: Shape) -> Bound:
    """Bind a call; what stars may bring is never missing."""
    slots = [
        item
        for item in signature.parameters
        if item.kind in {ParameterKind.POSITIONAL, ParameterKind.EITHER}
    ]
    rest = next(
        (item for item in signature.parameters if item.kind == ParameterKind.VARIADIC), None
    )
    positions = [item.name for item in slots[: shape.positional]]
    excess = max(0, shape.positional - len(slots))
    if rest is not None and excess:
        positions += [f"*{rest.name}"] * excess
        excess = 0
    by_position = set(positions)
    by_keyword = {
        item.name
        for item in signature.parameters
        if item.kind in {ParameterKind.EITHER, ParameterKind.KEYWORD}
    }
    takes_all = any(item.kind == ParameterKind.KEYWORDS for item in signature.parameters)
    taken = [name for name in shape.keywords if name in by_keyword]
    return Bound(
        unexpected=()
        if takes_all
        else tuple(
            name
            for name in shape.keywords
            if name not in by_keyword and name not in signature.extra
        ),
        excess=excess,
        missing=_missing(signature, shape, by_position | set(taken)),
        doubled=tuple(name for name in taken if name in by_position),
        positions=tuple(positions),
    )


def _missing(signature: Signature, shape: Shape, given: set[str]) -> tuple[str, ...]:
    found: list[str] = []
    for item in signature.parameters:
        if not item.is_required or item.name in given:
            continue
        match item.kind:
            case ParameterKind.POSITIONAL:
                may_come = shape.is_starred
            case ParameterKind.EITHER:
                may_come = shape.is_starred or shape.is_double_starred
            case ParameterKind.KEYWORD:
                may_come = shape.is_double_starred
            case _:
                may_come = True
        if not may_come:
            found.append(item.name)
    return tuple(found)
