"""Abstract members of vLLM's classes that a plugin's class leaves open."""

from collections.abc import Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity, Member, Side
from hwcheck.analyse.instantiated import handed_over, made_by_plugin
from hwcheck.analyse.overrides import Derived, derived
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.in_refused import refused_members
from hwcheck.analyse.rules.place import Mismatch, Spot, found
from hwcheck.analyse.world import World
from hwcheck.model.facts import Form
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES", "unseen_bases"]

#: Bases of neither side that fill no abstract member of vLLM.
_HARMLESS = frozenset(
    {"ABC", "Enum", "Exception", "Generic", "Module", "Protocol", "Thread", "object"}
)


def _all_open(comparison: Comparison) -> Iterator[Finding]:
    yield from _open_members(comparison)
    yield from refused_members(comparison)


def _open_members(comparison: Comparison) -> Iterator[Finding]:
    world = comparison.new
    for one in derived(world):
        way = _made(world, one.cls)
        if way is None or not _is_checked(world, one.cls) or unseen_bases(world, one.cls):
            continue
        for member in _unfilled(world, one.cls):
            yield from _finding(comparison, one, member, way)


def _finding(
    comparison: Comparison, one: Derived, member: FunctionEntity, way: str
) -> Iterator[Finding]:
    world, name = comparison.new, member.facts.name
    line = one.code.module.line_of(one.cls.facts.name)
    mismatch = Mismatch(
        rule="HW305",
        symbol=member.symbol,
        plugin_side=f"class {one.cls.facts.name} does not define {name!r}; {way}",
        host_side=f"{member.symbol}{world.signature_text(member)} is abstract",
        detail=name,
        where=world.host_line(member),
        severity=_severity(world, one.cls, member),
        fix=f"define {name}{world.signature_text(member)} in {one.cls.facts.name}",
    )
    yield from found(comparison, Spot(one.code, line, one.scope), mismatch)


def _severity(world: World, cls: ClassEntity, member: FunctionEntity) -> Severity:
    """Tell how sure it is that an object is made: some classes are only asked as classes."""
    if member.facts.form is Form.METHOD or cls.symbol in made_by_plugin(world):
        return Severity.ERROR
    return Severity.WARNING


def _made(world: World, cls: ClassEntity) -> str | None:
    """Tell in which way objects of a class come to be; none of the class itself, maybe."""
    way = handed_over(world).get(cls.symbol)
    if way is not None:
        return way
    return "the plugin makes objects of it" if cls.symbol in made_by_plugin(world) else None


def _is_checked(world: World, cls: ClassEntity) -> bool:
    """Tell whether Python refuses objects with open members: only under the metaclass of ABC."""
    for item in world.mro(cls).classes:
        names = [base.rpartition(".")[2] for base in item.facts.bases]
        meta = item.facts.metaclass.rpartition(".")[2]
        if {"ABC", "Protocol"} & set(names) or meta in ("ABCMeta", "ABC", "type(Protocol)"):
            return True
    return False


def unseen_bases(world: World, cls: ClassEntity) -> frozenset[str]:
    """Name the bases that cannot be seen into and may bring members."""
    classes = world.mro(cls).classes
    seen = {item.facts.name.rpartition(".")[2] for item in classes} | _HARMLESS
    return frozenset(
        base
        for item in classes
        if item.side is Side.PLUGIN
        for base in item.facts.bases
        if base.rpartition(".")[2] not in seen
    )


def _unfilled(world: World, cls: ClassEntity) -> Iterator[FunctionEntity]:
    classes = world.mro(cls).classes
    names = {
        function.name
        for item in classes
        if item.side is Side.HOST
        for function in item.facts.functions
        if function.is_abstract
    }
    for name in sorted(names):
        member = _first(world, classes, name)
        entity = member.entity if member else None
        if (
            isinstance(entity, FunctionEntity)
            and entity.facts.is_abstract
            and entity.side is Side.HOST
            and not world.is_stored(name)
        ):
            yield entity


def _first(world: World, classes: tuple[ClassEntity, ...], name: str) -> Member | None:
    for item in classes:
        in_body = any(one.name == name for one in item.facts.functions) or any(
            one.name == name and not one.method and one.has_default for one in item.facts.attributes
        )
        member = world.own_member(item, name) if in_body else None
        if member is not None:
            return member
    return None


RULES = (
    Rule(
        id="HW305",
        title="An abstract member of vLLM's class is not filled",
        severity=Severity.ERROR,
        explanation=(
            "vLLM's base class declares a member abstract, no class of the plugin defines it, "
            "and objects of the plugin's class are made. Python refuses to make such an object "
            "with a TypeError. Classes that only serve as bases are not reported; "
            "an open static method or property is a warning where vLLM may only ask the class."
        ),
        remedy="Define the member with the parameters that vLLM's class declares.",
        bad=(
            "class XBackend(AttentionBackend):  # get_kv_cache_shape is abstract\n"
            "    @staticmethod\n"
            "    def get_name(): return 'X'\n"
        ),
        good=(
            "class XBackend(AttentionBackend):\n"
            "    @staticmethod\n"
            "    def get_name(): return 'X'\n"
            "    @staticmethod\n"
            "    def get_kv_cache_shape(blocks, size, heads, head_size): ...\n"
        ),
        find=_all_open,
    ),
)
