"""Digests of function bodies, blind to white space, comments and docstrings."""

import ast
import hashlib
import re

__all__ = ["digest_of", "without_docstring"]

#: What stands before the comment of a line; what is in quotes may hold the sign.
_CODE = re.compile(r"""(?:[^'"#]|'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")*+(?=#)""")


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body behind its docstring."""
    first = body[0] if body else None
    match first:
        case ast.Expr(value=ast.Constant(value=str())):
            return body[1:]
    return body


def digest_of(lines: list[str], body: list[ast.stmt], shape: str) -> str:
    """Digest a body; `shape` tells which statements stand in which, as indentation does."""
    if not body:
        return ""
    first, last = body[0].lineno, body[-1].end_lineno or body[-1].lineno
    text = "".join(
        [line if "#" not in line else _without_comment(line) for line in lines[first - 1 : last]]
    )
    text = "".join(text.split()).replace(",)", ")").replace(",]", "]").replace(",}", "}")
    data = f"{shape}{text}".encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def _without_comment(line: str) -> str:
    found = _CODE.match(line)
    return found.group() if found else line
