"""What other processes of an engine raised, read where they print it."""

import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hwcheck.exercise.serving.worker_errors import WorkerError, WorkerErrors, first_error
from hwcheck.exercise.verdicts import broken
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution

#: As vLLM's processes log: each line has the process and the logger in front.
WORKER = "(Worker_TP1 pid=12) ERROR 11-30 08:21:01 [multiproc_executor.py:870] "
CORE = "(EngineCore_DP0 pid=11) ERROR 11-30 08:21:01 [core.py:832] "


def own_place(file: str, line: int, function: str) -> Place:
    return Place(file=file, line=line, function=function)


#: The files of a plugin that lies in /acme.
ACME: Any = SimpleNamespace(owns_file=lambda file: file.startswith("/acme"), place=own_place)


def traceback(front: str, *lines: str) -> list[str]:
    return [f"{front}{line}" for line in ("Traceback (most recent call last):", *lines)]


def frame(file: str, line: int) -> tuple[str, str]:
    return f'  File "{file}", line {line}, in load', "    call()"


def test_first_error_is_told_with_the_plugins_line():
    """
    The lines of two processes come in between each other.
    """
    worker = traceback(WORKER, *frame("/acme/a.py", 7), *frame("/lib/b.py", 9), "KeyError: 'x'")
    core = traceback(CORE, *frame("/lib/c.py", 1), "RuntimeError: see the root cause above")
    lines = [line for pair in zip(worker, core, strict=False) for line in pair]
    lines += worker[len(core) :]

    found = first_error(lines, ACME)

    assert found == WorkerError(
        words="KeyError: 'x'", place=Place(file="/acme/a.py", line=7, function="load")
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (traceback("", *frame("/lib/b.py", 9), "acme.errors.NoCard: card 0"), "NoCard: card 0"),
        (traceback("(VllmWorker pid=4) ", *frame("/lib/b.py", 9), "OSError: no"), "OSError: no"),
        (["KeyError: 'x'", "(Worker pid=1) INFO 11-30 08:21:01 [a.py:1] ValueError: y"], None),
        (traceback("", "RuntimeError: See stack trace for root cause."), None),
        (traceback("", *frame("/lib/b.py", 9)), None),
        ([], None),
    ],
    ids=["plain", "printed", "without-traceback", "not-the-cause", "cut-off", "nothing"],
)
def test_what_counts_as_an_error(lines: list[str], expected: str | None):
    """
    The end of a traceback does, unless it tells to look elsewhere.
    """
    found = first_error(lines, ACME)

    assert found is expected or (found is not None and found.words.endswith(str(expected)))
    assert found is None or found.place is None


def test_error_is_told_behind_the_reason():
    """
    vLLM's own words stay, and the plugin's line takes the place of vLLM's.
    """
    place = Place(file="acme/a.py", line=7, function="load")
    case = WorkerError(words="KeyError: 'x'", place=place).told_in(broken("the engine died"))

    assert (case.reason, case.place) == (
        "the engine died; in another process: KeyError: 'x'",
        place,
    )


CHILD = """
import subprocess, sys
from pathlib import Path
from hwcheck.exercise.serving.worker_errors import WorkerErrors
from hwcheck.probe.attribution import Attribution

def work(code):
    subprocess.run([sys.executable, "-c", code], check=False)

host = Attribution.of_host()
errors = WorkerErrors()
work("raise KeyError('before')")
errors.begin()
work("raise KeyError('first')")
work("raise KeyError('second')")
untold = RuntimeError("Engine core initialization failed. See root cause above.")
told = [errors.behind(error, host) for error in (untold, RuntimeError("no"))]
Path(sys.argv[1]).write_text(repr([found and found.words for found in told]))
"""


@pytest.mark.parametrize("is_file", [True, False], ids=["file", "pipe"])
def test_other_processes_print_where_this_one_does(tmp_path: Path, is_file: bool):
    """
    What they print is read back from the file; where there is none, nothing is told.
    """
    output, answer = tmp_path / "stderr.txt", tmp_path / "answer.txt"
    with output.open("wb") as stream:
        streams = stream if is_file else subprocess.PIPE
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(CHILD), str(answer)],
            stdin=subprocess.DEVNULL,
            stdout=streams,
            stderr=streams,
            check=True,
        )

    expected = "[\"KeyError: 'first'\", None]" if is_file else "[None, None]"
    assert answer.read_text(encoding="utf-8") == expected


def test_streams_that_are_closed_say_nothing(monkeypatch: pytest.MonkeyPatch):
    """
    A plugin can close them.
    """
    monkeypatch.setattr("hwcheck.exercise.serving.worker_errors._STREAMS", (987, 988))

    errors = WorkerErrors()

    assert errors.behind(RuntimeError("root cause"), Attribution.of_host()) is None
