"""What `hwcheck hosts diff` shows: what changed between two hosts, module by module."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from hwcheck.hosts.compare import Change, Difference, Part
from hwcheck.report.escaping import visible

__all__ = ["HostDifference", "render_difference"]

_SIGNS = {Difference.ADDED: "+", Difference.REMOVED: "-", Difference.CHANGED: "~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDifference:
    """The changes; also the document of ``--format json``."""

    schema: Literal["hwcheck.hosts-diff"] = "hwcheck.hosts-diff"
    version: Literal[1] = 1
    before: str
    after: str
    target: str | None
    """The plugin whose uses alone are shown."""
    changes: tuple[Change, ...]
    """Sorted by symbol."""


def render_difference(difference: HostDifference) -> str:
    """Show the changes as plain text, each module under its name, with counts at the end."""
    lines: list[str] = []
    for module, changes in groupby(difference.changes, key=lambda change: change.module):
        lines.append(visible(module))
        for change in changes:
            lines.extend(f"  {line}" for line in _change_lines(change))
    return "\n".join([*lines, *([""] if lines else []), *_summary(difference), ""])


def _change_lines(change: Change) -> Iterator[str]:
    name = change.symbol.removeprefix(change.module).removeprefix(".")
    subject = f"{change.part} {visible(name)}" if name else change.part
    told = change.after if change.difference is Difference.ADDED else change.before
    if change.difference is Difference.CHANGED:
        yield f"{_SIGNS[change.difference]} {subject}"
        yield f"    before {visible(change.before, 2000)}"
        yield f"    after  {visible(change.after, 2000)}"
        return
    yield f"{_SIGNS[change.difference]} {subject}{visible(told, 2000)}"
    if change.moved_to:
        yield f"    now in {', '.join(map(visible, change.moved_to))}"


def _summary(difference: HostDifference) -> Iterator[str]:
    used = f" that {visible(difference.target)} uses" if difference.target else ""
    span = f"from {visible(difference.before)} to {visible(difference.after)}"
    if not difference.changes:
        yield f"nothing{used} changed {span}"
        return
    yield f"changes {span}{used}: {len(difference.changes)}"
    counts = Counter((change.part, change.difference) for change in difference.changes)
    for part in Part:
        told = [f"{counts[part, kind]} {kind}" for kind in Difference if counts[part, kind]]
        if told:
            yield f"  {part}: {', '.join(told)}"
