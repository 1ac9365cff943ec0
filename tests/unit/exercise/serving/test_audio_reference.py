"""The reference of a model that hears, as a process."""

import sys
import time
from pathlib import Path

import psutil
import pytest

from hwcheck.exercise.serving.audio_reference import AudioReference, AudioReferenceFailed, Heard

HEARD = [Heard(tokens=(1, 2, 3), seed=1), Heard(tokens=(4, 5), seed=None)]


@pytest.fixture
def program(tmp_path: Path):
    """Make programs in the place of the interpreter, which get the words of the reference."""

    def make(text: str) -> str:
        file = tmp_path / "python"
        file.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        file.chmod(0o755)
        return str(file)

    return make


def test_rows_are_shared_out(program):
    """
    Each gets a row for each of its tokens.
    """
    python = program(
        "import json, sys\n"
        "import numpy\n"
        "folder, answer = sys.argv[-2:]\n"
        "asked = json.load(sys.stdin)\n"
        "tokens = [token for item in asked for token in item['tokens']]\n"
        "numpy.save(answer, numpy.array([tokens, tokens], dtype=float).T)\n"
    )

    with AudioReference(Path("model"), python=python) as reference:
        first, second = reference.logprobs(HEARD)

    assert first[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert second[:, 1].tolist() == [4.0, 5.0]


def test_process_that_gives_nothing_is_quoted(program):
    """
    The message says how it ended and what it printed last.
    """
    python = program("import sys\nsys.exit('no such model')\n")

    said = "ended with 1 and printed last: no such model"
    with (
        AudioReference(Path("model"), python=python) as reference,
        pytest.raises(AudioReferenceFailed, match=said),
    ):
        reference.logprobs(HEARD)


def test_process_that_hangs_is_ended(program):
    """
    It gets its time and no more.
    """
    python = program("import time\ntime.sleep(60)\n")

    with (
        AudioReference(Path("model"), python=python, limit=0.5) as reference,
        pytest.raises(AudioReferenceFailed, match="no answer within"),
    ):
        reference.logprobs(HEARD)


def test_process_ends_with_its_block(program, tmp_path):
    """
    One that nobody asks is not waited for, and is not asked later.
    """
    mark = tmp_path / "pid"
    python = program(
        "import os, pathlib, sys, time\n"
        f"new = pathlib.Path({str(mark)!r}).with_suffix('.new')\n"
        "new.write_text(str(os.getpid()))\n"
        f"new.rename({str(mark)!r})\n"
        "time.sleep(60)\n"
    )

    with AudioReference(Path("model"), python=python) as reference:
        while not mark.exists():
            time.sleep(0.01)

    assert not psutil.pid_exists(int(mark.read_text(encoding="utf-8")))
    with pytest.raises(AudioReferenceFailed, match="answers once, within its block"):
        reference.logprobs(HEARD)
