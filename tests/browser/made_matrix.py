"""Makes matrices of any size, in which the same numbers give the same matrix."""

from collections.abc import Iterator

from hwcheck.model.capability import Mark, Rung
from hwcheck.model.check import Baseline, BaselineKind
from hwcheck.model.contract import Profile
from hwcheck.model.finding import Location, Severity
from hwcheck.model.matrix import (
    Matrix,
    MatrixCapability,
    MatrixHost,
    MatrixPlugin,
    MatrixProblem,
    MatrixRun,
    OutcomeSeen,
)
from hwcheck.model.matrix_cells import CapabilityCell, CellChange, CellCounts, CellState
from hwcheck.model.matrix_static import (
    Affected,
    Breakage,
    BreakageKind,
    PluginRelease,
    RuleCount,
    StaticCell,
    StaticState,
    Window,
)
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Environment, ProfileResult, Verdict

__all__ = ["HOSTILE_NAMES", "make_matrix"]

HOSTILE_NAMES = (
    "<img src=x onerror=\"document.title='owned'\">",
    "</script><script>document.title='owned'</script>",
    "a'b\"c&d|e`f",
    "../../etc/passwd",
    "#view=changes&open=x",
    "abc\u202egnp.exe",
    "שלום-עולם",
    "x" * 300,
    "{{ 7 * 7 }}",
    "__proto__",
    "constructor",
)

_STATES = tuple(CellState)
_GROUPS = ("core", "attention", "kv", "parallel", "quantization", "feature", "memory")
_VENDORS = ("Acme", "Initech", "Umbrella", "Hooli", "Globex", "Tyrell")
#: The rung that goes with each state, by turns.
_RUNGS = {
    CellState.YES_NATIVE: (Rung.E4, Rung.E5),
    CellState.YES_FALLBACK: (Rung.E4, Rung.E4),
    CellState.PARTIAL: (Rung.E2, Rung.E3),
    CellState.BROKEN: (Rung.E1, Rung.E2),
    CellState.NOT_MEASURED: (Rung.E1, Rung.E0),
    CellState.UNKNOWN: (Rung.E1, Rung.E0),
}


def make_matrix(
    *,
    plugins: int = 4,
    hosts: int = 6,
    capabilities: int = 9,
    releases: int = 2,
    names: tuple[str, ...] = (),
    measured: int | None = None,
) -> Matrix:
    """Make a matrix; `measured` limits the hosts that have capability cells."""
    host_rows = tuple(_host(number, hosts) for number in range(hosts))
    plugin_rows = tuple(
        _plugin(
            number,
            names[number] if number < len(names) else f"vllm-made-{number:02}",
            host_rows,
            releases,
        )
        for number in range(max(plugins, len(names)))
    )
    capability_rows = tuple(_capability(number) for number in range(capabilities))
    ran = host_rows[-measured:] if measured else host_rows
    runs = tuple(
        _run(plugin, host, number) for number, plugin in enumerate(plugin_rows) for host in ran
    )
    breakages = tuple(_breakages(plugin_rows, host_rows))
    return Matrix(
        title="vLLM hardware plugins",
        hwcheck="0.1.0",
        made="2026-11-29T23:25:55+00:00",
        plugins=plugin_rows,
        hosts=host_rows,
        capabilities=capability_rows,
        checks=tuple(
            _check(plugin, release.version, host, (number + place * 3 + column))
            for number, plugin in enumerate(plugin_rows)
            for place, release in enumerate(plugin.releases)
            for column, host in enumerate(host_rows)
        ),
        breakages=breakages,
        runs=runs,
        cells=tuple(_cells(plugin_rows, ran, capability_rows)),
        history=tuple(_history(plugin_rows[:1], ran[-1:], capability_rows)),
        problems=(
            MatrixProblem(
                subject="vllm-gone==1.0",
                detail="no file of this release can be had",
                remedy="name a release that the index has",
            ),
        ),
    )


def _host(number: int, hosts: int) -> MatrixHost:
    minor, patch = divmod(number + (3 - hosts % 3) % 3, 3)
    return MatrixHost(
        version=f"0.{minor + 10}.{patch}",
        minor=f"0.{minor + 10}",
        released=f"2026-{number % 12 + 1:02}-11",
    )


def _plugin(number: int, name: str, hosts: tuple[MatrixHost, ...], releases: int) -> MatrixPlugin:
    last = hosts[min(len(hosts) - 1, number % len(hosts) + 1)].version
    return MatrixPlugin(
        name=name,
        vendor=_VENDORS[number % len(_VENDORS)],
        device=f"A{number}00 accelerator",
        entry_points=(f"vllm.platform_plugins {name}",),
        releases=tuple(
            PluginRelease(
                version=f"{number}.{place}.0",
                origin="wheel",
                subject=f"made_{number}-{number}.{place}.0-py3-none-any.whl",
                requires_vllm=(f"vllm>={hosts[0].version}",),
                baseline=Baseline(
                    kind=BaselineKind.DECLARED, host=hosts[0].version, reason="declared"
                ),
                window=Window(
                    first=hosts[0].version,
                    last=last,
                    broken_after=hosts[-1].version,
                    reasons_after=("vllm.v1.worker.worker_base.WorkerBase: gone",),
                ),
                first_broken_by=hosts[-1].version,
                files=12,
                uses=340,
                built=f"2026-{place % 12 + 1:02}-05" if number else None,
            )
            for place in range(releases)
        ),
    )


def _capability(number: int) -> MatrixCapability:
    group = _GROUPS[number * len(_GROUPS) // 100 % len(_GROUPS)]
    return MatrixCapability(
        id=f"capability-{number:02}",
        title=f"Capability number {number}",
        group=group,
        note="What is to be known of it.",
    )


def _check(plugin: MatrixPlugin, version: str, host: MatrixHost, number: int) -> StaticCell:
    state = tuple(StaticState)[(0, 0, 0, 1, 2, 2, 0, 3)[number % 8]]
    errors = number * 7 % 120 + 1 if state is StaticState.BREAKS else 0
    return StaticCell(
        plugin=plugin.name,
        version=version,
        host=host.version,
        state=state,
        errors=errors,
        warnings=number % 5,
        notes=number % 3,
        rules=(RuleCount(rule="HW101", count=errors),) if errors else (),
        breakages=(f"{host.version}-0",) if errors else (),
        is_declared=state is not StaticState.DECLARED_OUTSIDE,
    )


def _run(plugin: MatrixPlugin, host: MatrixHost, number: int) -> MatrixRun:
    version = plugin.releases[-1].version
    return MatrixRun(
        id=f"{number:04x}{host.version.replace('.', '')}" + "0" * 56,
        plugin=plugin.name,
        version=version,
        host=host.version,
        environment=Environment(
            hwcheck="0.1.0", python="3.11.7", torch="2.13.0", system="Linux 6.1", machine="x86_64"
        ),
        device="cpu",
        started="2026-11-29T23:25:55+00:00",
        seconds=32.9,
        profiles=(
            ProfileResult(
                profile=Profile.P1,
                verdict=Verdict.BROKEN,
                passed=40,
                broken=1,
                not_applicable=3,
                not_measured=0,
                harness_errors=0,
            ),
        ),
        command="hwcheck run made --profile P1",
        stale="vLLM on that machine has changed since" if number % 7 == 3 else None,
        failures=(
            OutcomeSeen(
                id="generate.greedy[batch]",
                state=OutcomeState.BROKEN,
                cause="violated",
                reason="token 7 of the second request differs from the reference",
                where="vllm_made/worker.py:120",
            ),
        ),
    )


def _cells(
    plugins: tuple[MatrixPlugin, ...],
    hosts: tuple[MatrixHost, ...],
    capabilities: tuple[MatrixCapability, ...],
) -> Iterator[CapabilityCell]:
    for number, plugin in enumerate(plugins):
        version = plugin.releases[-1].version
        for column, host in enumerate(hosts):
            run = f"{number:04x}{host.version.replace('.', '')}" + "0" * 56
            for row, capability in enumerate(capabilities):
                turn = number * 5 + row * 3 + column
                state = _STATES[turn % len(_STATES)]
                yield CapabilityCell(
                    plugin=plugin.name,
                    version=version,
                    host=host.version,
                    capability=capability.id,
                    state=state,
                    rung=_RUNGS.get(state, (Rung.E0, Rung.E2))[turn % 2],
                    marks=(Mark.UNDECLARED,) if turn % 9 == 0 else (),
                    why="every contract for it passed",
                    run=run,
                    outcomes=("generate.greedy[batch]", "generate.logprobs"),
                    counts=CellCounts(passed=1, broken=int(state is CellState.BROKEN)),
                )


def _history(
    plugins: tuple[MatrixPlugin, ...],
    hosts: tuple[MatrixHost, ...],
    capabilities: tuple[MatrixCapability, ...],
) -> Iterator[CellChange]:
    for plugin in plugins:
        for host in hosts:
            for day, (before, state) in enumerate(
                ((None, "not-measured"), ("not-measured", "broken"), ("broken", "yes-native"))
            ):
                yield CellChange(
                    date=f"2026-11-{day + 10}T10:00:00+00:00",
                    plugin=plugin.name,
                    version=plugin.releases[-1].version,
                    host=host.version,
                    capability=capabilities[0].id,
                    state=state,
                    before=before,
                    rung=Rung(day + 1),
                )


def _breakages(
    plugins: tuple[MatrixPlugin, ...], hosts: tuple[MatrixHost, ...]
) -> Iterator[Breakage]:
    for column, host in enumerate(hosts):
        for number in range(4):
            hit = plugins[number :: number + 1 + column % 3] or plugins[:1]
            yield Breakage(
                id=f"{host.version}-{number}",
                kind=BreakageKind.NEWER if number % 3 else BreakageKind.OLDER,
                host=host.version,
                rule="HW101",
                severity=Severity.ERROR,
                symbol=f"vllm.v1.worker.gpu_worker.Worker.member_{column}_{number}",
                words="it is gone",
                words_before="def member(self, batch)",
                affected=tuple(
                    Affected(
                        plugin=plugin.name,
                        version=plugin.releases[-1].version,
                        where=Location(path="vllm_made/worker.py", line=12 + number),
                        plugin_side="overrides it",
                        places=number + 1,
                        fix="rename it",
                    )
                    for plugin in hit
                ),
            )
