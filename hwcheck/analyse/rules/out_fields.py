"""Dataclasses of a plugin whose inherited fields break their order: HW208."""

from collections.abc import Iterable, Iterator

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Side
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.world import World
from hwcheck.model.facts import Attribute, Class
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.use import Code

__all__ = ["RULES"]


def find_broken_orders(comparison: Comparison) -> Iterable[Finding]:
    """Find dataclasses with a field without default after inherited ones with (HW208)."""
    return merged(
        finding
        for code in comparison.plugin.files.values()
        for facts in code.module.classes
        for finding in _broken_order(comparison, code, facts)
    )


def _broken_order(comparison: Comparison, code: Code, facts: Class) -> Iterator[Finding]:
    world = comparison.new
    cls = world.class_of(code, facts.name) if _is_dataclass(facts) else None
    if cls is None or world.holds_in(code.module, facts.guard) is False:
        return
    culprit = _culprit(world, cls)
    if culprit is None:
        return
    field, defaulted, owner = culprit
    line = code.module.line_of(facts.name)
    yield from found(
        comparison,
        Spot(code, line, _scope_of(code, facts.name)),
        Mismatch(
            rule="HW208",
            symbol=f"{owner.symbol}.{defaulted}",
            detail=field,
            plugin_side=f"dataclass {facts.name} has field {field} without a default",
            host_side=f"inherited field {defaulted} of {owner.symbol} has one",
            where=world.host_line(owner),
            fix=f"give {field} a default, or make the dataclass kw_only",
        ),
    )


def _culprit(world: World, cls: ClassEntity) -> tuple[str, str, ClassEntity] | None:
    """Find the field that lacks a default, the host's field before it, and whose that is."""
    fields: dict[str, tuple[Attribute, ClassEntity]] = {}
    mro = world.mro(cls)
    for owner in reversed(mro.classes):
        if _is_dataclass(owner.facts):
            fields.update((item.name, (item, owner)) for item in _fields(world, owner))
    defaulted: tuple[str, ClassEntity] | None = None
    for name, (item, owner) in fields.items():
        if item.is_keyword:
            continue
        if item.has_default:
            defaulted = defaulted or (name, owner)
        elif defaulted is not None:
            is_ours = defaulted[1].side is Side.HOST and owner.side is Side.PLUGIN
            return (name, *defaulted) if is_ours else None
    return None


def _fields(world: World, owner: ClassEntity) -> Iterator[Attribute]:
    is_keyword = "kw_only" in owner.facts.options
    for item in owner.facts.attributes:
        is_field = not item.method and item.annotation and item.is_argument and not is_keyword
        if is_field and world.holds_in(owner.module, item.guard) is not False:
            yield item


def _is_dataclass(facts: Class) -> bool:
    return any(item.split("(")[0].rpartition(".")[2] == "dataclass" for item in facts.decorators)


def _scope_of(code: Code, name: str) -> int:
    scopes = enumerate(code.uses.scopes)
    return next((index for index, scope in scopes if scope.name == name), 0)


RULES = (
    Rule(
        id="HW208",
        title="a dataclass has a field without a default after inherited ones with a default",
        severity=Severity.ERROR,
        explanation=(
            "The plugin's dataclass inherits from one of vLLM in which a field has a default, and "
            "adds a field without one. The class statement raises TypeError, so that the module "
            "cannot be imported. It breaks when vLLM adds the first field with a default, or "
            "gives an existing one a default."
        ),
        remedy="Give the field a default, or write `@dataclass(kw_only=True)`.",
        bad="@dataclass\nclass Mine(Metadata):  # has block_size: int = 16\n    table: object",
        good="@dataclass\nclass Mine(Metadata):\n    table: object = None",
        find=find_broken_orders,
    ),
)
