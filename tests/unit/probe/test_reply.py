"""Tests of the lines that a child leaves."""

import json
import os
import signal
import sys

import pytest

from hwcheck.model.observation import OptOut, StepName
from hwcheck.observe.replies import read_reply
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.messages import (
    EntryPointRequest,
    MemberRequest,
    Request,
    read_request,
    request_text,
)
from hwcheck.probe.reply import FORKED_EXIT, Reply, StepFailed
from hwcheck.probe.session import Session

ANSWER = OptOut(modules=("a",))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reply.jsonl"


@pytest.fixture
def reply(path, tmp_path, attribution):
    return Reply(
        str(path), "nonce", EffectWatch(attribution, str(tmp_path / "stdout")), attribution
    )


def take(reply, action, name=StepName.OPT_OUT, **more):
    return reply.take(name, action, limit=30.0, **more)


def fail():
    raise SystemExit("gone")


def test_step_that_is_done(reply, path):
    """
    The answer comes back, and is in the file.
    """
    given = take(reply, lambda: ANSWER, subject="x")

    (step,) = read_reply(path, "nonce").steps
    assert given == ANSWER
    assert (step.name, step.subject, step.state, step.answer) == ("opt-out", "x", "done", ANSWER)


def test_step_that_raises(reply, path):
    """
    Even what is meant to end the process is a result.
    """
    with pytest.raises(StepFailed):
        take(reply, fail)

    (step,) = read_reply(path, "nonce").steps
    assert (step.state, step.raised.type, step.raised.message) == ("raised", "SystemExit", "gone")


def test_tracer_of_the_plugin_is_taken_back(reply, path):
    """
    A tracer that raises in our own calls costs its step only, and is gone afterwards.
    """
    before = sys.gettrace(), sys.getprofile()

    def tracer(*arguments):
        raise SystemError("traced")

    def install():
        sys.setprofile(tracer)

    with pytest.raises(StepFailed):
        take(reply, install)
    take(reply, lambda: ANSWER)

    assert (sys.gettrace(), sys.getprofile()) == before
    assert [step.state for step in read_reply(path, "nonce").steps] == ["raised", "done"]


def test_handler_of_the_plugin_is_not_called_for_our_own_processes(reply, path):
    """
    Processes that we start end at any time, and each end is a signal.
    """
    before = signal.getsignal(signal.SIGCHLD)

    def install():
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    take(reply, install)
    after = signal.signal(signal.SIGCHLD, before)

    assert after is before
    assert [step.state for step in read_reply(path, "nonce").steps] == ["done"]


def test_recursion_limit_is_taken_back(reply):
    """
    A plugin that lowers the limit does not keep the next step from being written.
    """
    before = sys.getrecursionlimit()

    take(reply, lambda: sys.setrecursionlimit(before - 100))

    assert before == sys.getrecursionlimit()


def test_file_that_cannot_be_opened_is_written_through_the_reserve(reply, path, monkeypatch):
    """
    With no handle to be had, the one that was kept is used.
    """

    def refuse(*arguments):
        raise OSError("too many open files")

    monkeypatch.setattr(reply, "_open", refuse)
    take(reply, lambda: ANSWER)

    assert len(read_reply(path, "nonce").steps) == 1


def test_reserve_that_is_another_file_by_now_is_left_alone(reply, tmp_path, monkeypatch):
    """
    What a plugin closed and opened anew is not written to.
    """

    def refuse(*arguments):
        raise OSError("too many open files")

    other = os.open(tmp_path / "other", os.O_CREAT | os.O_RDWR)
    os.dup2(other, reply._reserve)
    os.close(other)
    monkeypatch.setattr(reply, "_open", refuse)

    with pytest.raises(OSError, match="too many"):
        take(reply, lambda: ANSWER)

    assert (tmp_path / "other").read_bytes() == b""


def test_closed_reserve_is_noticed(reply, monkeypatch):
    """
    A handle that was closed identifies nothing.
    """
    os.close(reply._reserve)

    assert reply._identity_of(reply._reserve) is None


def test_limit_of_files_below_the_reserve(path, tmp_path, attribution, monkeypatch):
    """
    Where so high a handle cannot be had, the first one is kept.
    """

    def refuse(*arguments):
        raise OSError

    monkeypatch.setattr("hwcheck.probe.reply.fcntl.fcntl", refuse)

    made = Reply(str(path), "n", EffectWatch(attribution, str(tmp_path / "stdout")), attribution)

    assert made._reserve < 900


def test_forked_copy_says_so_and_leaves(reply, path, monkeypatch):
    """
    A copy writes one line, which names the step that it was made in, and no result.
    """
    left = []

    def copy():
        monkeypatch.setattr(reply, "_getpid", lambda: -1)
        monkeypatch.setattr(reply, "_exit", left.append)

    take(reply, copy)

    reply._cancel_showing()
    seen = read_reply(path, "nonce")
    assert left == [FORKED_EXIT]
    assert seen.forked_in == "opt-out"


def test_finish_is_the_last_line(reply, path, monkeypatch):
    """
    The child leaves without running exit handlers.
    """
    left = []
    monkeypatch.setattr(reply, "_exit", left.append)

    reply.finish()

    assert left == [0]
    assert read_reply(path, "nonce").finished


def test_text_with_lone_surrogates_can_be_read(reply, path):
    """
    What a plugin says need not be text.
    """
    take(reply, lambda: OptOut(modules=("\ud800",)), subject="\ud800")

    seen = read_reply(path, "nonce")
    assert seen.damage is None
    assert seen.steps[0].answer.modules == ("?",)


def request(**changes):
    fields = {"child": "staged", "plugin": "p", "reply": "r", "stdout": "s", "nonce": "n"}
    return Request(**{**fields, **changes})


def test_request_comes_back(tmp_path):
    """
    What the parent writes is what the child reads.
    """
    asked = request(
        entry_points=(EntryPointRequest(group="g", name="n"),),
        members=(MemberRequest(name="m", call=True),),
        getters=("get",),
        modules=("a:b",),
        extensions=("x.so",),
        skip=(("value", "m"),),
    )
    (tmp_path / "probe.json").write_text(request_text(asked))

    assert read_request(str(tmp_path / "probe.json")) == asked


def test_session_skips_what_ended_an_earlier_child(reply, path, attribution):
    """
    A skipped step is not taken, whether others depend on it or not.
    """
    session = Session(request(skip=(("opt-out", "a"),)), reply, attribution)

    with pytest.raises(StepFailed):
        session.take(StepName.OPT_OUT, lambda: ANSWER, "a")
    skipped = session.attempt(StepName.OPT_OUT, lambda: ANSWER, "a")
    failed = session.attempt(StepName.OPT_OUT, fail, "b")
    taken = session.attempt(StepName.OPT_OUT, lambda: ANSWER, "c", limit=7.0)

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert (skipped, failed, taken) == (None, None, ANSWER)
    assert [line["limit"] for line in lines if line["phase"] == "begin"] == [30.0, 7.0]
