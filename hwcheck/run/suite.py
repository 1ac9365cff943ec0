"""Running the suites in a pytest of their own, and following their record while it grows."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hwcheck.codec import decode_line
from hwcheck.errors import CodecError, RunError
from hwcheck.model.record import RecordLine
from hwcheck.observe.conditions import Conditions
from hwcheck.observe.following import CONTROL, PROBE, Follower, StepNews

__all__ = ["SuiteEnd", "SuiteRequest", "run_suite"]

_POLL = 0.05
_LOOK_EVERY = 0.5
#: pytest's own folder.
_WORK = "work"
_SECONDS_TO_END = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRequest:
    """What is run, and where its files go."""

    packages: tuple[str, ...]
    platform: str
    conditions: Conditions
    directory: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteEnd:
    """How pytest ended, and every line that it recorded."""

    lines: tuple[RecordLine, ...]
    exit_code: int | None
    interrupted: bool
    output: str
    """The end of what pytest printed."""


def run_suite(
    request: SuiteRequest,
    follow: Callable[[RecordLine], None],
    look: Callable[[Sequence[StepNews]], None] = lambda news: None,
) -> SuiteEnd:
    """Run pytest on the suites and hand on each line of the record as it comes.

    `look` is called twice a second with what the children have said meanwhile.
    An interruption (Ctrl-C) ends pytest and its children, and what was recorded is kept.

    Raises RunError: pytest cannot be started.
    """
    request.directory.mkdir(parents=True, exist_ok=True)
    record = request.directory / "record.jsonl"
    record.touch()
    output = request.directory / "pytest.txt"
    with output.open("wb") as stream:
        process = _start(request, record, stream)
        lines: list[RecordLine] = []
        interrupted = False
        try:
            for line in _followed(process, record, _Look(request, look)):
                lines.append(line)
                follow(line)
        except KeyboardInterrupt:
            interrupted = True
            _end(process)
            lines = list(_read(record))
        finally:
            _kill(process)
    return SuiteEnd(
        lines=tuple(lines),
        exit_code=process.returncode,
        interrupted=interrupted,
        output=output.read_text(encoding="utf-8", errors="replace")[-8000:],
    )


def _start(request: SuiteRequest, record: Path, stream: IO[bytes]) -> subprocess.Popen[bytes]:
    settings = request.directory / "pytest.ini"
    # Its own configuration: the tested repository's options and plugins are for its own tests.
    settings.write_text("[pytest]\n", encoding="utf-8")
    environment = dict(request.environment)
    environment.pop("PYTEST_ADDOPTS", None)
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        return subprocess.Popen(
            [sys.executable, *_arguments(request, record, settings)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
            # Ctrl-C reaches us alone; we then end it in good order.
            start_new_session=True,
        )
    except OSError as error:
        raise RunError(f"pytest cannot be started with {sys.executable!r}: {error}") from error


def _arguments(request: SuiteRequest, record: Path, settings: Path) -> Sequence[str]:
    conditions = request.conditions
    limits = conditions.limits
    return [
        *("-P", "-m", "hwcheck.run.pytest_child", str(os.getpid())),
        *("-p", "hwcheck.pytest_plugin", "-p", "no:cacheprovider", "-q", "--tb=short"),
        *("-c", str(settings), "--rootdir", str(request.directory)),
        *("--basetemp", str(request.directory / _WORK)),
        *("--pyargs", *request.packages),
        *("--hwcheck-platform", request.platform),
        *("--hwcheck-python", conditions.python),
        *("--hwcheck-record", str(record)),
        *("--hwcheck-step-limit", str(limits.step)),
        *("--hwcheck-start-limit", str(limits.start)),
        *("--hwcheck-memory-limit", str(limits.memory / 2**30)),
        *(word for item in conditions.profiles for word in ("--hwcheck-profile", str(item))),
        *(word for item in conditions.pass_environment for word in ("--hwcheck-pass-env", item)),
        *(word for item in conditions.announced for word in ("--hwcheck-announce-env", item)),
        *(word for item in conditions.contracts for word in ("--hwcheck-contract", item)),
        *(word for item in conditions.groups for word in ("--hwcheck-group", item)),
        *_about_engines(conditions),
        *("--hwcheck-seed", str(conditions.seed)),
        *(("--hwcheck-stub-sdk",) if conditions.stub_sdk else ()),
        *("--hwcheck-cache", str(conditions.cache or "")),
        *(("--hwcheck-kept", str(conditions.kept)) if conditions.kept is not None else ()),
    ]


def _about_engines(conditions: Conditions) -> Iterator[str]:
    for option, value in (
        ("--hwcheck-pairs-cap", conditions.most_engines),
        ("--hwcheck-model", conditions.model),
        ("--hwcheck-head-size", conditions.head_size),
    ):
        if value is not None:
            yield from (option, str(value))


class _Look:
    """Looks at the children now and then."""

    def __init__(self, request: SuiteRequest, look: Callable[[Sequence[StepNews]], None]) -> None:
        work = request.conditions.kept or request.directory / _WORK
        self._follower = Follower(work / PROBE, work / CONTROL)
        self._look = look
        self._next = 0.0

    def __call__(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _LOOK_EVERY
            self._look(self._follower.look())


def _followed(
    process: subprocess.Popen[bytes], record: Path, look: Callable[[], None]
) -> Iterator[RecordLine]:
    with record.open("rb") as stream:
        rest = b""
        while True:
            running = process.poll() is None
            rest += stream.read()
            *whole, rest = rest.split(b"\n")
            for raw in whole:
                yield _line(raw)
            look()
            if not running:
                return
            time.sleep(_POLL)


def _read(record: Path) -> Iterator[RecordLine]:
    for raw in record.read_bytes().split(b"\n")[:-1]:
        yield _line(raw)


def _line(raw: bytes) -> RecordLine:
    try:
        return decode_line(raw, RecordLine, "record")
    except CodecError as error:
        raise RunError(f"the suite wrote a record that cannot be read: {error}") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pytest as Ctrl-C would, so that it stops the probe's children and closes its record.

    A second interruption means that the user does not want to wait for that.
    """
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(_SECONDS_TO_END)
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End pytest at once, if it still runs; the supervisors of its children then end those."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
