"""Signatures as text."""

from collections.abc import Sequence

from hwcheck.model.facts import Form, Function, Parameter, ParameterKind

__all__ = ["write_names", "write_signature"]

_FORMS = {
    Form.PROPERTY: "property ",
    Form.CLASS_METHOD: "classmethod ",
    Form.STATIC_METHOD: "staticmethod ",
}


def write_signature(function: Function) -> str:
    """Write what a function takes and gives: ``async (self, a, b=..., *, c: int) -> str``."""
    prefix = _FORMS.get(function.form, "") + ("async " if function.is_async else "")
    returned = f" -> {function.returns}" if function.returns else ""
    return f"{prefix}({', '.join(_parts(function.parameters))}){returned}"


def write_names(parameters: Sequence[Parameter]) -> str:
    """Write parameters without their annotations: ``(self, a, /, b=..., *, c)``."""
    return f"({', '.join(_parts([item._replace(annotation='') for item in parameters]))})"


def _parts(parameters: Sequence[Parameter]) -> list[str]:
    parts: list[str] = []
    positional_only = [item.kind is ParameterKind.POSITIONAL for item in parameters]
    starred = False
    for index, item in enumerate(parameters):
        if index and positional_only[index - 1] and not positional_only[index]:
            parts.append("/")
        if item.kind is ParameterKind.KEYWORD and not starred:
            parts.append("*")
            starred = True
        starred = starred or item.kind is ParameterKind.VARIADIC
        parts.append(_parameter(item))
    if positional_only and positional_only[-1]:
        parts.append("/")
    return parts


def _parameter(item: Parameter) -> str:
    stars = {ParameterKind.VARIADIC: "*", ParameterKind.KEYWORDS: "**"}.get(item.kind, "")
    annotation = f": {item.annotation}" if item.annotation else ""
    may_be_left_out = not item.is_required and not stars
    default = "" if not may_be_left_out else " = ..." if annotation else "=..."
    return f"{stars}{item.name}{annotation}{default}"
