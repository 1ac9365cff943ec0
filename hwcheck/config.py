"""The configuration in a plugin's repository: ``hwcheck.toml`` or a table of ``pyproject.toml``."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from hwcheck.errors import ConfigError
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.waiver import WAIVABLE, Scope, Signature, Waiver, WaiverClass

__all__ = ["Config", "expiry_of", "find_config", "has_table", "read_config"]

OWN_FILE = "hwcheck.toml"
SHARED_FILE = "pyproject.toml"
_ID = re.compile(r"[^\s\[\]]+(\[[^\]].*\])?")
_HOST_WORD = re.compile(r"vllm\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a repository says to hwcheck."""

    waivers: tuple[Waiver, ...] = ()
    source: str = ""
    """The file, as it was named; empty when there is none."""


class _ScopeTable(msgspec.Struct, frozen=True, kw_only=True):
    host: str = ""
    device: str = ""


class _SignatureTable(msgspec.Struct, frozen=True, kw_only=True):
    state: OutcomeState | None = None
    exception: str = ""
    message: str = ""


class _WaiverTable(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: WaiverClass = msgspec.field(name="class")
    reason: str
    owner: str
    # A date or a release: msgspec cannot tell the two apart in text.
    expires: object
    signature: _SignatureTable
    scope: _ScopeTable = _ScopeTable()
    issue: str = ""
    created: date | None = None


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    waiver: tuple[_WaiverTable, ...] = ()


#: By the name of a key: the table that stands there.
_TABLES: dict[str, type[msgspec.Struct]] = {
    "waiver": _WaiverTable,
    "scope": _ScopeTable,
    "signature": _SignatureTable,
}


def find_config(folder: Path) -> Config:
    """Read the configuration of a folder; without one there are no waivers.

    Raises ConfigError: it is not as it has to be, or there are two.
    """
    own, shared = folder / OWN_FILE, folder / SHARED_FILE
    in_shared = has_table(folder)
    if own.is_file() and in_shared:
        raise ConfigError(
            f"both {OWN_FILE!r} and [tool.hwcheck] in {SHARED_FILE!r} configure hwcheck"
            "\n  keep one of them"
        )
    if own.is_file():
        return read_config(own)
    return read_config(shared) if in_shared else Config()


def has_table(folder: Path) -> bool:
    """Whether the ``pyproject.toml`` of a folder configures hwcheck.

    Raises ConfigError: it cannot be read.
    """
    shared = folder / SHARED_FILE
    return shared.is_file() and _table_of(_parsed(shared), shared) is not None


def read_config(path: Path) -> Config:
    """Read a configuration; of a file named ``pyproject.toml`` its table ``tool.hwcheck``.

    Raises ConfigError: it cannot be read, is no TOML, has a key that is not known or a wrong value.
    """
    table = _table_of(_parsed(path), path)
    if table is None:
        return Config(source=str(path))
    _refuse_unknown(table, _Document, path, "$")
    try:
        document = msgspec.convert(table, _Document)
    except msgspec.ValidationError as error:
        text = str(error)
        raise _wrong(path, text[:1].lower() + text[1:]) from None
    return Config(
        waivers=tuple(
            _waiver(item, path, f"$.waiver[{number}]")
            for number, item in enumerate(document.waiver)
        ),
        source=str(path),
    )


def expiry_of(text: str) -> date | Version:
    """Read the end of a waiver: a date, or a vLLM release.

    Raises ValueError: neither.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Version(_HOST_WORD.sub("", text.strip()))


def _parsed(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except (OSError, ValueError) as error:
        # What is no UTF-8 and what is no TOML are both values that are wrong.
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"cannot read the configuration {str(path)!r}: {reason}"
            "\n  name a TOML file; `hwcheck init` writes one"
        ) from error


def _table_of(document: Mapping[str, object], path: Path) -> Mapping[str, object] | None:
    if path.name != SHARED_FILE:
        return document
    tools = document.get("tool", {})
    table = tools.get("hwcheck") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise _wrong(path, "`tool.hwcheck` is no table")
    return table


def _refuse_unknown(
    table: Mapping[str, object], kind: type[msgspec.Struct], path: Path, place: str
) -> None:
    known = sorted(field.encode_name for field in msgspec.structs.fields(kind))
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise _wrong(path, f"unknown key {key!r} - at `{place}`", hint)
        inner = _TABLES.get(key)
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            if inner is not None and isinstance(item, dict):
                index = f"[{number}]" if isinstance(value, list) else ""
                _refuse_unknown(item, inner, path, f"{place}.{key}{index}")


def _waiver(table: _WaiverTable, path: Path, place: str) -> Waiver:
    if not _ID.fullmatch(table.id):
        raise _wrong(path, f"{table.id!r} is no contract and no contract[case] - at `{place}.id`")
    for name, text in (("reason", table.reason), ("owner", table.owner)):
        if not text.strip():
            raise _wrong(path, f"it is empty - at `{place}.{name}`")
    _check_signature(table.signature, path, place)
    _check_range(table.scope.host, path, place)
    return Waiver(
        id=table.id,
        kind=table.kind,
        reason=table.reason,
        owner=table.owner,
        expires=_expiry(table.expires, path, place),
        signature=Signature(
            state=table.signature.state,
            exception=table.signature.exception,
            message=table.signature.message,
        ),
        scope=Scope(host=table.scope.host, device=table.scope.device),
        issue=table.issue,
        created="" if table.created is None else table.created.isoformat(),
    )


def _check_signature(signature: _SignatureTable, path: Path, place: str) -> None:
    if not (signature.exception or signature.message or signature.state):
        raise _wrong(
            path,
            f"it names no failure - at `{place}.signature`",
            'give an exception, a message or a state; message = "*" takes every failure',
        )
    if signature.state is not None and signature.state not in WAIVABLE:
        known = ", ".join(sorted(WAIVABLE))
        raise _wrong(
            path,
            f"{signature.state.value!r} cannot be waived - at `{place}.signature.state`",
            f"known: {known}",
        )


def _check_range(text: str, path: Path, place: str) -> None:
    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        raise _wrong(
            path,
            f"{error} - at `{place}.scope.host`",
            'give a range of vLLM releases such as ">=0.30,<0.33"',
        ) from None


def _expiry(found: object, path: Path, place: str) -> str:
    if isinstance(found, datetime):
        found = found.date()
    if isinstance(found, date):
        return found.isoformat()
    try:
        return str(expiry_of(str(found)))
    except InvalidVersion:
        raise _wrong(
            path,
            f"{found!r} is neither a date nor a vLLM release - at `{place}.expires`",
            'give a date such as 2027-01-31, or a release such as "0.34.0"',
        ) from None


def _wrong(
    path: Path, found: str, remedy: str = "see docs/how-to-waive-a-failure.md"
) -> ConfigError:
    return ConfigError(f"{str(path)!r} is not as it has to be: {found}\n  {remedy}")
