"""Says what changed between two runs."""

from hwcheck.model.run_difference import RunChange, RunDifference, RunSide, Trend
from hwcheck.report.difference import Frame, Line, Section
from hwcheck.report.markdown import code_cell, words

__all__ = ["frame_of"]


def _sentence(difference: RunDifference) -> str:
    """Count the changes of each direction."""
    counted = [f"{len(difference.of_trend(trend))} {trend}" for trend in Trend]
    return f"{', '.join(counted)}, {difference.unchanged} unchanged"


def frame_of(difference: RunDifference) -> Frame:
    """Put into words what is told, one section a direction."""
    return Frame(
        old=(difference.old.source, _measured(difference.old)),
        new=(difference.new.source, _measured(difference.new)),
        remarks=difference.remarks,
        head="| what | | before | after | why |",
        sections=tuple(
            Section(title=trend, count=len(changes), lines=tuple(map(_line, changes)))
            for trend in Trend
            if (changes := difference.of_trend(trend))
        ),
        sentence=_sentence(difference),
    )


def _line(change: RunChange) -> Line:
    before, after = words(change.before or "-"), words(change.after or "-")
    return Line(
        text=f"{change.subject} {change.id}: {_move(change)}",
        cells=(change.subject, code_cell(change.id), before, after),
        why=change.why,
    )


def _measured(side: RunSide) -> str:
    return f"{side.verdict} ({side.environment})"


def _move(change: RunChange) -> str:
    if change.before is None or change.after is None:
        return change.before or change.after or ""
    return f"{change.before} -> {change.after}"
