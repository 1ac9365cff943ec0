"""What is assigned to: names, attributes, items, and several of them at once."""

import ast
from dataclasses import dataclass

from hwcheck.extract.annotations import dotted
from hwcheck.extract.chains import ENVIRONMENT, note_environment
from hwcheck.extract.conditions import NEVER, Guard, tells
from hwcheck.extract.parameters import parameters_of
from hwcheck.extract.state import State
from hwcheck.model.facts import ALWAYS, Attribute, Binding, BindingKind, Chain, Condition
from hwcheck.model.use import Local, Store, Text

__all__ = ["bind_name", "bind_target", "store"]


def bind_target(
    state: State,
    target: ast.expr,
    chain: Chain,
    how: str = "assign",
    *,
    value: ast.expr | None = None,
    condition: Condition | None = None,
    annotation: str = "",
    position: int = 0,
) -> None:
    """Bind whatever is assigned to; `chain` is the value, or what is iterated or unpacked."""
    match target:
        case ast.Name(id=name):
            bind_name(
                state,
                name,
                chain,
                target.lineno,
                how=how,
                condition=condition,
                annotation=annotation,
                position=position,
            )
        case ast.Attribute():
            given = _Given(chain if how == "assign" else "", value, condition, annotation)
            _bind_attribute(state, target, given)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            _bind_elements(state, elements, chain, how)
        case ast.Starred(value=inner):
            bind_target(state, inner, "", "item", position=position)
        case ast.Subscript():
            _bind_item(state, target, chain if how == "assign" else "", value)


def bind_name(
    state: State,
    name: str,
    chain: Chain,
    line: int,
    *,
    how: str = "assign",
    condition: Condition | None = None,
    annotation: str = "",
    position: int = 0,
) -> None:
    """Bind a name in the scope."""
    frame = state.frame
    if name in frame.outer_names:
        state.bindings.append(
            Binding(name, BindingKind.OTHER, "", "", annotation, state.guard.exact)
        )
        return
    _note_flag(state, name, condition)
    if frame.kind == "function":
        frame.add(Local(name, chain, annotation, line, state.place, how, position))
        return
    if how != "assign":
        frame.add(Local(name, chain, annotation, line, state.place, how, position))
    if frame.class_body is not None:
        value = chain if how == "assign" else ""
        frame.class_body.attributes.append(
            Attribute(name, "", annotation, value, True, bool(annotation), False, state.place)
        )
        return
    kind = BindingKind.OTHER if how in ("for", "with") else BindingKind.VALUE
    value = chain if how == "assign" else ""
    state.values.setdefault(name, []).append(value)
    is_telling = condition is not None and (condition in (ALWAYS, NEVER) or tells(condition))
    told = condition if is_telling and state.is_plugin else None
    state.bindings.append(Binding(name, kind, value, "", annotation, state.guard.exact, told))


def _note_flag(state: State, name: str, condition: Condition | None) -> None:
    frame = state.frame
    found = frame.flags.get(name)
    if found is not None:
        found.append((state.guard, condition))
    elif condition is not None:
        is_bound = name in frame.locals or name in frame.arguments or name in state.values
        before: list[tuple[Guard, Condition | None]] = [(state.guard, None)] if is_bound else []
        frame.flags[name] = [*before, (state.guard, condition)]


def _bind_elements(state: State, elements: list[ast.expr], chain: Chain, how: str) -> None:
    if how in ("assign", "item"):
        inner = "item"
    else:
        inner, chain = how, ""
    for place, element in enumerate(elements):
        bind_target(state, element, chain, inner, position=place)


@dataclass(frozen=True, slots=True)
class _Given:
    """What an attribute is given."""

    chain: Chain
    value: ast.expr | None
    condition: Condition | None
    annotation: str


def _bind_attribute(state: State, target: ast.Attribute, given: _Given) -> None:
    name = target.attr
    if type(target.value) is ast.Name and target.value.id == state.receiver and state.receiver:
        holder = state.class_frame
        if holder is not None:
            setter = holder.setters.setdefault(name, state.frame)
            told = given.condition if setter is state.frame else None
            holder.flags.setdefault(name, []).append((state.guard, told))
        state.set_attribute(name, given.chain, given.annotation)
        return
    base = state.chain(target.value)
    if base:
        store(state, f"{base}.{name}", target.lineno, given.chain, given.value)


def _bind_item(state: State, target: ast.Subscript, chain: Chain, value: ast.expr | None) -> None:
    if isinstance(target.value, ast.Call) and dotted(target.value.func) in ("globals", "vars"):
        _bind_global(state, target.slice)
        return
    base = state.visit(target.value)
    if base == "sys.modules":
        _store_module(state, target.slice)
        return
    state.visit(target.slice)
    if isinstance(target.value, ast.Name):
        state.note_key(target.value.id, target.slice, chain, value)
    if f"{base}[]" in ENVIRONMENT:
        note_environment(state, target.slice, f"{base}[]")
    if isinstance(target.value, ast.Name) and base in state.frame.dictionaries:
        return
    if base:
        store(state, f"{base}[]", target.lineno, chain, value)


def _bind_global(state: State, key: ast.expr) -> None:
    state.visit(key)
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        state.bind(key.value, BindingKind.OTHER)
    elif not state.frame.name.startswith("__"):  # __getattr__ keeps what it was asked for
        state.is_dynamic = True


def _store_module(state: State, key: ast.expr) -> None:
    """Note a module that is put into ``sys.modules`` by hand."""
    if isinstance(key, ast.Name) and key.id == "__name__":
        state.is_dynamic = True
    elif isinstance(key, ast.Constant) and isinstance(key.value, str) and state.is_plugin:
        place = (state.frame.index, state.place)
        state.texts.append(Text(key.value, key.lineno, *place, "stored", "sys.modules[]"))


def store(
    state: State,
    target: Chain,
    line: int,
    chain: Chain = "",
    value: ast.expr | None = None,
    *,
    is_deleted: bool = False,
) -> None:
    """Note that something is put onto an attribute or item."""
    if not state.is_plugin:
        return
    text = ""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        text = value.value[:300]
        state.text(text, value.lineno, "stored", target)
    made = parameters_of(value.args) if isinstance(value, ast.Lambda) else None
    frame = state.frame.index
    state.stores.append(Store(target, line, frame, state.place, chain, text, made, is_deleted))
