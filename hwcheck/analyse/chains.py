"""Chains in the plugin's code: what they stand for in their scope and at their line."""

from typing import Protocol, TypeAlias

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    Instance,
    Missing,
    Step,
)
from hwcheck.analyse.infer import Inference, builtin, cut
from hwcheck.analyse.kinds import NOTHING, UNKNOWN, Ancestors, is_end, unite
from hwcheck.analyse.names import Names, imported_name
from hwcheck.analyse.patched_functions import PatchedFunctions
from hwcheck.analyse.resolver import Resolver
from hwcheck.analyse.steps import Steps
from hwcheck.extract.split import root_of
from hwcheck.model.facts import Chain, Parameter
from hwcheck.model.use import Code, Local, Scope

__all__ = ["Chains"]

#: Bindings that hold from their own line on, not only from the next.
_AT_ONCE = frozenset({"for", "with", "narrow", "item", "import", "define"})

_END = 1 << 30

#: Which bindings of names count at a place; what is found is kept for each.
_Choice: TypeAlias = tuple[tuple[Chain, int, str, tuple[int, ...]], ...]


class Receivers(Protocol):
    """Knows the classes that functions of the plugin become methods of."""

    def receiver(self, code: Code, index: int, name: str) -> Entity:
        """Tell what a parameter is by the class that its function is stored onto."""
        ...


class _Frame:
    """One scope of one file, with what was found in it."""

    __slots__ = (
        "code",
        "found",
        "index",
        "locals",
        "names",
        "narrowed",
        "owner",
        "parent",
        "scope",
        "settled",
        "steady",
    )

    def __init__(self, code: Code, index: int, parent: "_Frame | None") -> None:
        self.code = code
        self.index = index
        self.scope: Scope = code.uses.scopes[index]
        self.parent = parent
        self.found: dict[tuple[Chain, _Choice], tuple[Step, ...]] = {}
        self.settled: dict[Chain, tuple[Step, ...]] = {}
        self.steady: dict[str, bool] = {}
        self.locals: dict[str, list[Local]] = {}
        self.narrowed: dict[Chain, list[Local]] = {}
        self.names: dict[str, Parameter] = {item.name: item for item in self.scope.parameters}
        self.owner: ClassEntity | None = None
        for local in self.scope.locals:
            if local.how == "narrow":
                self.narrowed.setdefault(local.name, []).append(local)
            elif self.scope.kind != "module":
                self.locals.setdefault(local.name, []).append(local)


class Chains:
    """Follows chains of uses."""

    def __init__(
        self, resolver: Resolver, names: Names, steps: Steps, inference: Inference
    ) -> None:
        """Look up through the other parts of a world."""
        self._resolver = resolver
        self._names = names
        self._steps = steps
        self._inference = inference
        self._frames: dict[tuple[str, int], _Frame] = {}
        self._patched: Receivers = PatchedFunctions(resolver, self.infer)

    def share(self, frames: "dict[tuple[str, int], _Frame]", patched: "Receivers") -> None:
        """Keep scopes in a dictionary of somebody else's, and ask it about receivers."""
        self._frames = frames
        self._patched = patched

    def walk(self, code: Code, scope: int, chain: Chain, line: int) -> tuple[Step, ...]:
        """Tell every step along a chain, root first; ends at what leads no further."""
        if not chain:
            return ()
        frame = self._frames.get((code.module.name, scope)) or self._frame(code, scope)
        found = frame.settled.get(chain)
        if found is not None:
            return found
        root = root_of(chain)
        found = self._steps_of(frame, chain, root, self._choice(frame, chain, root, line))
        if found and self._is_steady(frame, root):
            frame.settled[chain] = found
        return found

    def infer(self, code: Code, scope: int, chain: Chain, line: int) -> Entity:
        """Tell what a whole chain stands for; Unknown when it cannot be followed to its end."""
        steps = self.walk(code, scope, chain, line)
        if not steps:
            return UNKNOWN
        last = steps[-1]
        if last.prefix == chain:
            return last.entity
        return last.entity if isinstance(last.entity, External) else UNKNOWN

    # Frames

    def _frame(self, code: Code, index: int) -> _Frame:
        key = (code.module.name, index)
        found = self._frames.get(key)
        if found is not None:
            return found
        scope = code.uses.scopes[index]
        parent = self._frame(code, scope.parent) if index else None
        frame = self._frames[key] = _Frame(code, index, parent)
        owner = scope.owner or (scope.name if scope.kind == "class" else "")
        if owner:
            frame.owner = self.class_of(code, owner)
        return frame

    def class_of(self, code: Code, name: str) -> ClassEntity | None:
        """Find a class of a plugin file by its qualified name there."""
        found: ClassEntity | None = None
        for facts in code.module.classes:
            if facts.name != name:
                continue
            if facts.guard and self._resolver.holds_in(code.module, facts.guard) is False:
                continue
            found = self._names.class_entity(code.module, facts)
        return found

    # Roots

    def _choice(self, frame: _Frame, chain: Chain, root: str, line: int) -> _Choice:
        """Tell which bindings and narrowings count at a line; empty: none depend on it."""
        found: _Choice = ()
        inner: _Frame | None = frame
        while inner is not None:
            if inner.narrowed:
                found += self._narrowings(inner, chain, root, line)
            if inner.scope.kind == "module":
                break
            bound = inner.locals.get(root)
            if bound is not None and (inner is frame or inner.scope.kind == "function"):
                return (*found, (root, inner.index, "", self._preceding(inner, bound, line)))
            if root in inner.names:
                break
            if inner.parent is not None and inner.parent.scope.name != inner.scope.name:
                line = _END  # a comprehension runs where it stands, a function at any time
            inner = inner.parent
        return found

    def _is_steady(self, frame: _Frame, root: str) -> bool:
        """Tell whether a name stands for the same at every line of a scope."""
        found = frame.steady.get(root)
        if found is None:
            found = frame.steady[root] = self._find_steady(frame, root)
        return found

    def _find_steady(self, frame: _Frame, root: str) -> bool:
        inner: _Frame | None = frame
        while inner is not None:
            if any(root_of(name) == root for name in inner.narrowed):
                return False
            if root in inner.locals and (inner is frame or inner.scope.kind == "function"):
                return False
            if inner.scope.kind == "module" or root in inner.names:
                return True
            inner = inner.parent
        return True

    def _preceding(self, frame: _Frame, bound: list[Local], line: int) -> tuple[int, ...]:
        """Choose the bindings that may be the one at a line, newest first.

        What stands in a branch may or may not have run, so that the older ones stay.
        """
        found: list[int] = []
        for position in range(len(bound) - 1, -1, -1):
            local = bound[position]
            if local.line > line or (local.line == line and local.how not in _AT_ONCE):
                continue
            if local.guard and self._resolver.holds(frame.code, local.guard) is False:
                continue
            found.append(position)
        return tuple(found)

    def _narrowings(self, frame: _Frame, chain: Chain, root: str, line: int) -> _Choice:
        """Tell which parts of a chain are known to be of a class at a line."""
        found: _Choice = ()
        for name, locals_ in frame.narrowed.items():
            if root_of(name) != root or not (chain == name or _is_start(chain, name)):
                continue
            for position in range(len(locals_) - 1, -1, -1):
                local = locals_[position]
                if local.line > line:
                    continue
                if local.annotation and not self._is_bound_after(frame, name, local.line, line):
                    found += ((name, frame.index, "narrow", (position,)),)
                break
        return found

    def _is_bound_after(self, frame: _Frame, name: str, start: int, line: int) -> bool:
        return any(start <= local.line < line for local in frame.locals.get(name, ()))

    def _steps_of(
        self, frame: _Frame, chain: Chain, root: str, choice: _Choice
    ) -> tuple[Step, ...]:
        key = (chain, choice)
        found = frame.found.get(key)
        if found is None:
            frame.found[key] = ()  # until it is known: values can go in circles
            found = frame.found[key] = self._make(frame, chain, root, choice)
        return found

    def _make(self, frame: _Frame, chain: Chain, root: str, choice: _Choice) -> tuple[Step, ...]:
        prefix, step = cut(chain)
        narrowed = self._narrowed(frame, chain, choice) if choice else None
        if not step:
            entity = narrowed or self._root(frame, root, choice)
            return (Step(chain, UNKNOWN, entity),)
        if chain == "super()":
            return (Step(chain, UNKNOWN, self._ancestors(frame)),)
        if chain == "None()":
            return (Step(chain, UNKNOWN, NOTHING),)
        before = self._steps_of(frame, prefix, root, choice)
        if narrowed is not None:
            container = before[-1].entity if before else UNKNOWN
            return (*before, Step(chain, container, narrowed))
        if not before or before[-1].prefix != prefix or is_end(before[-1].entity):
            return before
        container = before[-1].entity
        return (*before, Step(chain, container, self._steps.take(container, step, prefix)))

    def _narrowed(self, frame: _Frame, chain: Chain, choice: _Choice) -> Entity | None:
        for name, index, how, positions in choice:
            if how == "narrow" and name == chain:
                owner = self._frame(frame.code, index)
                text = owner.narrowed[name][positions[0]].annotation
                return self._resolver.annotation(frame.code.module, text, owner.owner)
        return None

    def _ancestors(self, frame: _Frame) -> Entity:
        if frame.owner is None:
            return UNKNOWN
        is_instance = not frame.scope.is_class_method
        return Ancestors("super", frame.owner.side, frame.owner, is_instance)

    def _root(self, frame: _Frame, root: str, choice: _Choice) -> Entity:
        if choice and not choice[-1][2]:
            owner = self._frame(frame.code, choice[-1][1])
            return self._local(owner, root, choice[-1][3])
        inner: _Frame | None = frame
        while inner is not None and inner.scope.kind != "module":
            scope = inner.scope
            if scope.kind == "class":
                if inner is frame and inner.owner is not None:
                    own = self._resolver.own_member(inner.owner, root, instance=False)
                    if own is not None:
                        return own.entity
            elif (parameter := inner.names.get(root)) is not None:
                if root == scope.receiver and inner.owner is not None:
                    return inner.owner if scope.is_class_method else Instance(inner.owner)
                if root == scope.receiver:
                    return UNKNOWN
                given = self._inference.annotated(
                    frame.code.module, root, parameter.kind, parameter.annotation, inner.owner
                )
                if given == UNKNOWN:
                    return self._patched.receiver(frame.code, inner.index, root)
                return given
            inner = inner.parent
        found = self._resolver.find(frame.code.module.name, root)
        return builtin(root) if isinstance(found, Missing) else found

    def _local(self, frame: _Frame, name: str, positions: tuple[int, ...]) -> Entity:
        bound = frame.locals[name]
        found = [self._bound(frame, bound[position]) for position in positions]
        parameter = frame.names.get(name)
        if parameter is not None and name != frame.scope.receiver:
            # It may still be what was passed, if the assignment is in a branch.
            given = self._inference.annotated(
                frame.code.module, name, parameter.kind, parameter.annotation, frame.owner
            )
            if given != UNKNOWN or not found:
                found.append(given)
        return unite(found)

    def _bound(self, frame: _Frame, local: Local) -> Entity:
        if local.annotation:
            found = self._resolver.annotation(frame.code.module, local.annotation, frame.owner)
            if found not in {UNKNOWN, NOTHING}:
                return found
        if local.how == "import":
            return self._imported(local)
        if local.how == "define":
            return self._defined(frame, local)
        if not local.value:
            return UNKNOWN
        value = self.infer(frame.code, frame.index, local.value, local.line)
        match local.how:
            case "assign":
                return UNKNOWN if isinstance(value, Missing) else value
            case "with":
                return self._steps.entered(value)
            case "for":
                return self._steps.iterated(value)
            case "item":
                return self._steps.unpacked(value, local.position)
        return UNKNOWN

    def _imported(self, local: Local) -> Entity:
        module, colon, name = local.value.partition(":")
        if colon:
            found = self._resolver.find(module, name)
        else:
            found = self._resolver.module(imported_name(local.name, module))
        return UNKNOWN if isinstance(found, Missing) else found

    def _defined(self, frame: _Frame, local: Local) -> Entity:
        name = f"{frame.scope.name}.{local.name}"
        cls = self.class_of(frame.code, name)
        return cls if cls is not None else UNKNOWN


def _is_start(chain: Chain, name: Chain) -> bool:
    return chain.startswith(name) and chain[len(name)] in ".([~"
