"""The text of annotations, without white space and quotes."""

import ast

__all__ = ["dotted", "text"]

_QUOTES = str.maketrans("", "", "\"' \t\r\n\f\\")


def text(node: ast.expr | None) -> str:
    """Write an annotation as in the source, without white space and quotes."""
    if node is None:
        return ""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{text(value)}.{name}"
        case ast.Subscript(value=value, slice=items):
            return f"{text(value)}[{text(items)}]"
        case ast.Tuple(elts=elements):
            return ",".join(map(text, elements))
        case ast.List(elts=elements):
            return f"[{','.join(map(text, elements))}]"
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return f"{text(left)}|{text(right)}"
        case ast.Constant(value=str(value)):
            return value.translate(_QUOTES)
        case ast.Constant(value=value) if value is ...:
            return "..."
        case ast.Constant(value=value):
            return repr(value)[:80]
    return ast.unparse(node).translate(_QUOTES)[:200]


def dotted(node: ast.expr) -> str:
    """Write a name with its attributes as in the source; empty for anything else."""
    steps: list[str] = []
    while isinstance(node, ast.Attribute):
        steps.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    steps.append(node.id)
    return ".".join(reversed(steps))
