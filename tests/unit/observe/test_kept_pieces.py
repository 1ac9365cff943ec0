"""Tests of what is kept of children, and of runs that continue with it."""

import json
from dataclasses import replace

import pytest

from hwcheck.model.observation import Child, Step, StepName, StepState
from hwcheck.model.outcome import Cause
from hwcheck.observe.kept_pieces import keep_child, keep_nonce, kept_pieces, piece_folder
from hwcheck.observe.observe import observe

NONCE = "0123"
CHILD = Child(
    name="serving",
    steps=(Step(name=StepName.ACTIVATE, state=StepState.RAISED),),
    cause=None,
    ended="exit 0",
    seconds=3.0,
    peak_bytes=7,
    tail="",
)


def line(number, phase, **more):
    return json.dumps({"nonce": NONCE, "sequence": number, "phase": phase, **more}) + "\n"


def reply_of(place, *lines):
    keep_nonce(place, NONCE)
    (place / "reply.jsonl").write_text("".join(lines), encoding="utf-8")


def test_child_that_ended_is_read_back(tmp_path):
    """
    A child of its own end is kept whole.
    """
    place = piece_folder(tmp_path, "serving", 1)
    keep_nonce(place, NONCE)

    keep_child(place, CHILD)

    (piece,) = kept_pieces(tmp_path, "serving")
    assert (piece.child, piece.is_whole) == (CHILD, True)


def test_child_that_was_cut_off_has_the_steps_that_ended(tmp_path):
    """
    The step in work is not known; those before it are, also of a child that was interrupted.
    """
    place = piece_folder(tmp_path, "serving", 1)
    record = '{"name": "examine", "subject": "a.b", "state": "raised", "seconds": 1.0}'
    reply_of(
        place,
        line(1, "begin", step="examine", subject="a.b"),
        line(2, "end", record=record),
        line(3, "begin", step="examine", subject="c.d"),
    )
    keep_child(place, replace(CHILD, cause=Cause.INTERRUPTED))

    (piece,) = kept_pieces(tmp_path, "serving")

    assert not piece.is_whole
    assert [(step.subject, step.state) for step in piece.child.steps] == [("a.b", StepState.RAISED)]


@pytest.mark.parametrize("damage", ["child.json", "nonce", "reply.jsonl"])
def test_damaged_files_are_no_pieces_of_knowledge(damage, tmp_path):
    """
    A power cut leaves empty files; what they held is found again.
    """
    place = piece_folder(tmp_path, "serving", 1)
    reply_of(place)
    (place / damage).write_bytes(b"")

    (piece,) = kept_pieces(tmp_path, "serving")

    assert (piece.is_whole, piece.child.steps) == (False, ())


def test_starts_are_read_in_order(tmp_path):
    """
    A child that was started again has several.
    """
    for number in (1, 2):
        place = piece_folder(tmp_path, "serving", number)
        keep_nonce(place, NONCE)
        keep_child(place, replace(CHILD, peak_bytes=number))

    assert [piece.child.peak_bytes for piece in kept_pieces(tmp_path, "serving")] == [1, 2]
    assert kept_pieces(tmp_path, "server") == ()


def test_children_that_ended_are_not_started_again(workshop, tmp_path):
    """
    Who observes again with what was kept sees the same, and the plugin is not run.
    """
    plugin = workshop.acme(top="open(__file__ + '.ran', 'a').write('x')")
    subject = replace(workshop.subject(plugin), kept=tmp_path / "kept")

    first = observe(subject)
    ran = next(workshop.site.rglob("*.ran")).read_text(encoding="utf-8")
    second = observe(subject)

    assert first == second
    assert ran == next(workshop.site.rglob("*.ran")).read_text(encoding="utf-8")


def test_child_that_was_cut_off_is_started_again(workshop, tmp_path):
    """
    Of a child that does not examine, all steps are taken anew.
    """
    subject = replace(workshop.subject(workshop.acme()), kept=tmp_path / "kept")
    first = observe(subject)
    (piece_folder(tmp_path / "kept", "staged", 1) / "child.json").unlink()

    second = observe(subject)

    names = [[step.name for step in seen.child("staged").steps] for seen in (first, second)]
    assert names[0] == names[1]
    assert piece_folder(tmp_path / "kept", "staged", 2).is_dir()
    assert not piece_folder(tmp_path / "kept", "active", 2).exists()


def test_death_of_an_earlier_run_is_kept(workshop, tmp_path):
    """
    A step in which the plugin's process died is not taken once more by the run that continues.
    """
    plugin = workshop.acme(
        members="""
    @property
    def device_name(self):
        import os
        os._exit(3)
    """
    )
    subject = replace(workshop.subject(plugin), kept=tmp_path / "kept")
    first = observe(subject)
    pieces = kept_pieces(tmp_path / "kept", "active")
    last = piece_folder(tmp_path / "kept", "active", len(pieces)) / "child.json"
    last.unlink()

    second = observe(subject)

    died = [
        [step.subject for step in seen.child("active").steps if step.state is StepState.DIED]
        for seen in (first, second)
    ]
    assert died[0] == died[1] != []
