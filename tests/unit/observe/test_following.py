"""Tests of following the replies of children while they grow."""

import json
import os

import pytest

from hwcheck.observe.following import Follower, StepNews


@pytest.fixture
def reply(tmp_path):
    """The reply of a child, to which lines can be added."""
    file = tmp_path / "probe" / "serving-2" / "reply.jsonl"
    file.parent.mkdir(parents=True)

    def add(*lines, end="\n"):
        with file.open("a", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + end)

    add.file = file
    return add


@pytest.fixture
def follower(tmp_path):
    return Follower(tmp_path / "probe", tmp_path / "control")


def begun(subject="generate.greedy"):
    return json.dumps({"phase": "begin", "step": "examine", "subject": subject, "limit": 9.0})


def ended(seconds):
    record = json.dumps({"name": "examine", "state": "done", "seconds": seconds})
    return json.dumps({"phase": "end", "record": record})


def news(subject, seconds, *, of_host=False):
    return StepNews(
        child="serving", step="examine", subject=subject, seconds=seconds, of_host=of_host
    )


def test_steps_are_told_once_as_they_come(reply, follower):
    """
    Each look gives what was written since the last one; half a line waits for its end.
    """
    reply(begun(), end="\n{")
    first = follower.look()
    with reply.file.open("a", encoding="utf-8") as stream:
        stream.write(ended(1.5)[1:] + "\n")
    second = follower.look()

    assert first == (news("generate.greedy", None),)
    assert second == (news("generate.greedy", 1.5),)
    assert follower.look() == ()
    assert first[0].contract == "generate.greedy"


def test_steps_of_the_control_say_so(tmp_path, follower):
    """
    The host's own platform is told from the plugin's.
    """
    file = tmp_path / "control" / "serving" / "reply.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text(begun("cache.prefix") + "\n", encoding="utf-8")

    assert follower.look() == (news("cache.prefix", None, of_host=True),)


@pytest.mark.parametrize("line", ["nonsense", '{"phase": "end", "record": "no"}', "\x00", "[]"])
def test_what_a_plugin_writes_is_no_news(line, reply, follower):
    """
    Lines that are not the probe's are passed over, and those behind them are read.
    """
    reply(line, begun())

    assert follower.look() == (news("generate.greedy", None),)


def test_what_is_no_file_is_no_news(reply, follower):
    """
    A pipe in the place of the file blocks nobody.
    """
    os.mkfifo(reply.file)

    assert follower.look() == ()


def test_line_without_an_end_is_passed_over(reply, follower):
    """
    A line that is longer than any of ours does not keep the others from being read.
    """
    reply("x" * (2**20 + 5), begun())

    assert [*follower.look(), *follower.look()] == [news("generate.greedy", None)]
