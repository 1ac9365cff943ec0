"""The line that tells how far a check is."""

import threading
from io import StringIO

from rich.console import Console

from hwcheck.report.check_progress import CheckProgress


def test_line_is_gone_at_the_end():
    """
    What is worked on is shown without its control characters, and nothing stays.
    """
    stream = StringIO()
    console = Console(file=stream, force_terminal=True, width=80)

    with CheckProgress(console) as progress:
        progress.follow("window", "\x1b[2J[red]0.26.0", done=3, total=43)
        console.print("said")

    text = stream.getvalue()
    assert "window 3/43: \\x1b[2J[red]0.26.0" in text
    assert text.endswith("\x1b[2K")


def test_no_thread_runs_while_the_line_is_shown():
    """
    With another thread running, no process could be forked to share the work.
    """
    console = Console(file=StringIO(), force_terminal=True, width=80)
    before = threading.active_count()

    with CheckProgress(console) as progress:
        progress.follow("host", "0.33.0", done=0, total=0)

        assert threading.active_count() == before
