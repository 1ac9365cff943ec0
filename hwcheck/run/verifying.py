"""Checking an evidence bundle: whether it is whole, and whether what it concludes follows."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import PurePosixPath

from hwcheck.capabilities.fold import fold
from hwcheck.codec import decode_line, decode_run
from hwcheck.errors import CodecError, UsageError
from hwcheck.model.bundle import Bundle, Doubt, DoubtKind, Verified
from hwcheck.model.contract import Contract
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.record import RecordLine
from hwcheck.model.run import Run
from hwcheck.report.summary import host_name, plugin_name
from hwcheck.run.assemble import profile_results
from hwcheck.run.packing import BUNDLE_SCHEMA, BUNDLE_VERSION, CONTENTS, LOGS, RUN
from hwcheck.waivers.matching import is_expired, names

__all__ = ["verify_bundle"]

#: Together; a bundle that says it holds more is not read.
_LARGEST = 2 * 2**30
_RECORD = "record.jsonl"
_RERUN = "rerun-"
#: What a waiver or a rerun makes of an outcome that the record has as it was.
_REFINED = {
    OutcomeState.WAIVED: frozenset(
        {OutcomeState.BROKEN, OutcomeState.NOT_MEASURED, OutcomeState.FLAKY}
    ),
    OutcomeState.FLAKY: frozenset({OutcomeState.BROKEN}),
}


def verify_bundle(
    data: bytes, source: str, *, known: Sequence[Contract], hwcheck: str, today: date
) -> Verified:
    """Say what does not add up in a bundle, without unpacking it and without a network.

    `known` are the contracts of the suites here, which a run of this `hwcheck` must have judged.

    Raises UsageError: it is no bundle, or is made by a newer hwcheck.
    """
    members, doubts = _members(data, source)
    contents = _contents(members, source)
    doubts += _against_contents(members, contents)
    remarks = [f"left out when it was packed: {name}" for name in contents.left_out]
    try:
        run = decode_run(members.get(RUN, b""), RUN)
    except CodecError as error:
        doubts.append(_doubt(DoubtKind.UNREADABLE, RUN, str(error).partition("\n")[0]))
        return Verified(
            plugin="unknown",
            host="unknown",
            files=len(members),
            doubts=tuple(sorted(doubts)),
            remarks=tuple(remarks),
        )
    doubts += [*_substance(run), *_conclusions(run), *_waivers(run, today)]
    if run.environment.hwcheck != hwcheck:
        remarks.append(
            f"made by hwcheck {run.environment.hwcheck}, this is {hwcheck}: whether contracts of "
            "the profiles are missing was not looked at"
        )
    else:
        doubts += _missing(run, known)
    doubts += _records(run, members, remarks)
    return Verified(
        plugin=plugin_name(run),
        host=host_name(run),
        files=len(members),
        doubts=tuple(sorted(doubts)),
        remarks=tuple(remarks),
    )


def _members(data: bytes, source: str) -> tuple[dict[str, bytes], list[Doubt]]:
    found: dict[str, bytes] = {}
    doubts: list[Doubt] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(item.file_size for item in infos) > _LARGEST:
                raise UsageError(f"{source!r} unpacks to more than {_LARGEST // 2**30} GiB")
            for info in infos:
                if (fault := _unsafe(info, found)) is not None:
                    doubts.append(_doubt(DoubtKind.UNSAFE_PATH, info.filename, fault))
                    continue
                found[info.filename] = _content(archive, info, doubts)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(
            f"{source!r} is no evidence bundle: {error}\n  `hwcheck bundle RUN` makes one"
        ) from error
    return found, doubts


def _unsafe(info: zipfile.ZipInfo, found: Mapping[str, bytes]) -> str | None:
    # What an unpacker makes of a name depends on the system, so nothing doubtful is let pass.
    name, path = info.orig_filename, PurePosixPath(info.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        return "it would be unpacked outside of the folder"
    if info.filename in found:
        return "it is there twice"
    mode = info.external_attr >> 16
    if mode & 0o170000 not in (0, 0o100000):
        return "it is no plain file"
    return None


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, doubts: list[Doubt]) -> bytes:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        doubts.append(_doubt(DoubtKind.DAMAGED, info.filename, f"it cannot be read: {error}"))
        return b""


def _contents(members: Mapping[str, bytes], source: str) -> Bundle:
    if CONTENTS not in members:
        raise UsageError(
            f"{source!r} is no evidence bundle: it has no {CONTENTS!r}"
            "\n  `hwcheck bundle RUN` makes one"
        )
    try:
        contents = decode_line(members[CONTENTS], Bundle, CONTENTS)
    except CodecError as error:
        raise UsageError(f"{source!r} is no evidence bundle: {error}") from error
    if contents.schema != BUNDLE_SCHEMA or contents.version > BUNDLE_VERSION:
        raise UsageError(
            f"{source!r} holds {contents.schema!r} in version {contents.version}; this hwcheck "
            f"reads {BUNDLE_SCHEMA!r} up to {BUNDLE_VERSION}\n  upgrade hwcheck"
        )
    return contents


def _against_contents(members: Mapping[str, bytes], contents: Bundle) -> Iterator[Doubt]:
    listed = {file.path: file for file in contents.files}
    for path, file in listed.items():
        data = members.get(path)
        if data is None:
            yield _doubt(DoubtKind.DAMAGED, path, "it is not there")
        elif len(data) != file.size or sha256(data).hexdigest() != file.sha256:
            yield _doubt(DoubtKind.DAMAGED, path, "it is not the file that was packed")
    for path in members:
        if path != CONTENTS and path not in listed:
            yield _doubt(DoubtKind.UNLISTED, path, "it is not in the list of contents")
    if RUN not in listed:
        yield _doubt(DoubtKind.DAMAGED, RUN, "it is not in the list of contents")


def _substance(run: Run) -> Iterator[Doubt]:
    if not run.complete:
        reason = run.interruption or "no reason is known"
        yield _doubt(DoubtKind.INCOMPLETE, RUN, reason)
    if not run.outcomes:
        yield _doubt(DoubtKind.EMPTY, RUN, "it has no outcomes")
    elif not run.in_state(OutcomeState.PASSED):
        yield _doubt(DoubtKind.EMPTY, RUN, "nothing in it passed")
    described = {contract.id for contract in run.contracts}
    for id_ in sorted({item.contract for item in run.outcomes} - described):
        yield _doubt(DoubtKind.EDITED, id_, "it has an outcome, and the run does not describe it")
    for id_, number in Counter(item.id for item in run.outcomes).items():
        if number > 1:
            yield _doubt(DoubtKind.EDITED, id_, f"it has {number} outcomes")


def _conclusions(run: Run) -> Iterator[Doubt]:
    expected = profile_results(
        run.contracts, run.outcomes, is_complete=run.complete and not run.selection
    )
    told = {result.profile: result for result in run.profiles}
    for result in expected:
        if told.get(result.profile) != result:
            yield _doubt(
                DoubtKind.EDITED,
                str(result.profile),
                f"its outcomes make it {result.verdict} ({result.passed} passed, "
                f"{result.broken} broken), and the run says otherwise",
            )
    for profile in sorted(told.keys() - {result.profile for result in expected}):
        yield _doubt(DoubtKind.EDITED, str(profile), "no outcome is of this profile")
    standings = {item.capability: item for item in run.standings}
    for standing in fold(run.capabilities, run.readings, run.outcomes, run.engines):
        if standings.pop(standing.capability, None) != standing:
            yield _doubt(
                DoubtKind.EDITED,
                standing.capability,
                f"its evidence makes it {standing.rung.name}, and the run says otherwise",
            )
    for capability in sorted(standings):
        yield _doubt(DoubtKind.EDITED, capability, "the run does not describe this capability")


def _waivers(run: Run, today: date) -> Iterator[Doubt]:
    host = "" if run.host is None else run.host.version
    waived = {item.id: item for item in run.in_state(OutcomeState.WAIVED)}
    covered: set[str] = set()
    for use in run.waivers:
        waiver = use.waiver
        if use.standing.is_fault:
            yield _doubt(DoubtKind.WAIVER, waiver.id, f"{use.standing}: {use.detail}")
        elif use.covers and is_expired(waiver, host, today):
            yield _doubt(DoubtKind.WAIVER, waiver.id, f"it ended with {waiver.expires}")
        for id_ in use.covers:
            if id_ in waived and names(waiver, waived[id_]) and waived[id_].waiver == waiver.told:
                covered.add(id_)
    for id_ in sorted(waived.keys() - covered):
        yield _doubt(DoubtKind.EDITED, id_, "it is waived, and no waiver of the run covers it")


def _missing(run: Run, known: Sequence[Contract]) -> Iterator[Doubt]:
    if run.selection:
        return
    judged = {item.contract for item in run.outcomes}
    profiles = {result.profile for result in run.profiles}
    for contract in known:
        if contract.profile in profiles and not contract.group and contract.id not in judged:
            detail = f"it belongs to {contract.profile} and has no outcome"
            yield _doubt(DoubtKind.MISSING_CONTRACT, contract.id, detail)


def _records(run: Run, members: Mapping[str, bytes], remarks: list[str]) -> Iterator[Doubt]:
    """Hold the run against the record that the suite wrote line by line."""
    records = [
        path
        for path in members
        if path.startswith(LOGS)
        and path.rpartition("/")[2] == _RECORD
        and not any(part.startswith(_RERUN) for part in path.split("/"))
    ]
    if len(records) != 1:
        remarks.append(f"the logs hold {len(records)} records: none was held against the run")
        return
    (path,) = records
    try:
        lines = [decode_line(line, RecordLine, path) for line in members[path].splitlines()]
    except CodecError as error:
        yield _doubt(DoubtKind.UNREADABLE, path, str(error).partition("\n")[0])
        return
    recorded: dict[str, set[OutcomeState]] = {}
    for line in lines:
        if line.outcome is not None:
            recorded.setdefault(line.outcome.id, set()).add(line.outcome.state)
    told = {item.id: item.state for item in run.outcomes}
    for id_ in sorted(told.keys() | recorded.keys()):
        if id_ not in recorded:
            yield _doubt(DoubtKind.EDITED, id_, "the record of the suite has no such outcome")
        elif id_ not in told:
            yield _doubt(DoubtKind.EDITED, id_, "the record of the suite has it, the run has not")
        elif not recorded[id_] & (_REFINED.get(told[id_], frozenset()) | {told[id_]}):
            was = ", ".join(sorted(recorded[id_]))
            yield _doubt(DoubtKind.EDITED, id_, f"the record says {was}, the run {told[id_]}")


def _doubt(kind: DoubtKind, subject: str, detail: str) -> Doubt:
    return Doubt(kind=kind, subject=subject, detail=detail)
