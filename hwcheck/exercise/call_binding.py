"""Whether the calls that vLLM makes fit what a plugin's class defines."""

import ast
import inspect
import textwrap

from hwcheck.hosts.members import CallForm

__all__ = ["called_fault", "constructed_fault", "only_refuses"]


def called_fault(cls: type, name: str, form: CallForm) -> str | None:
    """Say why vLLM cannot call a method of an instance so, ``None`` when it can."""
    member = inspect.getattr_static(cls, name)
    if isinstance(member, property) or not callable(getattr(cls, name)):
        return f"vLLM calls it, and it is a {type(member).__name__}"
    is_bound = isinstance(member, classmethod | staticmethod) or not inspect.isroutine(member)
    return _fault(getattr(cls, name), form, drops_first=not is_bound)


def constructed_fault(cls: type, form: CallForm) -> str | None:
    """Say why vLLM cannot construct a class so, ``None`` when it can."""
    return _fault(cls, form, drops_first=False)


def only_refuses(cls: type, name: str) -> bool:
    """Whether the body of a method is nothing but ``raise NotImplementedError``."""
    try:
        source = textwrap.dedent(inspect.getsource(getattr(cls, name)))
        body = ast.parse(source).body[0].body  # type: ignore[attr-defined]
    # A method without source, or that is no plain function, may do anything.
    except (OSError, TypeError, SyntaxError, AttributeError, IndexError):
        return False
    steps = [
        step
        for step in body
        if not (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
    ]
    return len(steps) == 1 and isinstance(steps[0], ast.Raise) and _names_refusal(steps[0])


def _names_refusal(step: ast.Raise) -> bool:
    raised = step.exc.func if isinstance(step.exc, ast.Call) else step.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _fault(thing: object, form: CallForm, *, drops_first: bool) -> str | None:
    try:
        signature = inspect.signature(thing)  # type: ignore[arg-type]
    # Compiled and the like: nothing is known about it.
    except (TypeError, ValueError):
        return None
    first = (None,) if drops_first else ()
    try:
        signature.bind(*first, *[None] * form.positional, **dict.fromkeys(form.keywords))
    except TypeError as error:
        return f"vLLM calls it with {_told(form)}: {error}; it takes {signature}"
    return None


def _told(form: CallForm) -> str:
    given = [f"argument {n + 1}" for n in range(form.positional)]
    return "(" + ", ".join([*given, *(f"{name}=" for name in form.keywords)]) + ")"
