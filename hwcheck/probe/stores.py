"""Which attributes a line of code sets, read from its compiled form."""

import dis
from collections.abc import Iterator
from types import CodeType

__all__ = ["Stored", "stores_of"]

Stored = frozenset[str | None]
"""Names; ``None`` stands for one that is only known when the line is taken."""

_SETTERS = frozenset({"setattr", "delattr", "__setattr__", "__delattr__"})
_STORE_ATTRIBUTE = bytes(
    dis.opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR", "STORE_SUBSCR") if name in dis.opmap
)


def stores_of(code: CodeType) -> dict[int, Stored]:
    """The names that each line sets as an attribute, or as a key that is a string."""
    if not _may_store(code):
        return {}
    found: dict[int, set[str | None]] = {}
    for line, name in _stored(code):
        found.setdefault(line, set()).add(name)
    return {line: frozenset(names) for line, names in found.items()}


def _may_store(code: CodeType) -> bool:
    opcodes = code.co_code[::2]
    return bool(_SETTERS.intersection(code.co_names)) or any(
        opcode in opcodes for opcode in _STORE_ATTRIBUTE
    )


def _stored(code: CodeType) -> Iterator[tuple[int, str | None]]:
    previous: object = None
    for instruction in dis.get_instructions(code):
        line = instruction.positions.lineno if instruction.positions else None
        operation, argument = instruction.opname, instruction.argval
        if operation in ("EXTENDED_ARG", "CACHE", "NOP"):
            continue
        if line is not None:
            if operation in ("STORE_ATTR", "DELETE_ATTR"):
                yield line, argument
            elif operation in ("STORE_SUBSCR", "DELETE_SUBSCR") and isinstance(previous, str):
                yield line, previous
            elif operation == "STORE_SUBSCR" or argument in _SETTERS:
                yield line, None
        previous = argument if operation == "LOAD_CONST" else None
