"""Makes what the page reads when a cell is opened: the evidence of plugins and hosts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from hwcheck.model.matrix import Matrix, MatrixPlugin, MatrixRun, OutcomeSeen
from hwcheck.model.matrix_cells import CapabilityCell, CellChange, CellCounts
from hwcheck.model.matrix_static import Affected, Breakage, StaticCell
from hwcheck.report.escaping import visible
from hwcheck.report.matrix_newest import newest_of
from hwcheck.report.matrix_page_index import visible_all
from hwcheck.report.matrix_page_records import (
    CellsFile,
    ChangesFile,
    PageChange,
    PageCheck,
    PageFailure,
    PageHistory,
    PageRun,
    PluginFile,
)
from hwcheck.report.matrix_places import Places

__all__ = ["make_changes", "make_hosts", "make_newest", "make_plugins"]


def make_hosts(matrix: Matrix, places: Places) -> Iterator[tuple[str, CellsFile]]:
    """Make the cells of each host that has any."""
    cells: dict[str, list[CapabilityCell]] = defaultdict(list)
    for cell in matrix.cells:
        cells[cell.host].append(cell)
    for host, own in sorted(cells.items()):
        made = _cells(own, places)
        if made.cells:
            yield host, made


def make_newest(matrix: Matrix, places: Places) -> CellsFile:
    """Make the newest cells of each plugin, whatever host they are of."""
    return _cells((cell for item in newest_of(matrix) for cell in item.cells.values()), places)


def _cells(cells: Iterable[CapabilityCell], places: Places) -> CellsFile:
    numbers: list[int] = []
    for cell in cells:
        if places.has(cell):
            release = places.releases[cell.plugin, cell.version]
            numbers += (places.plugins[cell.plugin], release, places.hosts[cell.host])
            numbers += places.row(cell)
    return CellsFile(cells=tuple(numbers))


def make_plugins(matrix: Matrix, places: Places) -> Iterator[tuple[str, PluginFile]]:
    """Make the evidence of each plugin."""
    checks: dict[str, list[StaticCell]] = defaultdict(list)
    for check in matrix.checks:
        checks[check.plugin].append(check)
    cells: dict[str, list[CapabilityCell]] = defaultdict(list)
    for cell in matrix.cells:
        if places.has(cell):
            cells[cell.plugin].append(cell)
    runs: dict[str, list[MatrixRun]] = defaultdict(list)
    for run in matrix.runs:
        runs[run.plugin].append(run)
    history: dict[str, list[CellChange]] = defaultdict(list)
    for change in matrix.history:
        history[change.plugin].append(change)
    for plugin in matrix.plugins:
        name = plugin.name
        packing = _Packing(places=places, runs=runs[name])
        packed = tuple(packing.row(cell) for cell in cells[name])
        yield (
            name,
            PluginFile(
                texts=tuple(packing.texts),
                checks=tuple(_check(check, plugin, places) for check in checks[name]),
                runs=tuple(_run(run) for run in runs[name]),
                cells=packed,
                history=tuple(_change(change) for change in history[name]),
            ),
        )


def make_changes(matrix: Matrix, places: Places) -> ChangesFile:
    """Make the changes of vLLM that break plugins."""
    return ChangesFile(changes=tuple(_breakage(item, places) for item in matrix.breakages))


class _Packing:
    """Keeps each text of a plugin's cells once."""

    def __init__(self, *, places: Places, runs: list[MatrixRun]) -> None:
        self.texts: dict[str, int] = {}
        self._places = places
        self._runs = {run.id: place for place, run in enumerate(runs)}

    def row(self, cell: CapabilityCell) -> tuple[object, ...]:
        """The numbers of a cell."""
        places = self._places
        return (
            places.releases[cell.plugin, cell.version],
            places.hosts[cell.host],
            *places.row(cell),
            self._runs.get(cell.run or "", -1),
            self._text(cell.why),
            tuple(self._text(outcome) for outcome in cell.outcomes),
            _counts(cell.counts),
            tuple(self._runs[run] for run in cell.disagreeing if run in self._runs),
        )

    def _text(self, text: str) -> int:
        return self.texts.setdefault(visible(text), len(self.texts))


def _counts(counts: CellCounts) -> tuple[int, ...]:
    return (
        counts.passed,
        counts.broken,
        counts.not_applicable,
        counts.not_measured,
        counts.harness_errors,
    )


def _check(check: StaticCell, plugin: MatrixPlugin, places: Places) -> PageCheck:
    return PageCheck(
        release=places.releases.get((plugin.name, check.version), -1),
        host=places.hosts.get(check.host, -1),
        rules=tuple((rule.rule, rule.count) for rule in check.rules),
        breakages=check.breakages,
        complete=check.is_complete,
    )


def _run(run: MatrixRun) -> PageRun:
    environment = run.environment
    return PageRun(
        id=run.id,
        version=visible(run.version),
        host=visible(run.host),
        started=run.started,
        seconds=run.seconds,
        complete=run.complete,
        stubbed=run.is_stubbed,
        stale=None if run.stale is None else visible(run.stale),
        device=visible(run.device),
        torch=visible(environment.torch or "none"),
        python=visible(environment.python),
        system=visible(f"{environment.system} {environment.machine}"),
        hwcheck=visible(environment.hwcheck),
        profiles=tuple((result.profile, result.verdict) for result in run.profiles),
        command=visible(run.command),
        failures=tuple(_failure(failure) for failure in run.failures),
    )


def _failure(outcome: OutcomeSeen) -> PageFailure:
    return PageFailure(
        id=visible(outcome.id),
        state=outcome.state,
        cause=outcome.cause,
        reason=visible(outcome.reason),
        where=visible(outcome.where),
    )


def _change(change: CellChange) -> PageHistory:
    return PageHistory(
        date=change.date,
        version=visible(change.version),
        host=visible(change.host),
        capability=change.capability,
        state=change.state,
        before=change.before,
        rung=change.rung.value,
    )


def _breakage(item: Breakage, places: Places) -> PageChange:
    return PageChange(
        id=item.id,
        kind=item.kind,
        host=visible(item.host),
        rule=item.rule,
        severity=item.severity,
        symbol=visible(item.symbol),
        words=visible(item.words),
        before=None if item.words_before is None else visible(item.words_before),
        affected=tuple(
            _affected(affected, places)
            for affected in item.affected
            if affected.plugin in places.plugins
        ),
    )


def _affected(item: Affected, places: Places) -> tuple[object, ...]:
    where, side, fix = visible_all(
        (f"{item.where.path}:{item.where.line}", item.plugin_side, item.fix or "")
    )
    plugin = places.plugins[item.plugin]
    return (plugin, visible(item.version), where, side, item.places, fix or None)
