"""Names that are one slip of the hand from another."""

from collections.abc import Iterable

__all__ = ["nearest"]

#: is_npu is no slip of is_cpu.
_SHORTEST = 8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the first known name from which `name` differs by one edit, ``None`` without one.

    An edit adds, drops or changes a character, or swaps two neighbours. Short names differ too
    easily, and names that differ by more than letters mean something else.
    """
    return next((other for other in sorted(known) if _is_one_edit(name, other)), None)


def _is_one_edit(name: str, other: str) -> bool:
    if name == other or min(len(name), len(other)) < _SHORTEST:
        return False
    start = 0
    while start < min(len(name), len(other)) and name[start] == other[start]:
        start += 1
    rest, wanted = name[start:], other[start:]
    swapped = len(rest) > 1 and rest[1::-1] + rest[2:] == wanted
    edited = rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:]
    # is_cuda1 and is_cuda2, fp8_dtype and fp4_dtype are different things.
    different = {*rest[:1], *wanted[:1]}
    return swapped or (edited and not any(letter.isdigit() for letter in different))
