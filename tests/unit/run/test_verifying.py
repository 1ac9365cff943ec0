"""Bundles in which something does not add up."""

import io
import stat
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from hwcheck.codec import encode_line
from hwcheck.errors import UsageError
from hwcheck.model.bundle import DoubtKind
from hwcheck.model.capability import Rung
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.record import RecordLine
from hwcheck.model.waiver import Signature, Waiver, WaiverClass, WaiverStanding, WaiverUse
from hwcheck.run.packing import pack_run
from hwcheck.run.verifying import verify_bundle

TODAY = date(2026, 12, 2)
WAIVER = Waiver(
    id="lora.swap",
    kind=WaiverClass.PLUGIN_BUG,
    reason="known",
    owner="kernels",
    expires="2026-12-31",
    signature=Signature(message="*"),
)


def verified(data, *, known=(), hwcheck="1.0", today=TODAY):
    return verify_bundle(data, "x.zip", known=known, hwcheck=hwcheck, today=today)


def doubts(data, **changes):
    return [(item.kind, item.subject) for item in verified(data, **changes).doubts]


def rewritten(data, change):
    """Write an archive again with its members changed, and nothing else."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)
    return stream.getvalue()


def waived(run, conclude, waiver=WAIVER, **changes):
    """Waive what is broken, as a run would."""
    outcomes = tuple(
        replace(item, state=OutcomeState.WAIVED, waiver=waiver.told)
        if item.state is OutcomeState.BROKEN
        else item
        for item in run.outcomes
    )
    fields = {"standing": WaiverStanding.USED, "detail": "d", "covers": ("lora.swap",)}
    use = WaiverUse(waiver=waiver, **(fields | changes))
    return conclude(replace(run, outcomes=outcomes, waivers=(use,)))


def test_sound_bundle_adds_up(sound_run):
    """
    What cannot be looked at is said.
    """
    found = verified(pack_run(sound_run))

    assert found.doubts == ()
    assert (found.plugin, found.host, found.files) == ("acme 1.0", "vllm 0.32.0", 4)
    assert found.remarks == ("the logs hold 0 records: none was held against the run",)


def test_changed_missing_and_added_files_are_found(sound_run):
    """
    By the list of contents.
    """

    def change(members):
        rest = {name: data for name, data in members.items() if name != "environment.txt"}
        return {**rest, "reproduce.txt": b"rm -rf /", "extra.txt": b""}

    assert doubts(rewritten(pack_run(sound_run), change)) == [
        (DoubtKind.DAMAGED, "environment.txt"),
        (DoubtKind.DAMAGED, "reproduce.txt"),
        (DoubtKind.UNLISTED, "extra.txt"),
    ]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "..\\x", "C:x", "run.json"], ids=ascii)
def test_member_that_leads_out_or_comes_twice_is_found(sound_run, name):
    """
    Nothing is unpacked, and everything that would be elsewhere is named.
    """
    stream = io.BytesIO(pack_run(sound_run))
    with zipfile.ZipFile(stream, "a") as archive:
        if name == "run.json":
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr(name, b"")
        else:
            archive.writestr(name, b"")

    assert [kind for kind, _ in doubts(stream.getvalue())] == [DoubtKind.UNSAFE_PATH]


def test_link_in_the_archive_is_found(sound_run):
    """
    An unpacker would follow it.
    """
    stream = io.BytesIO(pack_run(sound_run))
    with zipfile.ZipFile(stream, "a") as archive:
        link = zipfile.ZipInfo("logs/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert doubts(stream.getvalue()) == [(DoubtKind.UNSAFE_PATH, "logs/link")]


def test_edited_verdict_and_rung_are_found(sound_run):
    """
    Hashes made anew do not help: what the run concludes is drawn again from its outcomes.
    """
    profile = replace(sound_run.profiles[0], broken=0, passed=2)
    standing = replace(sound_run.standings[0], rung=Rung.E4)
    edited = replace(sound_run, profiles=(profile,), standings=(standing,))

    assert doubts(pack_run(edited)) == [(DoubtKind.EDITED, "P0"), (DoubtKind.EDITED, "lora")]


def test_edited_outcome_is_found_by_the_record(sound_run, conclude, tmp_path):
    """
    The record of the suite is held against the run, also where all conclusions follow.
    """
    lines = [RecordLine(outcome=outcome) for outcome in sound_run.outcomes]
    folder = tmp_path / "keep" / "run-x"
    (folder / "rerun-1").mkdir(parents=True)
    (folder / "rerun-1" / "record.jsonl").write_text("")
    (folder / "record.jsonl").write_text("".join(f"{encode_line(line)}\n" for line in lines))
    outcomes = tuple(replace(item, state=OutcomeState.PASSED) for item in sound_run.outcomes)
    edited = conclude(replace(sound_run, outcomes=outcomes))
    shortened = conclude(replace(sound_run, outcomes=sound_run.outcomes[:1]))

    assert doubts(pack_run(sound_run, tmp_path / "keep")) == []
    assert doubts(pack_run(waived(sound_run, conclude), tmp_path / "keep")) == []
    assert doubts(pack_run(edited, tmp_path / "keep")) == [(DoubtKind.EDITED, "lora.swap")]
    assert doubts(pack_run(shortened, tmp_path / "keep")) == [(DoubtKind.EDITED, "lora.swap")]

    (folder / "record.jsonl").write_text("{")
    assert doubts(pack_run(sound_run, tmp_path / "keep")) == [
        (DoubtKind.UNREADABLE, "logs/run-x/record.jsonl")
    ]


def test_empty_and_incomplete_runs_are_found(sound_run, conclude):
    """
    A run that shows nothing is no evidence.
    """
    empty = conclude(replace(sound_run, outcomes=()))
    broken = conclude(replace(sound_run, outcomes=sound_run.outcomes[1:]))
    short = conclude(replace(sound_run, complete=False, interruption="interrupted"))

    assert doubts(pack_run(empty)) == [(DoubtKind.EMPTY, "run.json")]
    assert doubts(pack_run(broken)) == [(DoubtKind.EMPTY, "run.json")]
    assert doubts(pack_run(short)) == [(DoubtKind.INCOMPLETE, "run.json")]


def test_contract_of_a_profile_without_outcome_is_found(sound_run):
    """
    Not one of another profile or of an optional group, nor in a run of another hwcheck.
    """

    def contract(id_, profile=Profile.P0, group=""):
        return Contract(
            id=id_, profile=profile, title="t", relied_on_by="r", remedy="m", group=group
        )

    known = (
        contract("load.call"),
        contract("load.answer"),
        contract("generate.greedy", Profile.P2),
        contract("ops.layout", group="operators"),
    )
    data = pack_run(sound_run)

    assert doubts(data, known=known) == [(DoubtKind.MISSING_CONTRACT, "load.answer")]
    assert doubts(data, known=known, hwcheck="2.0") == []


def test_doubled_and_undescribed_outcomes_are_found(sound_run, conclude):
    """
    Each case has one outcome, of a contract that the run describes.
    """
    strange = replace(sound_run.outcomes[0], contract="nobody.knows")
    run = conclude(
        replace(sound_run, outcomes=(*sound_run.outcomes, sound_run.outcomes[0], strange))
    )

    assert doubts(pack_run(run)) == [
        (DoubtKind.EDITED, "load.call[acme]"),
        (DoubtKind.EDITED, "nobody.knows"),
    ]


def test_stale_waivers_are_found(sound_run, conclude):
    """
    One that has ended since, one that failed the run, and a waived outcome that none covers.
    """
    run = waived(sound_run, conclude)
    failed = waived(sound_run, conclude, standing=WaiverStanding.PASSES)
    alone = replace(run, waivers=())

    assert doubts(pack_run(run)) == []
    assert doubts(pack_run(run), today=date(2027, 1, 1)) == [(DoubtKind.WAIVER, "lora.swap")]
    assert doubts(pack_run(failed)) == [(DoubtKind.WAIVER, "lora.swap")]
    assert doubts(pack_run(alone)) == [(DoubtKind.EDITED, "lora.swap")]


def test_unreadable_run_is_found(sound_run):
    """
    The rest is still looked at.
    """
    data = rewritten(pack_run(sound_run), lambda members: {**members, "run.json": b"{"})

    assert doubts(data) == [(DoubtKind.DAMAGED, "run.json"), (DoubtKind.UNREADABLE, "run.json")]


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        (lambda data: b"no zip", "is no evidence bundle"),
        (lambda data: data[: len(data) // 2], "is no evidence bundle"),
        (lambda data: rewritten(data, lambda members: {"x": b""}), "has no 'bundle.json'"),
        (lambda data: rewritten(data, lambda members: {"bundle.json": b"{"}), "truncated"),
        (
            lambda data: rewritten(
                data,
                lambda members: {
                    "bundle.json": members["bundle.json"].replace(b'"version": 1', b'"version": 9')
                },
            ),
            "upgrade hwcheck",
        ),
    ],
    ids=["no zip", "truncated", "no contents", "broken contents", "newer"],
)
def test_what_is_no_bundle_is_refused(sound_run, change, phrase):
    """
    One message, no traceback.
    """
    with pytest.raises(UsageError, match=phrase):
        verified(change(pack_run(sound_run)))
