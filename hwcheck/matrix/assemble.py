"""Puts the static and the dynamic side together into one matrix."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hwcheck.hosts.known import release_days
from hwcheck.matrix.breakages import breakages
from hwcheck.matrix.documents import StoredRun
from hwcheck.matrix.evidence import contracts_of, matrix_run
from hwcheck.matrix.fold import Placed, fold
from hwcheck.matrix.placing import newest_date, placed
from hwcheck.matrix.specification import NoHardware, Specification
from hwcheck.matrix.statics import StaticSide
from hwcheck.matrix.versions import host_key, minor_of, version_key
from hwcheck.model.capability import Capability, Rung
from hwcheck.model.matrix import (
    Matrix,
    MatrixCapability,
    MatrixHost,
    MatrixPlugin,
    MatrixProblem,
)
from hwcheck.model.matrix_cells import CapabilityCell, CellState
from hwcheck.model.matrix_static import PluginRelease

__all__ = ["Row", "assemble"]

#: What the vendor's word about the hardware explains; what was shown or is broken it does not.
_EXPLAINED = (CellState.NOT_MEASURED, CellState.NO_NOT_IMPLEMENTED, CellState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One plugin of the specification, with what its sources say."""

    name: str
    vendor: str = ""
    device: str = ""
    distributions: tuple[str, ...] = ()
    """Normalised names under which its releases are published."""
    sides: tuple[StaticSide, ...] = ()
    no_hardware: tuple[NoHardware, ...] = ()


def assemble(
    specification: Specification,
    rows: Sequence[Row],
    runs: Sequence[StoredRun],
    *,
    capabilities: Sequence[Capability],
    problems: Collection[MatrixProblem],
    hwcheck: str,
    date: str | None,
) -> Matrix:
    """Make the matrix, without its history; `date` is told in place of the newest evidence's."""
    made = newest_date(runs) if date is None else date
    names = {name: row.name for row in rows for name in row.distributions}
    items = tuple(
        placed(
            runs,
            names,
            hwcheck=hwcheck,
            made=made,
            stale_after_days=specification.stale_after_days,
        )
    )
    cells = tuple(_with_hardware(fold(items), rows))
    deciding = {cell.run for cell in cells if cell.run is not None}
    ran = tuple(matrix_run(item, deciding) for item in items)
    mentioned = {id_ for cell in cells for id_ in cell.outcomes}
    mentioned |= {failure.id for run in ran for failure in run.failures}
    sides = [side for row in rows for side in row.sides]
    return Matrix(
        title=specification.title,
        hwcheck=hwcheck,
        made=made,
        plugins=tuple(_plugins(rows, items)),
        hosts=tuple(_hosts(specification.columns, items)),
        capabilities=tuple(_capabilities(capabilities, items)),
        contracts=contracts_of(items, mentioned),
        checks=tuple(
            sorted(
                (cell for side in sides for cell in side.cells),
                key=lambda item: (
                    item.plugin,
                    version_key(item.version),
                    host_key(item.host),
                ),
            )
        ),
        breakages=breakages([breach for side in sides for breach in side.breaches]),
        runs=ran,
        cells=cells,
        problems=tuple(sorted(problems)),
    )


def _plugins(rows: Sequence[Row], items: Sequence[Placed]) -> Iterator[MatrixPlugin]:
    """The rows of the specification, and those of runs that it does not name."""
    ran: dict[str, dict[str, Placed]] = {}
    for item in items:
        ran.setdefault(item.plugin, {})[item.run.plugin.version or ""] = item
    known = {row.name: row for row in rows}
    for name in sorted({*known, *ran}, key=str.casefold):
        row = known.get(name, Row(name=name))
        releases = [side.release for side in row.sides]
        versions = {release.version for release in releases}
        for version, item in ran.get(name, {}).items():
            if version not in versions:
                releases.append(_only_run(version, item))
        points = [side.entry_points for side in row.sides if side.entry_points]
        yield MatrixPlugin(
            name=name,
            vendor=row.vendor,
            device=row.device,
            entry_points=points[-1] if points else _points(ran.get(name, {}).values()),
            releases=tuple(sorted(releases, key=lambda release: version_key(release.version))),
        )


def _only_run(version: str, item: Placed) -> PluginRelease:
    return PluginRelease(
        version=version,
        origin="run",
        subject=item.run.plugin.name,
        requires_vllm=item.run.plugin.host_requirements,
    )


def _points(items: Iterable[Placed]) -> tuple[str, ...]:
    return tuple(sorted({point.id for item in items for point in item.run.plugin.entry_points}))


def _hosts(chosen: Sequence[str], items: Sequence[Placed]) -> Iterator[MatrixHost]:
    days = release_days()
    for version in sorted({*chosen, *(item.host for item in items)}, key=host_key):
        yield MatrixHost(version=version, minor=minor_of(version), released=days.get(version))


def _capabilities(
    built_in: Sequence[Capability], items: Sequence[Placed]
) -> Iterator[MatrixCapability]:
    """The taxonomy, and what runs bring that it does not know."""
    found = {item.id: item for placed_run in items for item in placed_run.run.capabilities}
    found |= {item.id: item for item in built_in}
    for id_ in sorted(found):
        item = found[id_]
        yield MatrixCapability(
            id=id_, title=item.title, group=item.area, gate=item.gate, note=item.note
        )


def _with_hardware(
    cells: Sequence[CapabilityCell], rows: Sequence[Row]
) -> Iterator[CapabilityCell]:
    """Put the vendors' words about their devices where nothing was shown otherwise."""
    words = {(row.name, item.capability): item.reason for row in rows for item in row.no_hardware}
    found = {_place(cell): cell for cell in cells}
    for place in {(cell.plugin, cell.version, cell.host) for cell in cells} | set(_made_for(rows)):
        for (plugin, capability), reason in words.items():
            if plugin == place[0]:
                _explain(found, (*place, capability), reason)
    yield from (found[place] for place in sorted(found))


def _explain(
    found: dict[tuple[str, str, str, str], CapabilityCell],
    place: tuple[str, str, str, str],
    reason: str,
) -> None:
    plugin, version, host, capability = place
    cell = found.get(place)
    if cell is None:
        cell = CapabilityCell(
            plugin=plugin,
            version=version,
            host=host,
            capability=capability,
            state=CellState.UNKNOWN,
            rung=Rung.E0,
        )
    if cell.state in _EXPLAINED:
        found[place] = replace(cell, state=CellState.NO_HARDWARE, why=reason)


def _made_for(rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        for side in row.sides:
            baseline = side.release.baseline
            if baseline is not None and baseline.host is not None:
                yield row.name, side.release.version, baseline.host


def _place(cell: CapabilityCell) -> tuple[str, str, str, str]:
    return (cell.plugin, cell.version, cell.host, cell.capability)
