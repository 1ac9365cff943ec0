"""What stands under a name of vLLM became another kind of thing: HW107."""

from collections.abc import Iterable, Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Instance,
    Member,
    Side,
    Step,
)
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.chains import (
    UsedChain,
    base_chains,
    class_behind,
    lost_steps,
    member_of,
    step_before,
    used_calls,
    used_chains,
)
from hwcheck.analyse.rules.inheritance import is_overridden, same_class
from hwcheck.analyse.rules.out_containers import changed_containers
from hwcheck.analyse.rules.out_init_only import init_only_reads
from hwcheck.analyse.rules.out_iterated import iterated_objects
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.rules.wording import describe, last_name
from hwcheck.analyse.world import World
from hwcheck.extract.split import root_of, split_chain
from hwcheck.model.facts import Form
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.use import Code

__all__ = ["RULES", "Members", "kinds_on_the_way", "lost_kinds"]

_CLASS_TESTS = frozenset({"isinstance", "issubclass"})


def find_changed_kinds(comparison: Comparison) -> Iterable[Finding]:
    """Find uses of what is another kind of thing on the new host (HW107)."""
    if comparison.old is None:
        return ()
    return merged(_changed_kinds(comparison, comparison.old))


def _changed_kinds(comparison: Comparison, old: World) -> Iterator[Finding]:
    for used, step in lost_steps(comparison):
        yield from lost_kinds(comparison, old, used, step)
    for used in base_chains(comparison):
        yield from _class_needed(comparison, old, used, f"inherits from {used.chain}")
    members = Members(comparison.new, old)
    for code in comparison.plugin.files.values():
        for used in _tested_classes(code):
            verb = f"tests for objects of {used.chain}"
            yield from _class_needed(comparison, old, used, verb)
        for used in used_chains(comparison, code):
            yield from kinds_on_the_way(comparison, old, members, used)
        yield from _unawaited(comparison, old, code)
        yield from iterated_objects(comparison, old, code)


def lost_kinds(
    comparison: Comparison, old: World, used: UsedChain, step: Step
) -> Iterator[Finding]:
    """Report a chain that ends at what was of another kind."""
    yield from _lost_class(comparison, old, used, step)
    yield from _lost_value(comparison, old, used, step)


def kinds_on_the_way(
    comparison: Comparison, old: World, members: "Members", used: UsedChain
) -> Iterator[Finding]:
    """Report the steps of a chain that lead to another kind of thing than before."""
    for step in comparison.new.walk(used.code, used.scope, used.chain, used.lines[0])[1:]:
        yield from _changed_member(comparison, old, members, used, step)
        yield from _own_value(comparison, old, used, step)
        yield from init_only_reads(comparison, old, used, step)
        yield from changed_containers(comparison, old, used, step)


# A class that is a function now


def _lost_class(
    comparison: Comparison, old: World, used: UsedChain, step: Step
) -> Iterator[Finding]:
    """Report attributes taken from what was a class and is a function."""
    before = step_before(old, used, step.prefix)
    if (
        isinstance(step.container, FunctionEntity)
        and not step.prefix.endswith(("()", "[]", "~"))
        and before is not None
        and isinstance(before.container, ClassEntity)
    ):
        verb = f"takes {last_name(step.prefix)} from {last_name(before.container.symbol)}"
        yield from _report(comparison, used, (before.container, step.container), verb, used.lines)


def _tested_classes(code: Code) -> Iterator[UsedChain]:
    """Collect the classes that ``isinstance`` and ``issubclass`` are given."""
    for call in code.uses.calls:
        if call.callee in _CLASS_TESTS:
            for argument in call.arguments[1:]:
                yield UsedChain(
                    code, argument.chain, (call.line,), call.scope, call.guard, is_tested=False
                )
    for index, scope in enumerate(code.uses.scopes):
        for local in scope.locals:
            if local.how == "narrow" and local.annotation.replace(".", "").isidentifier():
                yield UsedChain(
                    code, local.annotation, (local.line,), index, local.guard, is_tested=False
                )


def _class_needed(
    comparison: Comparison, old: World, used: UsedChain, verb: str
) -> Iterator[Finding]:
    """Report bases and ``isinstance`` tests with what was a class and is a function."""
    now = comparison.new.infer(used.code, used.scope, used.chain, used.lines[0])
    if isinstance(now, FunctionEntity):
        before = old.infer(used.code, used.scope, used.chain, used.lines[0])
        if isinstance(before, ClassEntity):
            yield from _report(comparison, used, (before, now), verb, used.lines)


def _report(
    comparison: Comparison,
    used: UsedChain,
    pair: tuple[ClassEntity, FunctionEntity],
    verb: str,
    lines: tuple[int, ...],
) -> Iterator[Finding]:
    before, now = pair
    if now.side is not Side.HOST or comparison.old is None:
        return
    mismatch = Mismatch(
        rule="HW107",
        symbol=now.symbol,
        detail=verb,
        plugin_side=verb,
        host_side=describe(comparison.new, now),
        before=describe(comparison.old, before),
        where=comparison.new.host_line(now),
    )
    for line in lines:
        yield from found(comparison, Spot(used.code, line, used.scope, used.guard), mismatch)


# An attribute that holds another type of value now


def _lost_value(
    comparison: Comparison, old: World, used: UsedChain, step: Step
) -> Iterator[Finding]:
    """Report what is taken from a value that came from a host class and is foreign now."""
    chain, _, name = step.prefix.rpartition(".")
    before = step_before(old, used, chain)
    if before is None or not name.isidentifier() or not isinstance(before.entity, Instance):
        return
    member = member_of(old, before.entity, name)
    holder = _step(comparison.new, used, chain)
    now = member_of(comparison.new, holder.container, last_name(chain)) if holder else None
    foreign = _foreign_value(comparison.new, now, last_name(chain)) if now else None
    if member is None or member.owner.side is not Side.HOST or foreign is None:
        return
    owner, source = foreign
    mismatch = Mismatch(
        rule="HW107",
        severity=Severity.WARNING,
        symbol=f"{owner.symbol}.{last_name(chain)}",
        detail=name,
        plugin_side=f"uses {step.prefix}",
        host_side=f"{chain} is made by {source}",
        before=describe(old, before.entity),
        where=comparison.new.host_line(owner),
    )
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


def _step(world: World, used: UsedChain, prefix: str) -> Step | None:
    steps = world.walk(used.code, used.scope, used.chain, used.lines[0])
    return next((step for step in steps if step.prefix == prefix), None)


def _foreign_value(world: World, member: Member, name: str) -> tuple[ClassEntity, str] | None:
    """Tell whose attribute a member is, and what foreign thing makes its value."""
    if member.owner.side is not Side.HOST:
        return None
    attributes = [item for item in member.owner.facts.attributes if item.name == name]
    if any(item.annotation for item in attributes):
        return None
    made = [
        (item.value, world.value_in(member.owner.module, root_of(item.value)))
        for item in attributes
        if item.value != "None()"
    ]
    if not made or not all(isinstance(entity, External) for _, entity in made):
        return None
    return member.owner, made[0][0]


def _own_value(
    comparison: Comparison, old: World, used: UsedChain, step: Step
) -> Iterator[Finding]:
    """Report members of what the plugin keeps in an attribute that the host now fills otherwise.

    The plugin may do so on some ways only, and what it inherits takes the attribute for what the
    host makes of it.
    """
    rest = used.chain[len(step.prefix) :]
    cls = step.container.of if isinstance(step.container, Instance) else None
    if cls is None or cls.side is not Side.PLUGIN or not isinstance(step.entity, Instance):
        return
    name, world = last_name(step.prefix), comparison.new
    now = world.bases_member(cls, name, instance=True) if rest.startswith(".") else None
    foreign = _foreign_value(world, now, name) if isinstance(now, Member) else None
    upper = same_class(old, cls) if foreign else None
    before = old.bases_member(upper, name, instance=True) if upper else None
    if foreign is None or not isinstance(before, Member) or not isinstance(before.entity, Instance):
        return
    if before.entity.of.symbol != step.entity.of.symbol or not _is_read(world, cls, name):
        return
    owner, source = foreign
    member = split_chain(rest)[0].removeprefix(".")
    mismatch = Mismatch(
        rule="HW107",
        severity=Severity.WARNING,
        symbol=f"{owner.symbol}.{name}",
        detail=member,
        plugin_side=f"uses {step.prefix}.{member} of what {cls.facts.name} sets itself",
        host_side=f"vLLM sets it to what {source} gives, and inherited methods read it",
        before=describe(old, before.entity),
        where=world.host_line(owner),
    )
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


def _is_read(world: World, cls: ClassEntity, name: str) -> bool:
    """Whether a method of the host that the class does not override reads an attribute."""
    return any(
        name in function.reads and world.own_member(cls, function.name) is None
        for item in world.mro(cls).classes
        if item.side is Side.HOST
        for function in item.facts.functions
        if function.name != "__init__"
    )


# Methods, properties, attributes


class Members:
    """The host's members that are methods on one host and none on the other, remembered."""

    def __init__(self, new: World, old: World) -> None:
        self._new, self._old = new, old
        self._known: dict[tuple[str, str, bool], tuple[Member, Member] | None] = {}

    def changed(self, container: Entity, name: str) -> tuple[Member, Member] | None:
        """Give the member of before and of now where just one of them is a method."""
        cls = class_behind(container)
        if cls is None:
            return None
        key = (cls.symbol, name, isinstance(container, ClassEntity))
        if key not in self._known:
            self._known[key] = self._compare(cls, container, name)
        return self._known[key]

    def _compare(
        self, cls: ClassEntity, container: Entity, name: str
    ) -> tuple[Member, Member] | None:
        now = member_of(self._new, container, name)
        before_cls = same_class(self._old, cls) if now and now.owner.side is Side.HOST else None
        if now is None or before_cls is None:
            return None
        is_class = isinstance(container, ClassEntity)
        before = member_of(self._old, before_cls if is_class else Instance(before_cls), name)
        if before is None or _is_method(before.entity) == _is_method(now.entity):
            return None
        return before, now


def _is_method(entity: Entity) -> bool:
    return isinstance(entity, FunctionEntity) and entity.facts.form is not Form.PROPERTY


def _is_plain(entity: Entity) -> bool:
    """Whether it surely is a value that cannot be called as a method could."""
    return isinstance(entity, FunctionEntity | Instance)


def _changed_member(
    comparison: Comparison, old: World, members: Members, used: UsedChain, step: Step
) -> Iterator[Finding]:
    if not step.prefix.rpartition(".")[2].isidentifier():
        return
    pair = members.changed(step.container, last_name(step.prefix))
    if pair is None:
        return
    before, now = pair
    rest = used.chain[len(step.prefix) :]
    is_called = rest.startswith("()")
    is_method = _is_method(now.entity)
    if is_method == is_called or not _is_plain(before.entity) or not _is_plain(now.entity):
        return
    mismatch = Mismatch(
        rule="HW107",
        symbol=f"{now.owner.symbol}.{last_name(step.prefix)}",
        plugin_side=f"{'calls' if is_called else 'reads'} {step.prefix}",
        host_side=describe(comparison.new, now.entity),
        before=describe(old, before.entity),
        where=comparison.new.host_line(now.entity) or comparison.new.host_line(now.owner),
        fix=f"{step.prefix}()" if is_method else step.prefix,
    )
    for spot in used.spots():
        yield from found(comparison, spot, mismatch)


# Functions that must be awaited now


def _unawaited(comparison: Comparison, old: World, code: Code) -> Iterator[Finding]:
    for call in used_calls(comparison, code):
        now = comparison.new.infer(code, call.scope, call.callee, call.line)
        if (
            call.is_awaited
            or not isinstance(now, FunctionEntity)
            or now.side is not Side.HOST
            or not now.facts.is_async
            or is_overridden(comparison.new, now)
        ):
            continue
        before = old.infer(code, call.scope, call.callee, call.line)
        if isinstance(before, FunctionEntity) and not before.facts.is_async:
            mismatch = Mismatch(
                rule="HW107",
                severity=Severity.WARNING,
                symbol=now.symbol,
                detail="await",
                plugin_side=f"calls {call.callee} without awaiting it",
                host_side=describe(comparison.new, now),
                before=describe(old, before),
                where=comparison.new.host_line(now),
            )
            spot = Spot(code, call.line, call.scope, call.guard)
            yield from found(comparison, spot, mismatch)


RULES = (
    Rule(
        id="HW107",
        title="something of vLLM became another kind of thing",
        severity=Severity.ERROR,
        explanation=(
            "The name is still there, but what stands under it is of another kind: a class became "
            "a function, so that it cannot be inherited from, tested for or asked for attributes; "
            "a method became a property or the reverse, so that reading it gives a method or "
            "calling it calls its value; a function became a coroutine; a field became an argument "
            "that is not kept; or an attribute holds a value of another type than the one whose "
            "members the plugin uses."
        ),
        remedy="Use it as what it is now; to support both releases, look before use.",
        bad="if isinstance(layer, FusedLayer): ...  # FusedLayer is a function now",
        good="if isinstance(layer, FusedLayerRunner): ...",
        find=find_changed_kinds,
        needs_old=True,
    ),
)
