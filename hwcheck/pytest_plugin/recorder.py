"""The recorder: one JSON line for each outcome, flushed at once, so that a crash keeps the rest."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from _pytest.outcomes import Failed, Skipped

from hwcheck.codec import decode_line, decode_observation, encode_line
from hwcheck.model.contract import Contract
from hwcheck.model.observation import HostSeen, Observation, StepName
from hwcheck.model.outcome import Cause, Outcome, OutcomeState
from hwcheck.model.record import Heading, RecordLine
from hwcheck.model.run import ChildSummary
from hwcheck.observe.plan import run_plan
from hwcheck.pytest_plugin.cases import NO_CASE
from hwcheck.pytest_plugin.collected import collected
from hwcheck.pytest_plugin.control import OUTCOMES
from hwcheck.pytest_plugin.fixtures import (
    PAIRED,
    observation_file,
    stubbed_modules,
    wanted_examinations,
)
from hwcheck.pytest_plugin.inventory import effects_of, engines_of, inventory
from hwcheck.pytest_plugin.options import read_settings
from hwcheck.pytest_plugin.readings import readings_of
from hwcheck.pytest_plugin.selection import contract_of
from hwcheck.pytest_plugin.target import session_target
from hwcheck.pytest_plugin.verdicts import Broken, NotApplicable, NotMeasured
from hwcheck.pytest_plugin.waiving import OUTCOME, waivers_of

__all__ = ["register_recorder"]

_CONTRACT = "hwcheck_contract"


def register_recorder(config: pytest.Config) -> None:
    """Attach outcomes to reports everywhere; write them where the session is controlled."""
    config.pluginmanager.register(_Annotator(), "hwcheck-annotator")
    record = read_settings(config).record
    if record is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(config, record), "hwcheck-recorder")


class _Annotator:
    """Attaches outcome and contract to each report; runs in pytest-xdist's workers as well."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        contract = contract_of(item)
        if contract is None or (call.when != "call" and call.excinfo is None):
            return report
        report.user_properties.append((_CONTRACT, encode_line(contract)))
        outcomes = _outcomes(item, contract, call)
        report.user_properties += [
            (OUTCOME, encode_line(replace(outcome, stubbed=_is_stubbed(item))))
            for outcome in outcomes
        ]
        if (waivers := waivers_of(item.config)) is not None:
            waivers.excuse(report, outcomes)
        return report


class _Recorder:
    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config = config
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise pytest.UsageError(f"--hwcheck-record: {path}: {error.strerror}") from None
        self._known: set[str] = set()
        self._awaited: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write the heading."""
        target = session_target(self._config)
        self._awaited = {item.nodeid for item in session.items if contract_of(item) is not None}
        found = collected(session)
        self._write(
            RecordLine(
                heading=Heading(
                    plugin=target.plugin,
                    host=target.host,
                    problems=target.problems,
                    cases=len(session.items),
                    known=found.known,
                    whole=found.whole,
                )
            )
        )
        if session.items:
            self._write(RecordLine(plan=run_plan(wanted_examinations(session.items))))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the outcome that a report carries."""
        if any(name == OUTCOME for name, _ in report.user_properties):
            self._awaited.discard(report.nodeid)
        for name, value in report.user_properties:
            if name == _CONTRACT and value not in self._known:
                self._known.add(str(value))
                self._write(RecordLine(contract=decode_line(str(value), Contract)))
            elif name == OUTCOME:
                outcome = decode_line(str(value), Outcome)
                waivers = waivers_of(self._config)
                self._write(RecordLine(outcome=waivers.waived(outcome) if waivers else outcome))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write what the children were like, and that this is the end."""
        factory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        file = observation_file(self._config, factory)
        for made in (file, file.with_name(PAIRED)):
            if made.exists():
                self._write_observation(decode_observation(made.read_bytes(), str(made)))
        self._write(
            RecordLine(
                stubbed=stubbed_modules(self._config),
                finished=int(exitstatus),
                unreported=len(self._awaited),
            )
        )
        self._file.close()

    def note(self, line: RecordLine) -> None:
        """Write a line that tells of what is about to be done."""
        self._write(line)

    def _write_observation(self, observation: Observation) -> None:
        for child in observation.children:
            self._write(
                RecordLine(
                    child=ChildSummary(
                        name=child.name,
                        ended=child.ended,
                        seconds=child.seconds,
                        peak_bytes=child.peak_bytes,
                        tail=child.tail,
                    )
                )
            )
            host = child.step(StepName.IMPORT_HOST).answer
            if isinstance(host, HostSeen) and child.name == "staged":
                self._write(RecordLine(torch=host.torch, python=host.python or None))
        for effect in effects_of(observation):
            self._write(RecordLine(effect=effect))
        for patch in inventory(observation):
            self._write(RecordLine(patch=patch))
        for engine in engines_of(observation):
            self._write(RecordLine(engine=engine))
        for reading in readings_of(observation):
            self._write(RecordLine(reading=reading))

    def _write(self, line: RecordLine) -> None:
        self._file.write(encode_line(line) + "\n")
        self._file.flush()


def _is_stubbed(item: pytest.Item) -> bool:
    # What is judged from metadata alone owes nothing to what was imported.
    fixtures = getattr(item, "fixturenames", ())
    return "observation" in fixtures and bool(stubbed_modules(item.config))


def _outcomes(
    item: pytest.Item, contract: Contract, call: pytest.CallInfo[None]
) -> tuple[Outcome, ...]:
    several = item.stash.get(OUTCOMES, ())
    if several and call.when == "call":
        # The time of one is not known, that of all together is.
        duration = round(call.duration / len(several), 4)
        return tuple(replace(outcome, duration=duration) for outcome in several)
    return (_outcome(item, contract, call),)


def _outcome(item: pytest.Item, contract: Contract, call: pytest.CallInfo[None]) -> Outcome:
    callspec = getattr(item, "callspec", None)
    passed = Outcome(
        contract=contract.id,
        case=callspec.id if callspec is not None and callspec.id != NO_CASE else None,
        state=OutcomeState.PASSED,
        duration=round(call.duration, 4),
    )
    match None if call.excinfo is None else call.excinfo.value:
        case None:
            return passed
        case Broken() as error:
            return replace(
                passed,
                state=OutcomeState.BROKEN,
                cause=error.cause,
                reason=error.reason,
                place=error.place,
                tail=error.tail,
            )
        case NotMeasured() as error:
            return replace(
                passed,
                state=OutcomeState.NOT_MEASURED,
                cause=error.cause,
                reason=error.reason,
                blocked_by=error.blocked_by,
            )
        case NotApplicable() as error:
            return replace(passed, state=OutcomeState.NOT_APPLICABLE, reason=error.reason)
        case error:
            return _plain_outcome(passed, error, call.when)


def _plain_outcome(passed: Outcome, error: BaseException, when: str) -> Outcome:
    if isinstance(error, Skipped):
        return replace(
            passed, state=OutcomeState.NOT_MEASURED, cause=Cause.OTHER, reason=str(error)
        )
    if when == "call" and isinstance(error, AssertionError | Failed):
        return replace(passed, state=OutcomeState.BROKEN, cause=Cause.VIOLATED, reason=str(error))
    return replace(
        passed,
        state=OutcomeState.HARNESS_ERROR,
        cause=Cause.OTHER,
        reason=f"the check itself failed in {when}: {type(error).__name__}: {error}",
    )
