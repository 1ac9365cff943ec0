"""Text from strangers made safe to show: controls visible, length limited."""

import re

__all__ = ["LINE_LIMIT", "ascii_text", "visible", "visible_lines", "without_colour", "xml_text"]

#: Characters of one line that are shown; what a plugin prints or raises can be megabytes.
LINE_LIMIT = 500

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def visible(text: str, limit: int = LINE_LIMIT) -> str:
    """Show text on one line: controls, line ends and direction marks become escapes."""
    shown = text[:limit]
    rest = len(text) - len(shown)
    escaped = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in shown
    )
    return f"{escaped} [{rest} more characters]" if rest else escaped


def visible_lines(text: str, limit: int = 30) -> tuple[str, ...]:
    """Show text line by line, the last `limit` lines of it."""
    lines = text.expandtabs(4).splitlines()
    kept = tuple(visible(line.rstrip()) for line in lines[-limit:])
    left = len(lines) - len(kept)
    return (f"[{left} lines before]", *kept) if left else kept


def without_colour(text: str) -> str:
    """Remove the escapes that only set colours, as logs have them."""
    return _COLOUR.sub("", text)


def ascii_text(text: str) -> str:
    """Show an ellipsis as dots, and every other character as an escape."""
    return text.replace("…", "...").encode("ascii", "backslashreplace").decode()


def xml_text(text: str) -> str:
    """Remove the characters that XML 1.0 cannot hold in any form."""
    return _NOT_XML.sub("", text)
