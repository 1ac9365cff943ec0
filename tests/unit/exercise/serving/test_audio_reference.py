"""The reference of a model that hears, as a process."""

import sys
from pathlib import Path

import pytest

from hwcheck.exercise.serving.audio_reference import AudioReferenceFailed, Heard, audio_logprobs

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
        "import json, pathlib, sys\n"
        "import numpy\n"
        "folder, question, answer = sys.argv[-3:]\n"
        "asked = json.loads(pathlib.Path(question).read_text())\n"
        "tokens = [token for item in asked for token in item['tokens']]\n"
        "numpy.save(answer, numpy.array([tokens, tokens], dtype=float).T)\n"
    )

    first, second = audio_logprobs(Path("model"), HEARD, python=python)

    assert first[:, 0].tolist() == [1.0, 2.0, 3.0]
    assert second[:, 1].tolist() == [4.0, 5.0]


def test_process_that_gives_nothing_is_quoted(program):
    """
    The message says how it ended and what it printed last.
    """
    python = program("import sys\nsys.exit('no such model')\n")

    with pytest.raises(AudioReferenceFailed, match="ended with 1 and printed last: no such model"):
        audio_logprobs(Path("model"), HEARD, python=python)


def test_process_that_hangs_is_ended(program):
    """
    It gets its time and no more.
    """
    python = program("import time\ntime.sleep(60)\n")

    with pytest.raises(AudioReferenceFailed, match="no answer within"):
        audio_logprobs(Path("model"), HEARD, python=python, limit=0.5)
