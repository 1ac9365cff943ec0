"""Replacements of vLLM's functions, kernels and classes that do not fit their callers."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple, TypeAlias

from hwcheck.analyse.binding import Signature, constructor_of, signature_of
from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import ClassEntity, Entity, FunctionEntity, ModuleEntity, Side
from hwcheck.analyse.evidence import (
    Evidence,
    Standing,
    Target,
    bound_signature,
    differences,
    evidence,
    is_replaced,
    standing,
    with_unread,
)
from hwcheck.analyse.patches import Patch, Way, patches
from hwcheck.analyse.receivers import Caller, caller_of, receiver_entity
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.confirmed import (
    best_by_name,
    confirmed,
    divided,
    does_not_take,
    passed,
)
from hwcheck.analyse.rules.in_patch_original import original_of
from hwcheck.analyse.rules.layers import fails_always, is_forward_in_place
from hwcheck.analyse.rules.place import Mismatch, Spot, found, merged
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import BindingKind, Form, ParameterKind
from hwcheck.model.finding import Finding, Severity

__all__ = ["RULES"]

_Kind: TypeAlias = type[FunctionEntity] | type[ClassEntity]

_KINDS: dict[str, _Kind] = {"HW402": FunctionEntity, "HW403": ClassEntity}


class _Replaced(NamedTuple):
    patch: Patch
    original: FunctionEntity | ClassEntity
    host: Signature
    own: Signature


def _narrower_functions(comparison: Comparison) -> Iterator[Finding]:
    yield from merged(_each(comparison, "HW402"))


def _narrower_classes(comparison: Comparison) -> Iterator[Finding]:
    yield from merged(_each(comparison, "HW403"))


def _each(comparison: Comparison, rule: str) -> Iterator[Finding]:
    world = comparison.new
    failing = _failing(comparison.old, rule) if comparison.old else {}
    for item, best in _shown(world, _KINDS[rule], comparison.plugin):
        for misfit in divided(best, failing.get(item.patch.key)):
            mismatch = _mismatch(world, rule, item, misfit.names)
            mismatch = replace(
                mismatch,
                detail=misfit.detail,
                host_side=mismatch.host_side + passed(misfit.evidence),
            )
            yield from confirmed(comparison, _spot(item.patch), mismatch, misfit.evidence)
        if not best and comparison.old and item.patch.key not in failing:
            yield from _layer(comparison, rule, item)


def _layer(comparison: Comparison, rule: str, item: _Replaced) -> Iterator[Finding]:
    """Report a layer's ``forward`` that no call of the new host can satisfy."""
    cls = item.patch.container
    if not isinstance(cls, ClassEntity) or not fails_always(item.host, item.own):
        return
    if is_forward_in_place(comparison.new, cls, item.patch.name):
        theirs = {parameter.name for parameter in item.host.parameters}
        names = tuple(name for name in differences(item.host, item.own) if name not in theirs)
        mismatch = _mismatch(comparison.new, rule, item, names)
        yield from found(comparison, _spot(item.patch), mismatch)


def _mismatch(world: World, rule: str, item: _Replaced, names: tuple[str, ...]) -> Mismatch:
    return Mismatch(
        rule=rule,
        symbol=item.original.symbol,
        plugin_side=_plugin_side(world, item, names),
        host_side=_host_side(world, item),
        detail=", ".join(sorted(names)),
        where=world.host_line(item.original),
    )


@lru_cache(maxsize=2)
def _failing(old: World, rule: str) -> dict[tuple[str, int, str], dict[str, Evidence]]:
    """Tell what fails on the old host; kept, because it is asked for with every new one."""
    return {item.patch.key: best for item, best in _shown(old, _KINDS[rule], old.plugin)}


def _shown(
    world: World, kind: _Kind, plugin: PluginCode
) -> Iterator[tuple[_Replaced, dict[str, Evidence]]]:
    replaced = [item for item in _replaced(world, plugin) if isinstance(item.original, kind)]
    calls = world.host.calls_of({item.patch.name for item in replaced})
    for item in replaced:
        judge = partial(_standing, world, item)
        yield item, best_by_name(evidence(calls[item.patch.name], item.host, item.own, judge))


def _spot(patch: Patch) -> Spot:
    return Spot(patch.code, patch.line, patch.scope, patch.guard)


def _plugin_side(world: World, item: _Replaced, names: tuple[str, ...]) -> str:
    own = item.patch.replacement
    text = ""
    if isinstance(own, FunctionEntity):
        text = f"{own.facts.name}{world.signature_text(own)}"
    elif isinstance(item.own.origin, FunctionEntity) and isinstance(own, ClassEntity):
        text = f"{own.facts.name}.__init__{world.signature_text(item.own.origin)}"
    return f"{text} {does_not_take(item.own, names)}, in place of {item.original.symbol}".strip()


def _host_side(world: World, item: _Replaced) -> str:
    origin = item.host.origin
    text = world.signature_text(origin) if isinstance(origin, FunctionEntity) else ""
    return f"{item.host.symbol}{text}"


def _replaced(world: World, plugin: PluginCode) -> Iterator[_Replaced]:
    for patch in patches(world):
        if patch.code.module.name not in plugin.files:
            continue
        original = original_of(world, patch)
        if original is None or patch.is_deleted:
            continue
        host, own = _signatures(world, patch, original)
        if host is None or own is None:
            continue
        own = with_unread(world, own)
        if differences(host, own):
            yield _Replaced(patch, original, host, own)


def _signatures(
    world: World, patch: Patch, original: FunctionEntity | ClassEntity
) -> tuple[Signature | None, Signature | None]:
    own = patch.replacement
    if isinstance(original, ClassEntity):
        if not isinstance(own, ClassEntity) or own.side is not Side.PLUGIN:
            return None, None
        return constructor_of(world, original), constructor_of(world, own)
    if not isinstance(own, FunctionEntity) or own.side is not Side.PLUGIN:
        return None, None
    if Form.PROPERTY in (original.facts.form, own.facts.form):
        return None, None
    if isinstance(patch.container, ClassEntity):
        is_static = original.facts.form is Form.STATIC_METHOD
        ours = signature_of(world, own) if is_static else _as_method(world, own)
        return bound_signature(world, original), ours
    return signature_of(world, original), signature_of(world, own)


def _as_method(world: World, own: FunctionEntity) -> Signature | None:
    """Take the receiver off a plain function that becomes a method."""
    taken = signature_of(world, own)
    if taken is None or own.is_bound or not taken.parameters:
        return taken
    first = taken.parameters[0]
    if first.kind in (ParameterKind.VARIADIC, ParameterKind.KEYWORDS):
        return taken
    return Signature(taken.parameters[1:], taken.symbol, taken.origin)


def _standing(world: World, item: _Replaced, call: LocatedCall) -> Standing:
    patch = item.patch
    if isinstance(patch.container, ClassEntity):
        target = Target(patch.container, patch.name, is_patch=True)
        return standing(world, target, item.host, call)
    caller = caller_of(world, call)
    if caller is None or not _reaches(world, item, call, caller):
        return Standing.UNRELATED
    return Standing.LATENT if is_replaced(world, caller) else Standing.SURE


def _reaches(world: World, item: _Replaced, call: LocatedCall, caller: Caller) -> bool:
    """Tell whether a call by a module's name finds what the plugin put in its place."""
    name, container = item.patch.name, item.patch.container
    if not isinstance(container, ModuleEntity):
        return False
    if call.site.receiver:
        holder = receiver_entity(world, call, caller)
        return isinstance(holder, ModuleEntity) and holder.name == container.name
    if not _is(world.lookup(call.module, name), item.original):
        return False
    if item.patch.way is Way.REGISTERED or call.module == container.name:
        return True
    return any(
        binding.name == name
        and binding.kind is BindingKind.FROM
        and binding.target == container.name
        for binding in caller.module.bindings
    ) or not any(binding.name == name for binding in caller.module.bindings)


def _is(entity: Entity, original: FunctionEntity | ClassEntity) -> bool:
    return isinstance(entity, FunctionEntity | ClassEntity) and entity.symbol == original.symbol


RULES = (
    Rule(
        id="HW402",
        title="A replacement function or kernel does not take what vLLM passes",
        severity=Severity.ERROR,
        explanation=(
            "The plugin puts a function, a method, a lambda or a kernel in place of vLLM's, and "
            "vLLM calls the original with arguments that the replacement does not take. Python "
            "notices when the call is made."
        ),
        remedy="Give the replacement the parameters of vLLM's function, in their order.",
        bad=(
            "def sample(logits): ...\n"
            "vllm.sampler.sample = sample  # vLLM: sample(logits, use_fp64=True)\n"
        ),
        good="def sample(logits, use_fp64=False): ...\nvllm.sampler.sample = sample\n",
        find=_narrower_functions,
    ),
    Rule(
        id="HW403",
        title="The constructor of a replacement class does not take what vLLM passes",
        severity=Severity.ERROR,
        explanation=(
            "The plugin assigns or registers a class in place of vLLM's, and vLLM makes objects "
            "by the name of its own class, with arguments that the replacement's constructor "
            "does not take."
        ),
        remedy="Take the parameters of vLLM's constructor and pass them on to super().__init__().",
        bad=(
            "@RMSNorm.register_oot\n"
            "class XRMSNorm(RMSNorm):\n"
            "    def __init__(self, hidden_size): ...  # vLLM: RMSNorm(size, eps=1e-6)\n"
        ),
        good=(
            "@RMSNorm.register_oot\n"
            "class XRMSNorm(RMSNorm):\n"
            "    def __init__(self, hidden_size, eps=1e-6): ...\n"
        ),
        find=_narrower_classes,
    ),
)
