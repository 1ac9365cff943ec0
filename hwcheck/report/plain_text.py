"""Turns what the terminal shows into plain text of a fixed width."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType

__all__ = ["plain_text"]

_WIDTH = 100


def plain_text(parts: Iterable[RenderableType]) -> str:
    """Render as plain text, 100 columns wide, without spaces at the ends of lines."""
    # Width, colour and kind are given, so that nothing of the text depends on the environment.
    console = Console(
        file=StringIO(),
        width=_WIDTH,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        legacy_windows=False,
    )
    with console.capture() as capture:
        for part in parts:
            console.print(part, highlight=False)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
