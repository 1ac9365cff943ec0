"""The rows of a window: releases that are alike and follow each other share one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hwcheck.model.check import WindowLine

__all__ = ["WindowRow", "window_rows"]

#: Characters: one line of a terminal.
_LONGEST = 95
_MODULES = re.compile(r"(?<![\w.])(?:[a-z]\w*\.){2,}(?=_*[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """Releases in a row of which the same is said."""

    hosts: tuple[str, ...]
    fits: bool
    errors: str
    """One number, or the lowest and the highest."""
    warnings: str
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """The release, or the first and the last."""
        return self.hosts[0] if len(self.hosts) == 1 else f"{self.hosts[0]} to {self.hosts[-1]}"

    @property
    def counts(self) -> str:
        """The numbers in words, without those of which there are none."""
        told = (("error", self.errors), ("warning", self.warnings))
        return ", ".join(
            f"{number} {name}{'' if number == '1' else 's'}"
            for name, number in told
            if number != "0"
        )


def window_rows(window: Iterable[WindowLine]) -> tuple[WindowRow, ...]:
    """Join releases with the same verdict and reasons, oldest first.

    All reasons are kept next to a fitting release, where the plugin's author is going to look;
    the others keep the first.
    """
    groups: list[list[WindowLine]] = []
    for line in window:
        if groups and _alike(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    fits = [group[0].fits for group in groups]
    beside = [True in fits[max(number - 1, 0) : number + 2] for number in range(len(groups))]
    return tuple(_row(group, whole=near) for group, near in zip(groups, beside, strict=True))


def _alike(one: WindowLine, other: WindowLine) -> bool:
    return one.fits == other.fits and one.reasons == other.reasons


def _row(group: list[WindowLine], *, whole: bool) -> WindowRow:
    return WindowRow(
        hosts=tuple(line.host for line in group),
        fits=group[0].fits,
        errors=_span([line.errors for line in group]),
        warnings=_span([line.warnings for line in group]),
        reasons=tuple(map(_brief, group[0].reasons if whole else group[0].reasons[:1])),
    )


def _span(numbers: list[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _brief(reason: str) -> str:
    """Leave out the modules of classes: a reason is a hint, and the places are told elsewhere."""
    brief = _MODULES.sub("", reason)
    return brief if len(brief) <= _LONGEST else f"{brief[: _LONGEST - 3]}..."
