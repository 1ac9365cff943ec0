"""Makes the tables of a matrix in Markdown, in the form of vLLM's own."""

from collections.abc import Iterator
from dataclasses import dataclass

from hwcheck.model.capability import Mark
from hwcheck.model.matrix import Matrix, MatrixCapability, MatrixPlugin
from hwcheck.model.matrix_cells import CapabilityCell
from hwcheck.model.matrix_static import PluginRelease, StaticCell, StaticState
from hwcheck.report.markdown import template
from hwcheck.report.matrix_file import MatrixFile
from hwcheck.report.matrix_newest import Newest, newest_of
from hwcheck.report.matrix_places import cell_marks
from hwcheck.report.matrix_words import CHECKS, MARKS, RUNGS, STATES
from hwcheck.report.vllm_features import FEATURES, LEGEND

__all__ = ["MARKDOWN", "make_markdown"]

MARKDOWN = "matrix.md"

#: Hosts that have a column in the table of sources; the page has all.
_NEWEST_HOSTS = 8
#: Changes of vLLM that are listed.
_MOST_CHANGES = 25
_BLANK = "❔"

_STATES = {word.id: word for word in STATES}
_CHECKS = {word.id: word for word in CHECKS}
_TOLD_MARKS = {word.id: word.word for word in MARKS if word.chip}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of a table of capabilities."""

    name: str
    id: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SourceRow:
    """A release of a plugin, in the table of sources."""

    plugin: MatrixPlugin
    release: PluginRelease
    otherwise: str
    """What is said in place of the window of a release that has none."""
    cells: tuple[str, ...]


def make_markdown(matrix: Matrix) -> Iterator[MatrixFile]:
    """Make the tables: vLLM's features, all capabilities, sources, and changes that break."""
    columns = newest_of(matrix)
    hosts = tuple(reversed(matrix.hosts))[:_NEWEST_HOSTS]
    several = tuple(item for item in matrix.breakages if len(item.plugins) > 1)
    yield MatrixFile(
        path=MARKDOWN,
        text=template("matrix.md.j2").render(
            matrix=matrix,
            legend=LEGEND,
            states=STATES,
            rungs=RUNGS,
            checks=CHECKS,
            columns=columns,
            features=tuple(_features(matrix, columns)),
            left_out=_left_out(matrix),
            groups=tuple(_groups(matrix, columns)),
            hosts=hosts,
            sources=tuple(_sources(matrix, tuple(host.version for host in hosts))),
            changes=several[:_MOST_CHANGES],
            more_changes=max(0, len(several) - _MOST_CHANGES),
        ),
    )


def _features(matrix: Matrix, columns: tuple[Newest, ...]) -> Iterator[_Row]:
    """The rows of vLLM's table."""
    known = {item.id: item for item in matrix.capabilities}
    for feature in FEATURES:
        shown = [known[name] for name in feature.capabilities if name in known]
        for capability in shown:
            extra = f" ({capability.title})" if len(shown) > 1 else ""
            yield _row(matrix, columns, capability, f"{feature.name}{extra}")


def _left_out(matrix: Matrix) -> tuple[str, ...]:
    known = {item.id for item in matrix.capabilities}
    return tuple(item.name for item in FEATURES if known.isdisjoint(item.capabilities))


def _groups(matrix: Matrix, columns: tuple[Newest, ...]) -> Iterator[tuple[str, tuple[_Row, ...]]]:
    """All capabilities, by area."""
    areas = dict.fromkeys(item.group for item in matrix.capabilities)
    for area in areas:
        rows = tuple(
            _row(matrix, columns, item, item.title)
            for item in matrix.capabilities
            if item.group == area
        )
        yield area, rows


def _row(
    matrix: Matrix, columns: tuple[Newest, ...], capability: MatrixCapability, name: str
) -> _Row:
    runs = {run.id: run for run in matrix.runs}

    def told(cell: CapabilityCell | None) -> str:
        return _BLANK if cell is None else _cell(cell, cell_marks(cell, runs))

    return _Row(
        name=name,
        id=capability.id,
        cells=tuple(told(column.cells.get(capability.id)) for column in columns),
    )


def _cell(cell: CapabilityCell, marks: frozenset[Mark]) -> str:
    state, rung = _STATES[cell.state], RUNGS[cell.rung]
    told = [f"{state.symbol} {state.label}", f"{rung.symbol} {rung.short}"]
    told += [word for mark, word in _TOLD_MARKS.items() if mark in marks]
    return "<br>".join(told)


def _sources(matrix: Matrix, hosts: tuple[str, ...]) -> Iterator[_SourceRow]:
    checks = {(item.plugin, item.version, item.host): item for item in matrix.checks}
    for plugin in matrix.plugins:
        for release in reversed(plugin.releases):
            found = tuple(checks.get((plugin.name, release.version, host)) for host in hosts)
            broken = any(cell and cell.state is StaticState.BREAKS for cell in found)
            yield _SourceRow(
                plugin=plugin,
                release=release,
                otherwise="none" if broken else "not known",
                cells=tuple(map(_check, found)),
            )


def _check(cell: StaticCell | None) -> str:
    if cell is None:
        return _BLANK
    word = _CHECKS[cell.state]
    if not word.counts:
        return f"{word.symbol} {word.short}"
    return f"{word.symbol} {cell.errors} error{'' if cell.errors == 1 else 's'}"
