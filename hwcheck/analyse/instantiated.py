"""The plugin's classes that vLLM makes objects of, and how it gets hold of them."""

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from hwcheck.analyse.entities import ClassEntity, Entity, FunctionEntity, Side
from hwcheck.analyse.patches import patches
from hwcheck.analyse.world import World
from hwcheck.model.use import Code

__all__ = ["handed_over", "made_by_plugin"]

_HANDED: WeakKeyDictionary[World, Mapping[str, str]] = WeakKeyDictionary()
_MADE: WeakKeyDictionary[World, frozenset[str]] = WeakKeyDictionary()


def handed_over(world: World) -> Mapping[str, str]:
    """Tell for the symbols of the plugin's classes in which way vLLM gets them, in words."""
    if world not in _HANDED:
        found: dict[str, str] = {}
        for symbol, way in _handed_over(world):
            found.setdefault(symbol, way)
        _HANDED[world] = found
    return _HANDED[world]


def made_by_plugin(world: World) -> frozenset[str]:
    """Tell the symbols of the plugin's classes that the plugin itself makes objects of."""
    if world not in _MADE:
        _MADE[world] = frozenset(_made(world))
    return _MADE[world]


def _handed_over(world: World) -> Iterator[tuple[str, str]]:
    for patch in patches(world):
        if own := _own(patch.replacement):
            yield own.symbol, f"it stands in for {patch.symbol}"
    for code in world.plugin.files.values():
        if world.reach(code) is None:
            continue
        yield from _by_path(world, code)
        yield from _returned(world, code)
        yield from _passed(world, code)
        yield from _decorated(world, code)


def _by_path(world: World, code: Code) -> Iterator[tuple[str, str]]:
    for text in code.uses.texts:
        if text.role == "environment" or text.text.split(".", 1)[0] not in world.plugin.tops:
            continue
        if own := _own(world.resolve_path(text.text)):
            yield own.symbol, f"its path is given as {text.text!r}"


def _returned(world: World, code: Code) -> Iterator[tuple[str, str]]:
    scopes = {scope.name: index for index, scope in enumerate(code.uses.scopes)}
    functions = [("", function) for function in code.module.functions]
    functions += [(item.name + ".", one) for item in code.module.classes for one in item.functions]
    for around, function in functions:
        name = f"{around}{function.name}"
        scope = scopes.get(name, 0)
        end = code.uses.scopes[scope].end_line
        for chain in function.returned:
            last = chain.rpartition(".")[2]
            if not last[:1].isupper() or not last.isidentifier():
                continue
            if own := _own(world.infer(code, scope, chain, end)):
                yield own.symbol, f"{name}() returns it"


def _passed(world: World, code: Code) -> Iterator[tuple[str, str]]:
    for call in code.uses.calls:
        for argument in call.arguments:
            last = argument.chain.rpartition(".")[2]
            if not last[:1].isupper() or not last.isidentifier():
                continue
            own = _own(world.infer(code, call.scope, argument.chain, call.line))
            if own is None:
                continue
            callee = world.infer(code, call.scope, call.callee, call.line)
            if _is_of_host(callee):
                yield own.symbol, f"it is passed to {call.callee}()"


def _decorated(world: World, code: Code) -> Iterator[tuple[str, str]]:
    for facts in code.module.classes:
        for chain in facts.decorators:
            entity = world.infer(code, 0, chain.removesuffix("()"), 0)
            cls = world.class_of(code, facts.name)
            if cls is not None and _is_of_host(entity):
                yield cls.symbol, f"@{chain} registers it"


def _made(world: World) -> Iterator[str]:
    for code in world.plugin.files.values():
        for call in code.uses.calls:
            last = call.callee.rpartition(".")[2]
            if not last[:1].isupper() or not last.isidentifier():
                continue
            if own := _own(world.infer(code, call.scope, call.callee, call.line)):
                yield own.symbol


def _own(entity: Entity) -> ClassEntity | None:
    return entity if isinstance(entity, ClassEntity) and entity.side is Side.PLUGIN else None


def _is_of_host(entity: Entity) -> bool:
    return isinstance(entity, FunctionEntity | ClassEntity) and entity.side is Side.HOST
