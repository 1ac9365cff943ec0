"""Tests of reply files as plugins may leave them."""

import json
import os

import pytest

from hwcheck.observe.replies import read_reply


def line(sequence, phase, *, nonce="n", **more):
    return json.dumps({"nonce": nonce, "sequence": sequence, "phase": phase, **more}) + "\n"


def step(sequence, name="opt-out"):
    record = {"name": name, "subject": "", "state": "done", "answer": {"modules": []}}
    return line(sequence, "begin", step=name, subject="", limit=3.0) + line(
        sequence + 1, "end", record=json.dumps(record)
    )


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "reply.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_reply(path, "n")

    return read_text


def test_complete_reply(read):
    """
    Steps in order and a last line: nothing is wrong.
    """
    seen = read(step(1) + step(3) + line(5, "finish"))

    assert (len(seen.steps), seen.finished, seen.damage) == (2, True, None)


def test_step_that_did_not_end(read):
    """
    The child died in the step that it had begun.
    """
    seen = read(step(1) + line(3, "begin", step="load", subject="a"))

    assert (seen.finished, seen.steps[-1].name, seen.steps[-1].state) == (False, "load", "died")


@pytest.mark.parametrize(
    ("text", "damage"),
    [
        (step(1) + "garbage\n", "line 3 is not the probe's"),
        (step(1) + line(3, "finish", nonce="other"), "line 3 was not written by this child"),
        (step(1) + line(2, "finish"), "line 3 is out of order"),
        (line(3, "finish"), "line 1 is out of order"),
        (step(1) + line(3, "dance"), "line 3 has no known phase"),
        (line(1, "begin", step="dance"), "line 1 cannot be read as a step"),
        (line(1, "end", record="{"), "line 1 cannot be read as a step"),
        (step(1) + '{"nonce": "n"', "line 3 is not complete"),
        (b"\xff\xfe\n" + step(1).encode(), "line 1 is not the probe's"),
    ],
)
def test_damage_is_told(read, text, damage):
    """
    The first thing that is wrong is named, and what can be read is kept.
    """
    assert damage == read(text).damage


def test_copy_names_the_step_it_was_made_in(read):
    """
    The copy's line counts whenever it comes, and is not out of order.
    """
    seen = read(step(1) + step(3) + line(2, "forked", step="call") + line(5, "finish"))

    assert (seen.forked_in, seen.damage, seen.finished) == ("call", None, True)


@pytest.mark.parametrize("told", [("load", "call"), ("call", "load")])
def test_first_of_several_forks_is_named(read, told):
    """
    It is the first by the order of the steps, whichever copy was the first to tell.
    """
    steps = line(1, "begin", step="load") + line(2, "begin", step="call")
    copies = "".join(line(9, "forked", step=name) for name in told)

    assert read(steps + copies).forked_in == "load"


def test_fork_outside_of_known_steps_is_named_all_the_same(read):
    """
    What a plugin overwrote need not hold the step.
    """
    assert read(line(9, "forked", step="call")).forked_in == "call"


def test_file_that_is_gone(tmp_path):
    """
    A plugin removed it.
    """
    seen = read_reply(tmp_path / "absent", "n")

    assert seen.damage == "the file cannot be read: No such file or directory"


def test_pipe_in_its_place_does_not_block(tmp_path):
    """
    Only a regular file is read.
    """
    os.mkfifo(tmp_path / "reply.jsonl")

    seen = read_reply(tmp_path / "reply.jsonl", "n")

    assert seen.damage == "the file cannot be read: it is no regular file"
