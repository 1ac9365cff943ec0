"""State that vLLM's inherited methods read and that a plugin's constructor never sets."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Side
from hwcheck.analyse.overrides import derived
from hwcheck.analyse.patches import Patch, patches
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.in_abstract import unseen_bases
from hwcheck.analyse.rules.place import Mismatch, Spot, found
from hwcheck.analyse.world import World
from hwcheck.model.facts import Function
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.use import Code

__all__ = ["RULES"]

_CONSTRUCTOR = "__init__"


class _Subject(NamedTuple):
    """A class whose constructor of the host is not run."""

    code: Code
    cls: ClassEntity
    line: int
    scope: int
    name: str
    sets: frozenset[str]


class _Read(NamedTuple):
    """An attribute that a method of the host reads and nothing sets."""

    name: str
    method: FunctionEntity


def _unset_state(comparison: Comparison) -> Iterator[Finding]:
    old = comparison.old
    if old is None:
        return
    before = {subject.cls.symbol: subject for subject in _subjects(old)}
    for subject in _subjects(comparison.new):
        other = before.get(subject.cls.symbol)
        if other is None:
            continue
        known = {read.name for read in _reads(old, other)}
        for read in _reads(comparison.new, subject):
            if read.name not in known and not _was_there(old, other.cls, read):
                yield from _finding(comparison, subject, read)


def _finding(comparison: Comparison, subject: _Subject, read: _Read) -> Iterator[Finding]:
    owner = read.method.owner
    around = f"{owner.symbol}." if owner else ""
    mismatch = Mismatch(
        rule="HW309",
        symbol=f"{around}{read.name}",
        plugin_side=f"{subject.name} does not run vLLM's and does not set {read.name!r}",
        host_side=f"{read.method.symbol} reads self.{read.name}, which vLLM's constructor sets",
        before=f"{read.method.symbol} did not read it",
        detail=read.name,
        where=comparison.new.host_line(read.method),
        fix=f"set self.{read.name} in {subject.name}",
        severity=Severity.WARNING if _is_run(comparison, subject, read) else Severity.NOTE,
    )
    yield from found(comparison, Spot(subject.code, subject.line, subject.scope), mismatch)


def _is_run(comparison: Comparison, subject: _Subject, read: _Read) -> bool:
    """Tell whether something is left that runs the method: the class's own calls may be overridden.

    A private method of which all callers are methods that the plugin defines anew is not run.
    """
    world, name = comparison.new, read.method.facts.name
    if not name.startswith("_"):
        return True
    classes = world.mro(subject.cls).classes
    own = {
        function.name
        for item in classes
        if item.side is Side.PLUGIN
        for function in item.facts.functions
        if function.name not in function.supers
    }
    called = any(
        call.callee.rpartition(".")[2] == name
        for code in comparison.plugin.files.values()
        for call in code.uses.calls
    )
    callers = {
        call.site.scope.rpartition(".")[2]
        for call in world.host.calls_of({name})[name]
        if any(call.module == item.module.name for item in classes)
    }
    return called or not callers or bool(callers - own)


def _subjects(world: World) -> Iterator[_Subject]:
    for one in derived(world):
        own = [item for item in world.mro(one.cls).classes if item.side is Side.PLUGIN]
        scopes = {scope.name: index for index, scope in enumerate(one.code.uses.scopes)}
        constructor = _function(one.cls, _CONSTRUCTOR)
        if constructor is None or _runs_host(world, own) or unseen_bases(world, one.cls):
            continue
        name = f"{one.cls.facts.name}.{_CONSTRUCTOR}"
        sets = frozenset(item for cls in own for item in _set_by(cls))
        line = one.code.module.line_of(name)
        yield _Subject(one.code, one.cls, line, scopes.get(name, 0), name, sets)
    for patch in patches(world):
        subject = _patched(patch)
        if subject is not None:
            yield subject


def _patched(patch: Patch) -> _Subject | None:
    """Take a host class of which the plugin replaces the constructor."""
    function = patch.replacement
    if (
        patch.name != _CONSTRUCTOR
        or not isinstance(patch.container, ClassEntity)
        or not isinstance(function, FunctionEntity)
        or function.side is not Side.PLUGIN
        or function.owner is not None
    ):
        return None
    parameters = function.facts.parameters
    receiver = parameters[0].name if parameters else ""
    scopes = {
        index
        for index, scope in enumerate(patch.code.uses.scopes)
        if scope.name.split(".")[0] == function.facts.name
    }
    if function.module.name != patch.code.module.name or not receiver or not scopes:
        return None
    prefix = f"{receiver}."
    stores = patch.code.uses.stores
    sets = {
        store.target.removeprefix(prefix)
        for store in stores
        if store.scope in scopes and store.target.startswith(prefix)
    }
    if not sets or _calls_original(patch, scopes):
        return None
    return _Subject(
        patch.code, patch.container, patch.line, patch.scope, function.facts.name, frozenset(sets)
    )


def _calls_original(patch: Patch, scopes: set[int]) -> bool:
    return any(
        call.scope in scopes
        and ("init" in call.callee.rpartition(".")[2] or "orig" in call.callee.lower())
        for call in patch.code.uses.calls
    )


def _runs_host(world: World, own: list[ClassEntity]) -> bool:
    """Tell whether the constructors of the plugin's classes lead to one of the host."""
    for cls in own:
        constructor = _function(cls, _CONSTRUCTOR)
        if constructor is not None and not _calls_base(world, cls, constructor):
            return False
    return True


def _calls_base(world: World, cls: ClassEntity, constructor: Function) -> bool:
    if _CONSTRUCTOR not in constructor.supers:
        return False
    code = world.plugin.files.get(cls.module.name)
    name = f"{cls.facts.name}.{_CONSTRUCTOR}"
    if code is None:
        return True
    ends = [
        (call, index)
        for call in code.uses.calls
        for index in (call.scope,)
        if call.callee.endswith(f".{_CONSTRUCTOR}") and code.uses.scopes[index].name == name
    ]
    named = [
        world.infer(code, index, call.callee.removesuffix(f".{_CONSTRUCTOR}"), call.line)
        for call, index in ends
        if not call.callee.startswith("super()")
    ]
    if len(named) < len(ends) or (not ends and _names_base(world, cls, code, name)):
        return True
    # ``nn.Module.__init__(self)`` runs nothing of the host.
    return any(isinstance(entity, ClassEntity) for entity in named)


def _names_base(world: World, cls: ClassEntity, code: Code, scope: str) -> bool:
    """Tell whether a base is named that has others behind it, as in ``super(Base, self)``."""
    skipped = world.mro(cls).classes[:-1]
    return any(
        world.infer(code, access.scope, access.chain, access.lines[0]) in skipped
        for access in code.uses.accesses
        if code.uses.scopes[access.scope].name == scope
    )


def _reads(world: World, subject: _Subject) -> Iterator[_Read]:
    classes = world.mro(subject.cls).classes
    settable = {name for item in classes if item.side is Side.HOST for name in _constructed(item)}
    there = {name for item in classes for name in _always(item)} | set(subject.sets)
    own = {
        function.name
        for item in classes
        if item.side is Side.PLUGIN
        for function in item.facts.functions
    }
    seen: set[str] = set()
    replaced = _replaced(world)
    for item in classes:
        if item.side is not Side.HOST:
            continue
        for function in item.facts.functions:
            if function.name in own or function.name == _CONSTRUCTOR:
                continue
            own.add(function.name)
            if (item.symbol, function.name) in replaced:
                continue
            for name in function.reads:
                if name in settable and name not in there and name not in seen:
                    if name in function.sets or world.is_stored(name):
                        continue
                    seen.add(name)
                    yield _Read(name, FunctionEntity(item.module, function, Side.HOST, item))


@lru_cache(maxsize=2)
def _replaced(world: World) -> frozenset[tuple[str, str]]:
    """Name the methods of host classes that a function of the plugin stands in for."""
    return frozenset(
        (patch.container.symbol, patch.name)
        for patch in patches(world)
        if isinstance(patch.container, ClassEntity)
        and isinstance(patch.replacement, FunctionEntity)
        and patch.replacement.side is Side.PLUGIN
        and not _keeps_original(world, patch)
    )


def _keeps_original(world: World, patch: Patch) -> bool:
    """Tell whether the plugin takes the method from its class, to call it from its own."""
    return any(
        world.infer(patch.code, access.scope, chain, access.lines[0]) == patch.container
        for access in patch.code.uses.accesses
        for chain, _, name in [access.chain.removesuffix("()").rpartition(".")]
        if name == patch.name
    )


def _was_there(old: World, cls: ClassEntity, read: _Read) -> bool:
    """Tell whether the method read the same attribute on the old host already."""
    for item in old.mro(cls).classes:
        for function in item.facts.functions:
            if item.side is Side.HOST and function.name == read.method.facts.name:
                return read.name in function.reads
    return False


def _constructed(cls: ClassEntity) -> Iterator[str]:
    """Name what a class of the host sets in its constructor and nowhere else."""
    elsewhere = {
        name
        for function in cls.facts.functions
        if function.name != _CONSTRUCTOR
        for name in function.sets
    }
    constructor = _function(cls, _CONSTRUCTOR)
    for name in constructor.sets if constructor else ():
        if name not in elsewhere:
            yield name


def _always(cls: ClassEntity) -> Iterator[str]:
    for function in cls.facts.functions:
        yield function.name
    for attribute in cls.facts.attributes:
        if not attribute.method and (attribute.has_default or attribute.value):
            yield attribute.name


def _set_by(cls: ClassEntity) -> Iterator[str]:
    for function in cls.facts.functions:
        yield from function.sets
    for attribute in cls.facts.attributes:
        yield attribute.name


def _function(cls: ClassEntity, name: str) -> Function | None:
    return next((item for item in cls.facts.functions if item.name == name), None)


RULES = (
    Rule(
        id="HW309",
        title="An inherited method reads state that the plugin's constructor never sets",
        severity=Severity.WARNING,
        explanation=(
            "The plugin's constructor does not run vLLM's. A method that the class inherits "
            "from vLLM now reads an attribute that only vLLM's constructor sets, so that it "
            "ends with an AttributeError when it is called."
        ),
        remedy="Run super().__init__(), or set the attribute as vLLM's constructor does.",
        bad=(
            "class XBatch(InputBatch):\n"
            "    def __init__(self, size):\n"
            "        self.size = size  # InputBatch.reset() now reads self.order\n"
        ),
        good=(
            "class XBatch(InputBatch):\n"
            "    def __init__(self, size):\n"
            "        self.size = size\n"
            "        self.order = []\n"
        ),
        find=_unset_state,
        needs_old=True,
    ),
)
