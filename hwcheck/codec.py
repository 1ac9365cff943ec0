"""Records to JSON or MessagePack and back: the only module that reads and writes them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeVar, cast

import msgspec

from hwcheck.errors import CodecError
from hwcheck.model.observation import (
    ANSWERS,
    Answer,
    Child,
    Death,
    Effect,
    Observation,
    Raised,
    Step,
    StepName,
    StepState,
)
from hwcheck.model.outcome import Cause
from hwcheck.model.run import Run

__all__ = [
    "RUN_SCHEMA",
    "RUN_VERSION",
    "UPGRADES",
    "decode_line",
    "decode_observation",
    "decode_run",
    "decode_step",
    "encode",
    "encode_line",
    "encode_observation",
    "encode_run",
    "pack",
    "run_schema",
    "unpack",
    "upgrade",
]

RUN_SCHEMA: Final = "hwcheck.run"
RUN_VERSION: Final = 3

#: A JSON document as it is before it becomes records.
Document = dict[str, object]
Upgrade = Callable[[Document], Document]


def _with_check(document: Document) -> Document:
    """Version 2 added the check, which runs of version 1 have not."""
    run = document.get("run")
    return {**document, "run": {**run, "check": None}} if isinstance(run, dict) else document


def _with_examinations(document: Document) -> Document:
    """Version 3 added what examinations found, effects and patches; absent, there are none."""
    return document


#: From the version that a function takes to the function that makes the next version of it.
UPGRADES: dict[int, Upgrade] = {1: _with_check, 2: _with_examinations}

Record = TypeVar("Record")

_PACKER = msgspec.msgpack.Encoder(order="deterministic")
_WRITE_AGAIN = "it was not written to its end: make it again"
_RUN_WANTED = "give a document that `hwcheck run` or `hwcheck report --format json` wrote"
_MADE_ELSEWHERE = "give a document that hwcheck wrote"
_NOTHING_IS_ANSWERED = "this step answers nothing: the reply was not written by this hwcheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDocument:
    """What is stored of a run; its name is the one in the schema."""

    schema: Literal["hwcheck.run"]
    version: Literal[3]
    run: Run


# msgspec cannot tell plain dataclasses in a union apart, so a step is read with its answer left
# raw, and the answer by the name of the step. Everything that holds a step needs such a twin,
# a `Struct` because msgspec keeps raw values in nothing else.
class _StepOnWire(msgspec.Struct, frozen=True, kw_only=True):
    name: StepName
    subject: str = ""
    state: StepState
    answer: msgspec.Raw = msgspec.Raw(b"null")
    raised: Raised | None = None
    death: Death | None = None
    effects: tuple[Effect, ...] = ()
    seconds: float = 0.0


class _ChildOnWire(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    steps: tuple[_StepOnWire, ...]
    cause: Cause | None
    ended: str
    seconds: float
    peak_bytes: int
    tail: str
    left_processes: tuple[str, ...] = ()


class _ObservationOnWire(msgspec.Struct, frozen=True, kw_only=True):
    children: tuple[_ChildOnWire, ...]


def encode(record: object) -> bytes:
    """Write any record, or tuple of records, as indented JSON with a line end."""
    return msgspec.json.format(_compact(record), indent=2) + b"\n"


def encode_run(run: Run) -> bytes:
    """Write a run as a document that names its schema and version."""
    return encode(RunDocument(schema=RUN_SCHEMA, version=RUN_VERSION, run=run))


def decode_run(data: bytes, source: str) -> Run:
    """Read a run; `source` is what messages call the document.

    Raises CodecError: no JSON, truncated, another kind of document, another version, a wrong field.
    """
    document = _read_document(data, source)
    document = upgrade(document, source)
    try:
        return msgspec.convert(document, RunDocument).run
    except msgspec.ValidationError as error:
        raise _refusal(
            source,
            f"a field is not as version {RUN_VERSION} of the schema says: {_placed(error)}",
            "it was changed by hand or by another tool: use the document that hwcheck wrote",
        ) from None


def upgrade(
    document: Document,
    source: str,
    *,
    upgrades: Mapping[int, Upgrade] = UPGRADES,
    version: int = RUN_VERSION,
) -> Document:
    """Bring an older run document to `version`, one version at a time.

    Raises CodecError: not a run document, a newer version, a version that no function upgrades.
    """
    found = _version_of(document, source)
    if found > version:
        raise _refusal(
            source,
            f"version {found} of {RUN_SCHEMA!r} at `$.version`; "
            f"this hwcheck reads up to {version}, it was made by a newer hwcheck",
            "upgrade hwcheck",
        ) from None
    while found < version:
        step = upgrades.get(found)
        if step is None:
            raise _refusal(
                source,
                f"version {found} of {RUN_SCHEMA!r} at `$.version`, "
                "which this hwcheck cannot bring up to date",
                "repeat the run with this hwcheck",
            ) from None
        found += 1
        document = {**step(document), "version": found}
    return document


def run_schema() -> Document:
    """Make the JSON Schema (2020-12) of run documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hwcheck:schema:run:{RUN_VERSION}",
        "title": f"{RUN_SCHEMA} {RUN_VERSION}",
        **msgspec.json.schema(RunDocument),
    }


def encode_line(record: object) -> str:
    """Write a record as JSON on one line, without the line end."""
    return _compact(record).decode()


def decode_line(line: bytes | str, type_: type[Record], source: str = "line") -> Record:
    """Read one record of that type from one line.

    Raises CodecError: no JSON, truncated, a wrong field.
    """
    return _decode(line, type_, source)


def decode_step(payload: bytes | str, source: str = "step") -> Step:
    """Read one step of the probe, its answer by the step's name.

    Raises CodecError: no JSON, truncated, a wrong field, an answer to a step that has none.
    """
    return _step(_decode(payload, _StepOnWire, source), source, "$")


def encode_observation(observation: Observation) -> bytes:
    """Write an observation as JSON on one line."""
    return _compact(observation)


def decode_observation(data: bytes, source: str = "observation") -> Observation:
    """Read an observation.

    Raises CodecError: no JSON, truncated, a wrong field.
    """
    wire = _decode(data, _ObservationOnWire, source)
    return Observation(
        children=tuple(
            _child(child, source, f"$.children[{index}]")
            for index, child in enumerate(wire.children)
        )
    )


def pack(record: object) -> bytes:
    """Write a record as MessagePack; named tuples become arrays, without their fields' names.

    Text that is not valid Unicode (a lone surrogate) is written with backslashes.
    """
    try:
        return _PACKER.encode(record)
    except UnicodeEncodeError:
        return _PACKER.encode(_with_plain_text(msgspec.to_builtins(record)))


def unpack(data: bytes, type_: type[Record], source: str = "packed record") -> Record:
    """Read one record of that type from MessagePack.

    Raises CodecError: not MessagePack, truncated, a wrong field.
    """
    try:
        return cast("Record", _unpacker(cast("Hashable", type_)).decode(data))
    except msgspec.ValidationError as error:
        found = f"a field is not as expected: {_placed(error)}"
        raise _refusal(source, found, _MADE_ELSEWHERE) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refusal(source, f"not a packed record: {error}", _WRITE_AGAIN) from error
    except RecursionError as error:
        raise _refusal(source, "not a record: it is nested too deeply", _MADE_ELSEWHERE) from error


@cache
def _unpacker(type_: Hashable) -> msgspec.msgpack.Decoder[object]:
    # Making a decoder reads the annotations of all records that it holds, so they are kept.
    return msgspec.msgpack.Decoder(type_)


def _compact(record: object) -> bytes:
    try:
        return msgspec.json.encode(record)
    except UnicodeEncodeError:
        # What a process prints need not be text: undecodable bytes arrive as lone surrogates,
        # which JSON cannot carry.
        return msgspec.json.encode(_with_plain_text(msgspec.to_builtins(record)))


def _with_plain_text(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {str(_with_plain_text(key)): _with_plain_text(value[key]) for key in value}
        case list() | tuple():
            return [_with_plain_text(item) for item in value]
        case _:
            return value


def _read_document(data: bytes, source: str) -> Document:
    document = _decode(data, dict[str, object], source)
    if document.get("schema") != RUN_SCHEMA:
        found = repr(document["schema"]) if "schema" in document else "no schema"
        raise _refusal(
            source, f"{found} at `$.schema` where {RUN_SCHEMA!r} is expected", _RUN_WANTED
        )
    return document


def _version_of(document: Document, source: str) -> int:
    version = document.get("version")
    # `True` is an int in Python and not a version in JSON.
    if isinstance(version, int) and not isinstance(version, bool) and version > 0:
        return version
    raise _refusal(
        source, f"{version!r} at `$.version` where a positive integer is expected", _RUN_WANTED
    )


def _decode(data: bytes | str, type_: type[Record], source: str, place: str = "$") -> Record:
    # Text read with surrogates for undecodable bytes is refused below, as those bytes would be.
    payload = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        return msgspec.json.decode(payload, type=type_)
    except msgspec.ValidationError as error:
        found = f"a field is not as expected: {_placed(error, place)}"
        raise _refusal(source, found, _MADE_ELSEWHERE) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(payload, source, str(error)) from error
    except RecursionError as error:
        raise _refusal(source, "not a record: it is nested too deeply", _MADE_ELSEWHERE) from error


def _unreadable(payload: bytes, source: str, message: str) -> CodecError:
    if not payload.strip():
        return _refusal(source, f"empty ({len(payload)} bytes)", _WRITE_AGAIN)
    if "truncated" in message:
        end = len(payload)
        return _refusal(source, f"truncated: it ends at byte {end}, inside a value", _WRITE_AGAIN)
    return _refusal(
        source, f"not JSON: {message.removeprefix('JSON is malformed: ')}", _MADE_ELSEWHERE
    )


def _child(wire: _ChildOnWire, source: str, place: str) -> Child:
    steps = tuple(
        _step(step, source, f"{place}.steps[{index}]") for index, step in enumerate(wire.steps)
    )
    return Child(
        name=wire.name,
        steps=steps,
        cause=wire.cause,
        ended=wire.ended,
        seconds=wire.seconds,
        peak_bytes=wire.peak_bytes,
        tail=wire.tail,
        left_processes=wire.left_processes,
    )


def _step(wire: _StepOnWire, source: str, place: str) -> Step:
    return Step(
        name=wire.name,
        subject=wire.subject,
        state=wire.state,
        answer=_answer(wire, source, place),
        raised=wire.raised,
        death=wire.death,
        effects=wire.effects,
        seconds=wire.seconds,
    )


def _answer(wire: _StepOnWire, source: str, place: str) -> Answer | None:
    if bytes(wire.answer).strip() == b"null":
        return None
    kind = ANSWERS.get(wire.name)
    if kind is None:
        raise _refusal(
            source, f"an answer to {wire.name.value!r} at `{place}.answer`", _NOTHING_IS_ANSWERED
        )
    return _decode(bytes(wire.answer), kind, source, f"{place}.answer")


def _placed(error: Exception, place: str = "$") -> str:
    text = str(error)[:1].lower() + str(error)[1:]
    return text.replace("`$", f"`{place}") if "`$" in text else f"{text} - at `{place}`"


def _refusal(source: str, found: str, remedy: str) -> CodecError:
    return CodecError(f"cannot read {source!r}: {found}\n  {remedy}")
