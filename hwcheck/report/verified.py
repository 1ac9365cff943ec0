"""Renders what the check of an evidence bundle found."""

from hwcheck.model.bundle import Verified
from hwcheck.report.escaping import visible

__all__ = ["render"]


def render(found: Verified, source: str) -> str:
    """Render one doubt a line, then what was not looked at, then the verdict."""
    lines = [f"{item.kind}: {item.subject}: {item.detail}" for item in found.doubts]
    lines += [f"note: {remark}" for remark in found.remarks]
    number = len(found.doubts)
    if not number:
        verdict = "it adds up"
    elif number == 1:
        verdict = "one thing in it does not add up"
    else:
        verdict = f"{number} things in it do not add up"
    lines.append(f"{source}: {found.plugin} on {found.host}, {found.files} files: {verdict}")
    return "".join(f"{visible(line)}\n" for line in lines)
