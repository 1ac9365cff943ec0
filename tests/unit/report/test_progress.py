"""Progress on terminals and elsewhere."""

import io

from rich.console import Console

from hwcheck.report.progress import LINE_EVERY, Progress


def console(*, is_terminal):
    """Make a console on a string."""
    return Console(
        file=io.StringIO(), width=100, force_terminal=is_terminal, _environ={"TERM": "xterm"}
    )


def test_progress_elsewhere_is_a_line_now_and_then(make):
    """
    Away from a terminal there is one line for many outcomes and one for each broken one.
    """
    shown = console(is_terminal=False)
    progress = Progress(shown)

    progress.start(LINE_EVERY)
    for _ in range(LINE_EVERY - 1):
        progress.advance(make.outcome())
    progress.advance(make.broken("fork", "[red]", reason="one\ntwo"))
    progress.stop()
    progress.stop()

    assert shown.file.getvalue().splitlines() == [
        "broken: fork[[red]]: one\\ntwo",
        "25/25: 1 broken, 24 passed",
    ]


def test_progress_on_terminal_draws_and_removes_a_bar(make):
    """
    On a terminal a bar shows the count and the case, and lines come above it.
    """
    shown = console(is_terminal=True)
    progress = Progress(shown)

    progress.start(2)
    progress.advance(make.outcome("class-path", case="[red]"))
    progress.say("the suite begins")
    progress.stop()

    text = shown.file.getvalue()
    assert "1/2" in text
    assert "class-path[[red]]" in text
    assert "the suite begins" in text
