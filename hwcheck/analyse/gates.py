"""Conditions: whether they hold on one host, as far as that can be told."""

from collections.abc import Callable, Iterable
from functools import cached_property

from packaging.version import InvalidVersion, Version

from hwcheck.analyse.entities import (
    ClassEntity,
    Entity,
    External,
    FunctionEntity,
    Member,
    Missing,
    ModuleEntity,
    Side,
    Unknown,
    Value,
)
from hwcheck.analyse.kinds import NOTHING
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import ALWAYS, Binding, BindingKind, Condition, ConditionKind, Module
from hwcheck.model.use import Code

__all__ = ["Gates"]

_VERSION_SYMBOLS = frozenset(
    {"vllm.__version__", "vllm.version.__version__", "vllm._version.version"}
)

_ORDERS: dict[str, Callable[[int], bool]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}

#: Ends of the names of gates whose body does not tell how they compare.
_NAMED = (
    (("_ge", "_gte", "_at_least"), ">="),
    (("_le", "_lte", "_at_most"), "<="),
    (("_gt", "_newer_than"), ">"),
    (("_lt", "_older_than"), "<"),
    (("_is", "_eq", "_equals", "is_vllm_version"), "=="),
)


class Gates:
    """Answers conditions for the version and the facts of one host."""

    def __init__(self, resolver: Resolver, gates: frozenset[str]) -> None:
        """`gates` are names of functions that compare the host's version with their argument."""
        self._resolver = resolver
        self._gates = gates
        self._uses: dict[tuple[str, int, bool], bool | None] = {}
        self._facts: dict[tuple[str, int, bool], bool | None] = {}
        self._answers: dict[tuple[str, Condition, bool], bool | None] = {}

    def holds(self, code: Code, guard: int, *, typing: bool = False) -> bool | None:
        """Tell whether a condition of a file's uses holds."""
        key = (code.module.name, guard, typing)
        if key not in self._uses:
            condition = code.uses.conditions[guard]
            self._uses[key] = self.answer(code.module, condition, typing=typing)
        return self._uses[key]

    def holds_in(self, module: Module, guard: int, *, typing: bool = False) -> bool | None:
        """Tell whether a condition of a module's own table holds."""
        key = (module.name, guard, typing)
        if key not in self._facts:
            self._facts[key] = None
            self._facts[key] = self.answer(module, module.conditions[guard], typing=typing)
        return self._facts[key]

    def answer(self, module: Module, condition: Condition, *, typing: bool = False) -> bool | None:
        """Tell whether a condition in a module holds; with `typing`, for type checkers."""
        if condition is ALWAYS or not (condition.parts or condition.kind != ConditionKind.ALL):
            return True
        key = (module.name, condition, typing)
        if key in self._answers:
            return self._answers[key]
        self._answers[key] = None  # until it is known: flags can go in circles
        found = self._answers[key] = self._answer(module, condition, typing=typing)
        return found

    def _answer(self, module: Module, condition: Condition, *, typing: bool) -> bool | None:
        match condition.kind:
            case ConditionKind.ALL:
                return _all(self.answer(module, part, typing=typing) for part in condition.parts)
            case ConditionKind.ANY:
                answers = [self.answer(module, part, typing=typing) for part in condition.parts]
                return _not(_all(map(_not, answers)))
            case ConditionKind.NOT:
                return _not(self.answer(module, condition.parts[0], typing=typing))
            case ConditionKind.TYPING:
                return typing
            case ConditionKind.TRIED:
                return True
            case ConditionKind.COMPARE:
                return self._compare(module, condition)
            case ConditionKind.CALL:
                return self._call(module, condition)
            case ConditionKind.TRUTH:
                return self._truth(module, condition)
            case ConditionKind.HAS:
                return self._has(module, condition)
        return None

    # Versions

    @cached_property
    def _version(self) -> Version | None:
        return _version(self._resolver.host.version)

    def _compare(self, module: Module, condition: Condition) -> bool | None:
        if not self._is_version(module, condition.chain):
            return None
        return self._against(condition.operator, condition.value)

    def _against(self, operator: str, text: str) -> bool | None:
        """Compare the host's version; equality is with the release, as plugins' gates have it."""
        wanted = _version(text)
        if wanted is None or self._version is None or operator not in _ORDERS:
            return None
        own = self._version
        if _release(own) == _release(wanted) and not wanted.is_prerelease:
            return _ORDERS[operator](0)
        return _ORDERS[operator]((own > wanted) - (own < wanted))

    def _is_version(self, module: Module, chain: str) -> bool:
        last = chain.rpartition(".")[2]
        if last.upper() in {"VLLM_VERSION", "VLLM_TARGET_VERSION"}:
            return True
        entity = self._resolver.value_in(module, chain)
        if isinstance(entity, Value | Missing | External):
            return entity.symbol in _VERSION_SYMBOLS
        return chain in _VERSION_SYMBOLS

    # Calls and flags

    def _call(self, module: Module, condition: Condition) -> bool | None:
        name = condition.chain.removesuffix("()").rpartition(".")[2]
        if name in self._gates:
            return self._against("==", condition.value)
        function = self._resolver.value_in(module, condition.chain.removesuffix("()"))
        if not isinstance(function, FunctionEntity):
            return None
        if function.facts.condition is None:
            operator = _operator_of(name) if function.side == Side.PLUGIN else ""
            return self._against(operator, condition.value) if operator else None
        given = {parameter.name: condition.value for parameter in function.facts.parameters[:1]}
        return self._given(function, function.facts.condition, given)

    def _given(
        self, function: FunctionEntity, condition: Condition, given: dict[str, str]
    ) -> bool | None:
        """Answer what a function returns, its parameters replaced."""
        replaced = _replaced(condition, given)
        return self.answer(function.module, replaced)

    def _truth(self, module: Module, condition: Condition) -> bool | None:
        chain = condition.chain
        if chain in {"True", "False"}:
            return chain == "True"
        called = chain.removesuffix("()")
        if called != chain:
            function = self._resolver.value_in(module, called)
            if isinstance(function, FunctionEntity) and function.facts.condition is not None:
                return self.answer(function.module, function.facts.condition)
            return None
        return self._flag(module, chain)

    def _flag(self, module: Module, chain: str) -> bool | None:
        """Answer for a name that was assigned from a condition, here or where it comes from."""
        prefix, _, name = chain.rpartition(".")
        if prefix:
            holder = self._resolver.value_in(module, prefix)
            if not isinstance(holder, ModuleEntity) or holder.facts is None:
                return None
            module = holder.facts
        found: bool | None = None
        is_found = False
        for binding in reversed(module.bindings):
            if binding.name != name:
                continue
            state = self.holds_in(module, binding.guard) if binding.guard else True
            if state is False:
                continue
            answer = self._bound_flag(module, binding)
            if is_found and answer != found:
                return None
            found, is_found = answer, True
            if state is True:
                break
        return found

    def _bound_flag(self, module: Module, binding: Binding) -> bool | None:
        if binding.condition is not None:
            return self.answer(module, binding.condition)
        if binding.kind == BindingKind.FROM:
            target = self._resolver.module(binding.target)
            if isinstance(target, ModuleEntity) and target.facts is not None:
                return self._flag(target.facts, binding.member)
        return None

    def _takes(self, entity: Entity, name: str) -> bool | None:
        """Answer whether a function has a parameter; a class, whether its constructor has."""
        if isinstance(entity, ClassEntity):
            member = self._resolver.member(entity, "__init__", instance=False)
            entity = member.entity if isinstance(member, Member) else Unknown()
        names = _names_of(entity) if isinstance(entity, FunctionEntity) else None
        return name in names if names is not None else None

    def _has(self, module: Module, condition: Condition) -> bool | None:
        entity = self._resolver.value_in(module, condition.chain)
        if condition.operator:
            return self._takes(entity, condition.value)
        if not condition.value:
            is_there = isinstance(entity, ClassEntity | FunctionEntity | ModuleEntity)
            return True if is_there else False if entity == NOTHING else None
        if isinstance(entity, Unknown | Missing | External | Value):
            return None
        found: Entity = self._resolver.attribute(entity, condition.value)
        if isinstance(found, Missing):
            return False
        return None if isinstance(found, Unknown) else True


def _names_of(function: FunctionEntity) -> frozenset[str] | None:
    """Name the parameters; ``None`` where decorators may have put others in their place."""
    if function.facts.decorators:
        return None
    return frozenset(item.name for item in function.facts.parameters)


def _operator_of(name: str) -> str:
    """Guess what a plugin's own gate compares by, from its name; empty: no gate."""
    if "version" not in name.lower():
        return ""
    for ends, operator in _NAMED:
        if name.lower().endswith(ends):
            return operator
    return ""


def _replaced(condition: Condition, given: dict[str, str]) -> Condition:
    return condition._replace(
        parts=tuple(_replaced(part, given) for part in condition.parts),
        value=given.get(condition.value, condition.value),
    )


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _release(version: Version) -> tuple[int, ...]:
    release = version.release
    return release + (0,) * (4 - len(release))


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _all(answers: Iterable[bool | None]) -> bool | None:
    found: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found
