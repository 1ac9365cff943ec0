"""Tests of the hook specifications: each is documented, and called in one typed function."""

import ast
import inspect
from collections import Counter

import pytest

from hwcheck import hooks, registry

HOOKS = sorted(name for name in vars(hooks) if name.startswith("hwcheck_"))


def functions_of_the_registry() -> list[ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(registry))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def hooks_called_in(function: ast.FunctionDef) -> set[str]:
    called: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Constant(value=str() as name) if name in HOOKS:
                called.add(name)
            case ast.Attribute(attr=name) if name in HOOKS:
                called.add(name)
    return called


def test_hooks_are_those_of_the_design():
    """
    The hooks are public: none is added or removed by accident.
    """
    assert HOOKS == [
        "hwcheck_capabilities",
        "hwcheck_finished",
        "hwcheck_hosts",
        "hwcheck_reporters",
        "hwcheck_rules",
        "hwcheck_suites",
    ]


@pytest.mark.parametrize("name", HOOKS)
def test_hook_is_a_documented_specification(name: str):
    """
    Every hook is marked as a specification of the project and says what to return.
    """
    function = getattr(hooks, name)

    assert hasattr(function, f"{hooks.PROJECT}_spec")
    assert (inspect.getdoc(function) or "").endswith(".")


def test_each_hook_is_called_in_one_function():
    """
    Each hook is called in exactly one function of the registry.
    """
    calls = Counter(
        name for function in functions_of_the_registry() for name in hooks_called_in(function)
    )

    assert dict.fromkeys(HOOKS, 1) == dict(calls)


@pytest.mark.parametrize("name", HOOKS)
def test_function_that_calls_a_hook_is_typed(name: str):
    """
    The function that calls a hook states what it returns, without ``Any``.
    """
    function = next(item for item in functions_of_the_registry() if name in hooks_called_in(item))

    assert function.returns is not None
    assert "Any" not in ast.unparse(function.returns)
