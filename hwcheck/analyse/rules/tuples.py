"""What return annotations say of the shape of a value."""

__all__ = ["element_count", "optional_parts"]

_TUPLES = ("tuple[", "Tuple[", "typing.Tuple[")
_OPTIONALS = ("Optional[", "typing.Optional[")
_UNIONS = ("Union[", "typing.Union[")


def element_count(annotation: str) -> int | None:
    """Count the elements of a tuple annotation; ``None``: no tuple, or of any length."""
    inner = _inside(annotation, _TUPLES)
    if inner is None:
        return None
    parts = _split(inner, ",")
    if "..." in parts or any(part.startswith(("*", "Unpack[")) for part in parts):
        return None
    return 0 if parts == ["()"] else len(parts)


def optional_parts(annotation: str) -> frozenset[str]:
    """Split a union into its members; ``Optional[X]`` has two."""
    inner = _inside(annotation, _OPTIONALS)
    if inner is not None:
        return optional_parts(inner) | {"None"}
    inner = _inside(annotation, _UNIONS)
    if inner is not None:
        return frozenset().union(*(optional_parts(part) for part in _split(inner, ",")))
    return frozenset(_split(annotation, "|"))


def _inside(annotation: str, openings: tuple[str, ...]) -> str | None:
    opening = next((item for item in openings if annotation.startswith(item)), None)
    if opening is None or not annotation.endswith("]"):
        return None
    inner = annotation[len(opening) : -1]
    depth = 0
    for letter in inner:
        depth += (letter == "[") - (letter == "]")
        if depth < 0:
            return None
    return inner


def _split(text: str, separator: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "[(") - (letter in "])")
        if letter == separator and not depth:
            parts.append(text[start:index].strip())
            start = index + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
