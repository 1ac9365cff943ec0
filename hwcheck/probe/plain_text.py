"""Text for what a plugin's objects are, whatever they do when they are asked for it."""

__all__ = ["plain", "shown"]


def plain(value: object) -> str | None:
    """The exact `str` in a string of any class; ``None`` for what is no string."""
    # Not `str(value)`: a subclass can answer that with anything, or raise.
    return str.__str__(value) if issubclass(type(value), str) else None


def shown(value: object, longest: int, *, quoted: bool = True) -> str:
    """The `repr` of a value (its `str` if not `quoted`), cut; never raises."""
    try:
        text = plain(repr(value) if quoted else str(value)) or ""
    # A plugin's object can raise anything, and even leave: nobody else asked it for text.
    except BaseException as error:
        name = type.__dict__["__name__"].__get__(type(error))
        return f"(its text cannot be made: {name})"
    return text if len(text) <= longest else text[:longest] + "..."
