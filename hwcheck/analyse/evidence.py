"""Evidence: calls in the host that fit the host's own signature, but not the plugin's."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from hwcheck.analyse.binding import Bound, Shape, Signature, bind, shape_of, signature_of
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Member, ModuleEntity
from hwcheck.analyse.receivers import Caller, caller_of, receiver_classes, receiver_entity
from hwcheck.analyse.siblings import fails_on_siblings
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import Function, ParameterKind
from hwcheck.model.finding import Location

__all__ = [
    "Evidence",
    "Standing",
    "Target",
    "accepts",
    "bound_signature",
    "differences",
    "evidence",
    "is_replaced",
    "lacking",
    "misfits",
    "runs",
    "standing",
    "with_unread",
]

_SHARED_KEYWORDS = 3
_LAST_NAME = re.compile(r"([A-Za-z_]\w*)((?:\(\)|\[\]|~)*)$")
_CAMEL_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+|[a-z0-9]+")
_SHORTENED = (("attention", "attn"), ("class", "cls"))
_SHORTEST = 4


class Standing(StrEnum):
    """How sure it is that a call in the host reaches what the plugin supplies."""

    SURE = "sure"
    """By the type of the receiver."""
    LIKELY = "likely"
    """By the name of the receiver, or by the keywords."""
    LATENT = "latent"
    """It would, but the plugin replaces the code that makes the call."""
    OPEN = "open"
    """Nothing speaks for it or against it."""
    UNRELATED = "unrelated"


_ORDER = tuple(Standing)


class Target(NamedTuple):
    """The member that calls are looked for."""

    cls: ClassEntity
    """The class of the object: the plugin's, or a host class of which a function is replaced."""
    name: str
    is_patch: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A call in the host that does not fit."""

    call: LocatedCall
    standing: Standing
    problems: tuple[str, ...]
    """The parameters that it fails on."""

    @property
    def where(self) -> Location:
        """The place of the call."""
        return Location(path=self.call.path, line=self.call.line)


def bound_signature(world: World, function: FunctionEntity) -> Signature | None:
    """Tell what a method takes from those who call it on an object."""
    signature = signature_of(world, replace(function, is_bound=function.owner is not None))
    return signature and with_unread(world, signature)


def with_unread(world: World, signature: Signature) -> Signature:
    """Tell as well which parameters a function of the plugin never looks at."""
    function = signature.origin
    code = world.plugin.files.get(function.module.name)
    if code is None or not isinstance(function, FunctionEntity):
        return signature
    prefix = f"{function.owner.facts.name}." if function.owner else ""
    name = f"{prefix}{function.facts.name}"
    unread = [frozenset(scope.unread) for scope in code.uses.scopes if scope.name == name]
    return replace(signature, unread=frozenset.intersection(*unread)) if unread else signature


def evidence(
    calls: Sequence[LocatedCall],
    host: Signature,
    own: Signature,
    judge: Callable[[LocatedCall], Standing],
) -> tuple[Evidence, ...]:
    """Find the calls that fit the host's signature and not the plugin's, the surest first."""
    found = []
    known: dict[Shape, tuple[str, ...]] = {}  # most calls of a name are alike
    for call in calls:
        shape = shape_of(call.site)
        problems = known.get(shape)
        if problems is None:
            problems = known[shape] = misfits(host, own, shape) if bind(host, shape).fits else ()
        if problems:
            level = judge(call)
            if level is not Standing.UNRELATED:
                found.append(Evidence(call, level, problems))
    return tuple(sorted(found, key=lambda item: _ORDER.index(item.standing)))


def misfits(host: Signature, own: Signature, shape: Shape) -> tuple[str, ...]:
    """Name the parameters on which a call that fits the host fails with the plugin."""
    expected, got = bind(host, shape), bind(own, shape)
    names = [*got.unexpected, *_excess(expected, got, own), *got.missing, *got.doubled]
    names += _drifted(expected, got, host, own)
    return tuple(dict.fromkeys(names))


def accepts(host: Signature, own: Signature) -> bool:
    """Tell whether whatever fits the host's signature fits the plugin's too."""
    return not differences(host, own)


def differences(host: Signature, own: Signature) -> tuple[str, ...]:
    """Name the parameters in which the plugin's signature takes less than the host's."""
    if host.parameters == own.parameters:
        return ()
    leading = len(_of(host, ParameterKind.POSITIONAL))
    named = (ParameterKind.EITHER, ParameterKind.KEYWORD)
    shapes = (
        Shape(
            positional=len(_of(host, ParameterKind.POSITIONAL, ParameterKind.EITHER)),
            keywords=_of(host, ParameterKind.KEYWORD),
        ),
        Shape(positional=leading, keywords=_of(host, *named)),
        Shape(positional=leading, keywords=_of(host, *named, is_required=True)),
    )
    return tuple(dict.fromkeys(name for shape in shapes for name in misfits(host, own, shape)))


def lacking(host: Signature, own: Signature) -> tuple[str, ...]:
    """Name those of the differences that no renaming and no stars make good."""
    of_own = {item.name for item in own.parameters}
    of_host = {item.name for item in host.parameters}
    slots = _of(own, ParameterKind.POSITIONAL, ParameterKind.EITHER)
    places = _of(host, ParameterKind.POSITIONAL, ParameterKind.EITHER)
    stars = (ParameterKind.VARIADIC, ParameterKind.KEYWORDS)
    takes_more = any(item.kind in stars for item in own.parameters)
    renamed = {theirs for theirs, ours in zip(places, slots, strict=False) if ours not in of_host}
    new = {ours for theirs, ours in zip(places, slots, strict=False) if theirs not in of_own}
    return tuple(
        name
        for name in differences(host, own)
        if (name in of_own and name not in of_host and name not in new)
        or (name not in of_own and name not in renamed and not takes_more)
        or (name in of_own and name in of_host)
    )


def standing(world: World, target: Target, host: Signature, call: LocatedCall) -> Standing:
    """Judge whether a call on some receiver reaches a member of the target's class."""
    caller = caller_of(world, call)
    if caller is None or not call.site.receiver or call.site.receiver == "super()":
        return Standing.UNRELATED
    if call.site.receiver in ("self", "cls") and caller.cls is not None:
        level = _own_call(world, target, caller, caller.cls)
        if level is Standing.UNRELATED or target.is_patch:
            return level
        shape = shape_of(call.site)
        is_foreign = fails_on_siblings(world, target.cls, caller.cls, target.name, shape)
        return Standing.UNRELATED if is_foreign else level
    if isinstance(receiver_entity(world, call, caller), ModuleEntity):
        return Standing.UNRELATED
    classes = receiver_classes(world, call, caller)
    if classes:
        level = Standing.SURE if len(classes) == 1 else Standing.LIKELY
        level = level if any(_may_be(world, target, cls) for cls in classes) else Standing.UNRELATED
    else:
        level = _by_names(world, target, call, host)
    if level is not Standing.UNRELATED and is_replaced(world, caller):
        return Standing.LATENT
    return level


def is_replaced(world: World, caller: Caller) -> bool:
    """Tell whether the plugin has something in place of the code that makes a call."""
    if world.replaced(caller.symbol):
        return True
    if caller.cls is None or caller.function is None:
        return False
    heirs = world.subclasses(caller.cls)
    return bool(heirs) and not any(runs(world, heir, caller.cls, caller.function) for heir in heirs)


def _own_call(world: World, target: Target, caller: Caller, cls: ClassEntity) -> Standing:
    related = _symbols(world, target.cls)
    if cls.symbol not in related:
        above = _symbols(world, cls)
        if not (target.is_patch and target.cls.symbol in above):
            return Standing.UNRELATED
    elif _is_patched_below(world, target.cls, cls, caller.function):
        is_wrapped = caller.function and caller.function.name in _taken_names(world)
        return Standing.LATENT if is_wrapped else Standing.UNRELATED
    elif not target.is_patch:
        if not runs(world, target.cls, cls, caller.function):
            return Standing.LATENT
        if _stands_for(world, target.cls, cls):
            return Standing.SURE
    return Standing.LATENT if is_replaced(world, caller) else Standing.SURE


def _is_patched_below(
    world: World, cls: ClassEntity, owner: ClassEntity, function: Function | None
) -> bool:
    """Tell whether a class below the owner has something of the plugin in the function's place.

    What is patched onto the owner itself may go on to call the function.
    """
    if function is None:
        return False
    for item in world.mro(cls).classes:
        if item.symbol == owner.symbol:
            return False
        if world.is_patched(f"{item.symbol}.{function.name}"):
            return True
    return False


@lru_cache(maxsize=2)
def _taken_names(world: World) -> frozenset[str]:
    """Name the attributes that the plugin takes from elsewhere than from its own objects."""
    return frozenset(
        name
        for code in world.plugin.files.values()
        for access in code.uses.accesses
        for before, _, name in [access.chain.rpartition(".")]
        if before not in ("", "self", "super()")
    )


def _stands_for(world: World, cls: ClassEntity, owner: ClassEntity) -> bool:
    """Tell whether it is the class itself that the plugin has put in the place of the owner."""
    return any(item in world.mro(cls).classes for item in world.replacements(owner))


def runs(world: World, cls: ClassEntity, owner: ClassEntity, function: Function | None) -> bool:
    """Tell whether objects of `cls` still run the function of `owner` under its name."""
    if function is None:
        return True
    for item in world.mro(cls).classes:
        if item.symbol == owner.symbol:
            return True
        member = world.own_member(item, function.name)
        entity = member.entity if isinstance(member, Member) else None
        if isinstance(entity, FunctionEntity) and function.name not in entity.facts.supers:
            return False
    return True


def _may_be(world: World, target: Target, cls: ClassEntity) -> bool:
    if cls.symbol in _symbols(world, target.cls):
        return True
    return target.is_patch and target.cls.symbol in _symbols(world, cls)


def _symbols(world: World, cls: ClassEntity) -> frozenset[str]:
    return frozenset(item.symbol for item in world.mro(cls).classes)


def _by_names(world: World, target: Target, call: LocatedCall, host: Signature) -> Standing:
    found = _LAST_NAME.search(call.site.receiver)
    names = [item.facts.name for item in world.mro(target.cls).classes]
    if found and any(_named_alike(_one_of(*found.groups()), name) for name in names):
        return Standing.LIKELY
    known = {item.name for item in host.parameters}
    if len(known.intersection(call.site.keywords)) >= _SHARED_KEYWORDS:
        return Standing.LIKELY
    return Standing.OPEN


def _one_of(name: str, rest: str) -> str:
    """Name one item of what is taken apart: a logger of ``loggers[]``."""
    return name.removesuffix("s") if rest.startswith(("[]", "~")) else name


def _named_alike(receiver: str, name: str) -> bool:
    words = _CAMEL_WORD.findall(name.rpartition(".")[2])
    whole, last = _plain("".join(words)), _plain(words[-1]) if words else ""
    plain = _plain(receiver.replace("_", ""))
    if len(plain) < _SHORTEST:
        return False
    return whole.endswith(plain) or (len(last) >= _SHORTEST and plain.endswith(last))


def _plain(name: str) -> str:
    name = name.lower()
    for long, short in _SHORTENED:
        name = name.replace(long, short)
    return name


def _excess(expected: Bound, got: Bound, own: Signature) -> list[str]:
    if not got.excess:
        return []
    known = {item.name for item in own.parameters}
    names = [name for name in expected.positions if name not in known and name[:1] != "*"]
    return names or list(expected.positions[-got.excess :]) or ["*"]


def _drifted(expected: Bound, got: Bound, host: Signature, own: Signature) -> list[str]:
    """Name the parameters whose value would arrive under another name that means something else."""
    of_host = {item.name.strip("_") for item in host.parameters}
    of_own = {item.name.strip("_") for item in own.parameters}
    drifted = []
    for theirs, ours in zip(expected.positions, got.positions, strict=False):
        one, other = theirs.strip("_"), ours.strip("_")
        if one == other or "*" in (theirs[:1], ours[:1]) or ours in own.unread:
            continue
        if one in of_own or other in of_host:
            drifted.append(theirs)
    # What was put in before others is the cause, not those that moved.
    return [name for name in drifted if name.strip("_") not in of_own] or drifted


def _of(signature: Signature, *kinds: ParameterKind, is_required: bool = False) -> tuple[str, ...]:
    return tuple(
        item.name
        for item in signature.parameters
        if item.kind in kinds and (item.is_required or not is_required)
    )
