"""Calls a reporter, which can be a stranger's."""

from hwcheck.errors import ReportError
from hwcheck.hooks import Reporter
from hwcheck.model.run import Run

__all__ = ["render"]


def render(reporter: Reporter, run: Run) -> str:
    """Render a run.

    Raises ReportError: the reporter failed, or did not return text.
    """
    try:
        text: object = reporter.render(run)
    except Exception as error:
        raise ReportError(
            f"reporter {reporter.name!r} failed: {type(error).__name__}: {error}"
            "\n  choose another format, or repair the extension that it comes from"
        ) from error
    if not isinstance(text, str):
        raise ReportError(
            f"reporter {reporter.name!r} returned {type(text).__name__!r} where text is expected"
            "\n  choose another format, or repair the extension that it comes from"
        )
    return text
