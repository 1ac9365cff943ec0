"""Overrides of methods that vLLM's class no longer has."""

from collections.abc import Iterator
from functools import lru_cache

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, FunctionEntity
from hwcheck.analyse.evidence import Evidence, Standing, Target, bound_signature, standing
from hwcheck.analyse.overrides import Override, derived, overrides
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.confirmed import spot_of
from hwcheck.analyse.rules.moved import fix_for_member
from hwcheck.analyse.rules.place import Mismatch, found
from hwcheck.analyse.rules.wording import describe, version
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.model.facts import Form
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]


def _stale_overrides(comparison: Comparison) -> Iterator[Finding]:
    old = comparison.old
    if old is None:
        return
    now = {item.key for item in overrides(comparison.new)}
    classes = {one.cls.symbol: one for one in derived(comparison.new)}
    called_by_plugin = _called_by_plugin(comparison.plugin)
    for override in overrides(old):
        one = classes.get(override.cls.symbol)
        if override.key in now or one is None or override.name.startswith("__"):
            continue
        heir = _same_named(one.bases, override.host.owner)
        if heir is None or override.name in called_by_plugin:
            continue
        item = _first_call(old, override)
        if item is not None and _first_call(comparison.new, override) is None:
            yield from _finding(comparison, override, heir, item)


def _finding(
    comparison: Comparison, override: Override, heir: ClassEntity, item: Evidence
) -> Iterator[Finding]:
    new, old = comparison.new, comparison.old
    renamed = fix_for_member(override.host.owner, heir, override.name)
    fix = f"define {renamed!r} instead of {override.name!r}" if renamed else None
    mismatch = Mismatch(
        rule="HW301",
        symbol=override.symbol,
        plugin_side=f"{override.cls.facts.name}.{override.name} overrides nothing",
        host_side=f"{heir.symbol} has no {override.name!r}, and {version(new)} does not call it",
        before=describe(old, override.host.entity) + f", called in {item.call.path}"
        if old
        else None,
        where=new.host_line(heir),
        fix=fix,
        severity=Severity.ERROR if renamed and _is_called(new, renamed) else Severity.WARNING,
    )
    yield from found(comparison, spot_of(override), mismatch)


def _is_called(world: World, name: str) -> bool:
    return bool(world.host.calls_of({name})[name])


def _same_named(bases: tuple[ClassEntity, ...], owner: ClassEntity) -> ClassEntity | None:
    """Find the class of the new host that took an old one's place, moved or not."""
    return next((item for item in bases if item.facts.name == owner.facts.name), None)


def _first_call(world: World, override: Override) -> Evidence | None:
    """Find a call that reaches the override, by the signature of the old method."""
    entity = override.host.entity
    if not isinstance(entity, FunctionEntity) or entity.facts.form is Form.PROPERTY:
        return None
    host = bound_signature(world, entity)
    cls = world.class_of(override.code, override.cls.facts.name)
    if host is None or cls is None:
        return None
    for call in world.host.calls_of({override.name})[override.name]:
        level = standing(world, Target(cls, override.name), host, call)
        if level in (Standing.SURE, Standing.LIKELY):
            return Evidence(call, level, ())
    return None


@lru_cache(maxsize=1)
def _called_by_plugin(plugin: PluginCode) -> frozenset[str]:
    """Name what the plugin itself calls or reads on some object: that is still of use."""
    names = set()
    for code in plugin.files.values():
        for call in code.uses.calls:
            if not call.callee.startswith("super()"):
                names.add(call.callee.rpartition(".")[2])
        for access in code.uses.accesses:
            names.update(access.chain.replace("()", "").split(".")[1:])
    return frozenset(names)


RULES = (
    Rule(
        id="HW301",
        title="An override no longer overrides anything",
        severity=Severity.ERROR,
        explanation=(
            "vLLM's class had this method on the host that the plugin was made for, and vLLM "
            "called it. Now it has not, and nothing in vLLM calls it: what the plugin does there "
            "is silently left out. It is an error where vLLM calls the same method by a new name."
        ),
        remedy="Move what the override does to the method that vLLM calls now.",
        bad="class XPlatform(Platform):\n    def seed_everything(self, seed): ...\n",
        good="class XPlatform(Platform):\n    def manual_seed_all(self, seed): ...\n",
        find=_stale_overrides,
        needs_old=True,
    ),
)
