"""Waivers in plain pytest: a waived failure is an expected one, a stale waiver fails the run."""

from collections.abc import Sequence

import pytest
from _pytest.junitxml import xml_key
from _pytest.terminal import TerminalReporter

from hwcheck.codec import decode_line, decode_observation
from hwcheck.config import Config, find_config, read_config
from hwcheck.errors import ConfigError
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.waiver import WaiverUse
from hwcheck.pytest_plugin.collected import Collected, collected
from hwcheck.pytest_plugin.fixtures import observation_file
from hwcheck.pytest_plugin.options import read_settings
from hwcheck.pytest_plugin.readings import readings_of
from hwcheck.pytest_plugin.target import session_target
from hwcheck.waivers.apply import Situation, WaiverBook, apply_waivers, covering

__all__ = ["OUTCOME", "Waivers", "waivers_of"]

OUTCOME = "hwcheck_outcome"
_KEY = pytest.StashKey["Waivers"]()
_SENT = "hwcheck_collected"


def waivers_of(config: pytest.Config) -> "Waivers | None":
    """The waivers of a session, read once; ``None`` when there are none.

    Raises pytest.UsageError: the configuration is not as it has to be.
    """
    if _KEY not in config.stash:
        settings = read_settings(config)
        try:
            found = (
                find_config(config.rootpath)
                if settings.config is None
                else read_config(settings.config)
            )
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from error
        config.stash[_KEY] = Waivers(config, found)
    waivers = config.stash[_KEY]
    return waivers if waivers.book.waivers else None


class Waivers:
    """What is waived in a session, and the account of it at its end."""

    def __init__(self, config: pytest.Config, found: Config) -> None:
        self.book = WaiverBook(waivers=found.waivers, today=read_settings(config).today)
        self.source = found.source
        self._config = config
        self._device: str | None = None
        self._outcomes: dict[str, Outcome] = {}
        self._collected = Collected()

    def waived(self, outcome: Outcome) -> Outcome:
        """The outcome as the waivers leave it."""
        return apply_waivers((outcome,), self.book, self._situation())[0][0]

    def excuse(self, report: pytest.TestReport, outcomes: Sequence[Outcome]) -> None:
        """Make a failure that is waived in all of its cases an expected one."""
        covered = {
            outcome.id: waiver.told
            for outcome in outcomes
            if (waiver := covering(outcome, self.book, self._situation())) is not None
        }
        if not covered:
            return
        reason = "; ".join(f"{id_}: {told}" for id_, told in covered.items())
        if any(
            item.state in (OutcomeState.BROKEN, OutcomeState.HARNESS_ERROR)
            and item.id not in covered
            for item in outcomes
        ):
            report.sections.append(("hwcheck: what of this is waived", reason))
            return
        report.outcome = "skipped"
        report.wasxfail = f"waived: {reason}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcomes that a report carries."""
        for name, value in report.user_properties:
            if name == OUTCOME:
                outcome = decode_line(str(value), Outcome)
                known = self._outcomes.get(outcome.id)
                # The end of a test can fail after the test itself has passed.
                if known is None or known.state is OutcomeState.PASSED:
                    self._outcomes[outcome.id] = outcome

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take what a worker of pytest-xdist has collected; all collect the same."""
        sent = getattr(node, "workeroutput", {}).get(_SENT)
        if sent is not None:
            known, whole = sent
            self._collected = Collected(known=tuple(known), whole=tuple(whole))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail the run for waivers that are not, or no more, right."""
        if hasattr(self._config, "workeroutput"):
            found = collected(session)
            self._config.workeroutput[_SENT] = (list(found.known), list(found.whole))
            return
        if session.items:
            self._collected = collected(session)
        self._tell_junit()
        is_whole = exitstatus in (0, 1) and not session.shouldfail and not session.shouldstop
        if is_whole and exitstatus == 0 and any(use.standing.is_fault for use in self.uses()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """Say what became of each waiver."""
        if self._config.getoption("collectonly"):
            return
        terminalreporter.section("hwcheck waivers", sep="=")
        for use in sorted(self.uses(), key=lambda item: not item.standing.is_fault):
            colour = {"red": True} if use.standing.is_fault else {}
            terminalreporter.write_line(
                f"{use.standing}: {use.waiver.id}: {use.detail} [{use.waiver.told}]", **colour
            )

    def uses(self) -> tuple[WaiverUse, ...]:
        """What became of each waiver so far."""
        return apply_waivers(tuple(self._outcomes.values()), self.book, self._situation())[1]

    def _tell_junit(self) -> None:
        # The only place in the file that is no test: a wrong waiver belongs to none.
        document = self._config.stash.get(xml_key, None)
        if document is not None:
            for number, use in enumerate(self.uses(), 1):
                told = f"{use.standing}: {use.waiver.id}: {use.detail} [{use.waiver.told}]"
                document.add_global_property(f"hwcheck_waiver_{number}", told)

    def _situation(self) -> Situation:
        return Situation(
            host=session_target(self._config).host.version,
            device=self._device_type(),
            known=frozenset(self._collected.known),
            whole=frozenset(self._collected.whole),
        )

    def _device_type(self) -> str:
        if self._device is None and any(item.scope.device for item in self.book.waivers):
            factory = self._config._tmp_path_factory  # type: ignore[attr-defined]
            file = observation_file(self._config, factory)
            if not file.exists():
                return ""
            readings = readings_of(decode_observation(file.read_bytes(), file.name))
            self._device = next((item.text for item in readings if item.name == "device_type"), "")
        return self._device or ""
