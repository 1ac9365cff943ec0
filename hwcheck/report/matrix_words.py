"""The words and shapes of a matrix, the same on the page, in Markdown and on badges."""

from dataclasses import dataclass

from hwcheck.model.capability import Mark, Rung
from hwcheck.model.matrix_cells import CellState
from hwcheck.model.matrix_static import StaticState

__all__ = ["CHECKS", "MARKS", "NOT_CHECKED", "RUNGS", "STATES", "CheckWord", "MarkWord", "Word"]

#: A release that was run and whose source was not checked.
NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How one state or rung is told."""

    id: str
    word: str
    short: str
    """What fits into a cell."""
    label: str
    """What fits into a legend."""
    meaning: str
    tone: str
    """The colour, which never tells anything alone: good, fair, bad, unsure, none."""
    symbol: str = ""
    """vLLM's own in its feature tables: yes, partial, no, unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWord:
    """How one state of a source check is told."""

    id: str
    word: str
    short: str
    meaning: str
    tone: str
    symbol: str
    counts: bool = False
    """Whether a cell shows the number of errors in place of the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkWord:
    """How one mark on a rung is told."""

    id: str
    word: str
    meaning: str
    chip: bool = False
    """Whether cells can be filtered by it."""


STATES: tuple[Word, ...] = tuple(
    Word(
        id=state,
        word=word,
        short=short,
        label=word.rpartition(", ")[2],
        tone=tone,
        symbol=symbol,
        meaning=meaning,
    )
    for state, word, short, tone, symbol, meaning in (
        (
            CellState.YES_NATIVE,
            "yes, native",
            "native",
            "good",
            "✅",
            "It works, on the plugin's own parts.",
        ),
        (
            CellState.YES_FALLBACK,
            "yes, fallback",
            "fallback",
            "good",
            "✅",
            "It works, on vLLM's parts in place of the plugin's.",
        ),
        (
            CellState.PARTIAL,
            "partial",
            "partial",
            "fair",
            "🟠",
            "Some of it was shown, and nothing speaks against the rest.",
        ),
        (
            CellState.NO_HARDWARE,
            "no, no hardware",
            "no hw",
            "none",
            "❌",
            "The vendor says that the device cannot do it.",
        ),
        (
            CellState.NO_NOT_IMPLEMENTED,
            "no, not implemented",
            "no impl.",
            "none",
            "❌",
            "The platform was asked, and does not declare it.",
        ),
        (
            CellState.NO_REFUSED,
            "no, refused",
            "refused",
            "none",
            "❌",
            "Asked for, it is refused at once and with a reason.",
        ),
        (
            CellState.BROKEN,
            "broken",
            "broken",
            "bad",
            "❌",
            "A contract that it rests on is broken.",
        ),
        (
            CellState.FLAKY,
            "flaky",
            "flaky",
            "fair",
            "🟠",
            "The same inputs gave different results.",
        ),
        (
            CellState.WAIVED,
            "waived",
            "waived",
            "unsure",
            "🟠",
            "Broken, and known: a waiver with a reason and an end stands for it.",
        ),
        (
            CellState.NOT_MEASURED,
            "not measured",
            "unmeasured",
            "unsure",
            "❔",
            "It was not measured, or it is owed still; the reason stands in its evidence.",
        ),
        (
            CellState.UNKNOWN,
            "unknown",
            "unknown",
            "unsure",
            "❔",
            "Nothing shows it and nothing speaks against it.",
        ),
    )
)

RUNGS: tuple[Word, ...] = tuple(
    Word(
        id=rung.name,
        word=rung.title,
        short=rung.name,
        label=f"{rung.name} {rung.title}",
        meaning=meaning,
        tone="plain",
        symbol=symbol,
    )
    for rung, symbol, meaning in (
        (Rung.E0, "·", "Nothing is proven."),
        (Rung.E1, "○", "Claimed only: nothing has shown it."),
        (Rung.E2, "◐", "What the claim rests on exists in this vLLM, and fits."),
        (Rung.E3, "●", "Its objects were built under the real vLLM, and keep their contracts."),
        (Rung.E4, "◆", "It ran, and its result equals a reference."),
        (Rung.E5, "★", "It ran together with the other capabilities that are claimed."),
    )
)

MARKS: tuple[MarkWord, ...] = (
    MarkWord(id=Mark.NATIVE, word="native", meaning="The part that it runs on is the plugin's."),
    MarkWord(id=Mark.FALLBACK, word="fallback", meaning="vLLM's own part stood in."),
    MarkWord(
        id=Mark.CONTRADICTED, word="contradicted", meaning="Declared, and shown false.", chip=True
    ),
    MarkWord(id=Mark.UNDECLARED, word="undeclared", meaning="Shown, and not claimed.", chip=True),
    MarkWord(
        id=Mark.REFUSED_CLEANLY,
        word="refused cleanly",
        meaning="Refused with a message that helps.",
    ),
    MarkWord(
        id=Mark.IGNORED_SILENTLY,
        word="ignored silently",
        meaning="Accepted, and left out without a word.",
    ),
    MarkWord(
        id=Mark.CRASHED,
        word="crashed",
        meaning="It ended in an exception that tells users nothing.",
    ),
    MarkWord(id=Mark.WAIVED, word="waived", meaning="A waiver stands for a failure."),
    MarkWord(
        id=Mark.NOT_APPLICABLE, word="not applicable", meaning="This vLLM does not ask for it."
    ),
    MarkWord(id=Mark.NOT_MEASURED, word="not measured", meaning="Owed, and not measured."),
    MarkWord(id=Mark.NOT_DECLARED, word="not declared", meaning="The platform does not claim it."),
    MarkWord(
        id=Mark.STALE,
        word="stale",
        meaning="Something that it was measured with has changed since.",
        chip=True,
    ),
)

CHECKS: tuple[CheckWord, ...] = (
    CheckWord(
        id=StaticState.FITS,
        word="fits",
        short="fits",
        meaning="Nothing in the plugin's source breaks on this release.",
        tone="good",
        symbol="✅",
    ),
    CheckWord(
        id=StaticState.DECLARED_OUTSIDE,
        word="fits, but the plugin excludes it",
        short="excl.",
        meaning="Nothing breaks, but the plugin's requirements exclude this release.",
        tone="unsure",
        symbol="🟠",
    ),
    CheckWord(
        id=StaticState.BREAKS,
        word="breaks",
        short="breaks",
        meaning="The plugin's source does not fit this release.",
        tone="bad",
        symbol="❌",
        counts=True,
    ),
    CheckWord(
        id=StaticState.UNREADABLE,
        word="could not be read",
        short="unread",
        meaning="The plugin could not be read or fetched: see the problems.",
        tone="fair",
        symbol="❔",
    ),
    CheckWord(
        id=NOT_CHECKED,
        word="not checked",
        short="run",
        meaning="It was run on this release, and its source was not checked against it.",
        tone="unsure",
        symbol="❔",
    ),
)
