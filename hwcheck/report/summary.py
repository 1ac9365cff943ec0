"""What every report for people says of a run: its verdict, and its outcomes in groups."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from sys import float_info

from hwcheck.model.capability import Capability, Mark, Rung, Standing
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.outcome import Cause, Figure, Outcome, OutcomeState
from hwcheck.model.pairs import PAIRS_CONTRACT
from hwcheck.model.patch import Patch
from hwcheck.model.run import ProfileResult, Run, Verdict
from hwcheck.model.waiver import WaiverUse

__all__ = [
    "Area",
    "Breach",
    "Finding",
    "Silent",
    "Unmeasured",
    "areas",
    "breaches",
    "counts",
    "exit_code",
    "exit_meaning",
    "figure",
    "host_name",
    "patch_sentence",
    "plugin_name",
    "resumed_sentence",
    "silent",
    "stub_sentence",
    "tail_explains",
    "unmeasured",
    "verdict_sentence",
    "waiver_faults",
    "waivers_in_force",
]

#: Causes for which the child's last output says more than the reason does.
_EXPLAINED_BY_TAIL = frozenset(
    {
        Cause.RAISED,
        Cause.EXITED,
        Cause.KILLED_BY_SIGNAL,
        Cause.TIMED_OUT,
        Cause.OUT_OF_MEMORY,
        Cause.OUTPUT_FLOOD,
        Cause.CORRUPTED_REPLY,
    }
)

_IN_ORDER = frozenset({Verdict.KEPT, Verdict.WAIVED})

#: More outcomes than this are told by contract.
_MOST_NAMED = 6

#: Marks that add nothing to an E0: nothing was claimed and nothing was seen.
_SAYS_NOTHING = frozenset({Mark.NOT_DECLARED, Mark.NOT_MEASURED, Mark.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Cases of one contract that are broken in the same way at the same place."""

    ids: tuple[str, ...]
    outcome: Outcome
    """The first of them; all have its cause, reason, place and tail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One contract that is broken, and how."""

    id: str
    contract: Contract | None
    """``None`` when the run does not describe it."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """Cases that ended without evidence for the same reason."""

    ids: tuple[str, ...]
    state: OutcomeState
    cause: Cause | None
    reason: str
    blocked_by: str | None

    @property
    def told(self) -> str:
        """The cases by name; by contract and number where they are many."""
        if len(self.ids) <= _MOST_NAMED:
            return ", ".join(self.ids)
        cases = Counter(name.partition("[")[0] for name in self.ids)
        return ", ".join(
            contract if number == 1 else f"{contract} ({number} cases)"
            for contract, number in cases.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The capabilities of one area of which there is something to say."""

    name: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Capabilities at E0 of which there is nothing to say, with the same marks."""

    marks: tuple[Mark, ...]
    standings: tuple[Standing, ...]


def plugin_name(run: Run) -> str:
    """Name the plugin and its version."""
    return f"{run.plugin.name} {run.plugin.version or '(version unknown)'}"


def figure(item: Figure) -> str:
    """Say what was measured: ``largest distance 0.25 (at most 0.125)``."""
    limit = "" if item.limit is None else f" (at most {item.limit:.4g})"
    # What is infinite or no number stands in a document as the largest that there is.
    value = "beyond measure" if item.value == float_info.max else f"{item.value:.4g}"
    return f"{item.name} {value}{limit}"


def host_name(run: Run) -> str:
    """Name the host's distribution and version."""
    return "no host" if run.host is None else f"{run.host.distribution} {run.host.version}"


def verdict_sentence(run: Run) -> str:
    """Say in one sentence what the run shows of the profiles."""
    phrases = [
        *_phrases(run, Verdict.KEPT, "keeps"),
        *_phrases(run, Verdict.WAIVED, "keeps, but for what is waived,"),
        *_phrases(run, Verdict.BROKEN, "breaks"),
        *_phrases(run, Verdict.FLAKY, "is flaky in"),
        *_phrases(run, Verdict.PARTIAL, "keeps what was measured of"),
        *_phrases(run, Verdict.NOT_MEASURED, "was not measured for"),
    ]
    said = _joined(phrases) if phrases else "was not measured"
    sentence = f"{plugin_name(run)} {said} on {host_name(run)}"
    if run.complete:
        return sentence
    return f"{sentence}; the run is not complete: {run.interruption or 'no reason is known'}"


def stub_sentence(run: Run) -> str | None:
    """Say which modules were replaced; ``None`` when that was not asked for."""
    if run.stubbed is None:
        return None
    if not run.stubbed:
        return "stand-ins: none was needed; nothing is stubbed"
    return (
        f"stand-ins took the place of {', '.join(run.stubbed)}: outcomes that are marked (stubbed) "
        "say nothing of the vendor's libraries, and prove no more than E2"
    )


def resumed_sentence(run: Run) -> str | None:
    """Say which runs this one continues; ``None`` when it was made in one go."""
    if not run.resumed:
        return None
    return f"continues the run of {', '.join(run.resumed)}: what was found then was kept"


def breaches(run: Run, state: OutcomeState = OutcomeState.BROKEN) -> tuple[Breach, ...]:
    """Group what is broken, or is in another state of failure, by contract, in the order found."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in run.in_state(state):
        groups.setdefault(outcome.contract, []).append(outcome)
    return tuple(
        Breach(id=id_, contract=run.contract(id_), findings=_findings(group))
        for id_, group in groups.items()
    )


def waiver_faults(run: Run) -> tuple[WaiverUse, ...]:
    """The waivers that the run fails for, in the order given."""
    return tuple(use for use in run.waivers if use.standing.is_fault)


def waivers_in_force(run: Run) -> tuple[WaiverUse, ...]:
    """The waivers that cover something here, in the order given."""
    return tuple(use for use in run.waivers if use.covers)


def unmeasured(run: Run, state: OutcomeState) -> tuple[Unmeasured, ...]:
    """Group the outcomes of one state by reason and by what blocked them, in the order found."""
    groups: dict[tuple[Cause | None, str, str | None], list[str]] = {}
    for outcome in run.in_state(state):
        reason = outcome.reason or "no reason is known"
        groups.setdefault((outcome.cause, reason, outcome.blocked_by), []).append(outcome.id)
    return tuple(
        Unmeasured(ids=tuple(ids), state=state, cause=cause, reason=reason, blocked_by=blocked_by)
        for (cause, reason, blocked_by), ids in groups.items()
    )


def areas(run: Run) -> tuple[Area, ...]:
    """Group by area, sorted, the capabilities of which there is something to say."""
    known = {capability.id: capability for capability in run.capabilities}
    groups: dict[str, list[Standing]] = {}
    for standing in run.standings:
        if not _is_silent(standing):
            groups.setdefault(_area(known.get(standing.capability)), []).append(standing)
    return tuple(Area(name=name, standings=tuple(groups[name])) for name in sorted(groups))


def silent(run: Run) -> tuple[Silent, ...]:
    """Group by marks the capabilities of which there is nothing to say."""
    groups: dict[tuple[Mark, ...], list[Standing]] = {}
    for standing in run.standings:
        if _is_silent(standing):
            groups.setdefault(standing.marks, []).append(standing)
    return tuple(Silent(marks=marks, standings=tuple(found)) for marks, found in groups.items())


def tail_explains(outcome: Outcome) -> bool:
    """Whether the end of the output is worth showing."""
    return bool(outcome.tail and outcome.tail.strip()) and outcome.cause in _EXPLAINED_BY_TAIL


def patch_sentence(patch: Patch) -> str:
    """Say what a patch replaces by what, and what becomes of the original."""
    said = f"{patch.before} replaced by {patch.after}" if patch.before else f"new: {patch.after}"
    return said if patch.original is None else f"{said}, original {patch.original}"


def counts(run: Run) -> tuple[tuple[OutcomeState, int], ...]:
    """Count the outcomes in each state, leaving out the states that nothing is in."""
    numbers = ((state, len(run.in_state(state))) for state in OutcomeState)
    return tuple((state, number) for state, number in numbers if number)


def exit_code(run: Run) -> int:
    """The exit code of the command that made the run: 0, 1 or 3."""
    return _exit(run)[0]


def exit_meaning(run: Run) -> str:
    """Say why the run has its exit code."""
    return _exit(run)[1]


def _exit(run: Run) -> tuple[int, str]:
    if run.in_state(OutcomeState.BROKEN):
        return 1, "contracts are broken"
    if run.in_state(OutcomeState.FLAKY):
        return 1, "contracts are flaky"
    if waiver_faults(run):
        return 1, "waivers are not, or no more, right"
    if not run.complete:
        return 3, "the run is not complete"
    if run.in_state(OutcomeState.HARNESS_ERROR):
        return 3, "hwcheck failed in a check"
    waived = run.in_state(OutcomeState.WAIVED)
    if not run.in_state(OutcomeState.PASSED) and not waived:
        return 3, "nothing was measured"
    but = f", but for {len(waived)} waived" if waived else ""
    if run.selection and not any(outcome.is_missing for outcome in run.outcomes):
        return 0, f"everything that was selected is kept{but}"
    if any(item.contract == PAIRS_CONTRACT and item.is_missing for item in run.outcomes):
        return 3, "not all pairs that were planned were measured"
    if any(result.verdict not in _IN_ORDER for result in run.profiles if _has_cases(result)):
        return 3, "not all that is required was measured"
    return 0, f"everything that was required is kept{but}"


def _findings(outcomes: Iterable[Outcome]) -> tuple[Finding, ...]:
    groups: dict[object, list[Outcome]] = {}
    for outcome in outcomes:
        key = (outcome.cause, outcome.reason, outcome.place, outcome.tail)
        groups.setdefault(key, []).append(outcome)
    return tuple(
        Finding(ids=tuple(outcome.id for outcome in group), outcome=group[0])
        for group in groups.values()
    )


def _has_cases(result: ProfileResult) -> bool:
    return bool(
        result.passed
        or result.broken
        or result.not_measured
        or result.harness_errors
        or result.waived
        or result.flaky
    )


def _phrases(run: Run, verdict: Verdict, verb: str) -> list[str]:
    named = [
        result.profile.value + _number_broken(run, result.profile)
        for result in run.profiles
        if result.verdict is verdict
    ]
    return [f"{verb} {_joined(named)}"] if named else []


def _number_broken(run: Run, profile: Profile) -> str:
    broken = {outcome.contract for outcome in run.in_state(OutcomeState.BROKEN)}
    number = sum(item.profile is profile for item in run.contracts if item.id in broken)
    if not number:
        return ""
    return f" ({number} contract{'s' if number > 1 else ''})"


def _joined(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _area(capability: Capability | None) -> str:
    return "other" if capability is None else capability.area


def _is_silent(standing: Standing) -> bool:
    # Without any mark at E0, a breach speaks against it: that is something to say.
    return (
        standing.rung is Rung.E0
        and bool(standing.marks)
        and _SAYS_NOTHING.issuperset(standing.marks)
    )
