"""Makes the index of the page: every plugin, host, capability and static cell."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from hwcheck.model.matrix import Matrix, MatrixPlugin
from hwcheck.model.matrix_static import PluginRelease, StaticCell, Window
from hwcheck.report.escaping import visible
from hwcheck.report.matrix_file_names import file_name
from hwcheck.report.matrix_page_records import (
    IndexFile,
    PageCapability,
    PageHost,
    PagePlugin,
    PageProblem,
    PageRelease,
    PageWindow,
    PageWords,
)
from hwcheck.report.matrix_places import Places
from hwcheck.report.matrix_words import CHECKS, MARKS, NOT_CHECKED, RUNGS, STATES

__all__ = ["CHANGES", "INDEX", "NEWEST", "host_path", "make_index", "plugin_path", "visible_all"]

INDEX = "data/index.js"
CHANGES = "data/changes.js"
NEWEST = "data/newest.js"

_CHECKS = {word.id: place for place, word in enumerate(CHECKS)}
_DECLARED = {None: 0, True: 1, False: 2}


def host_path(version: str) -> str:
    """Name the file of a host's cells."""
    return f"data/hosts/{file_name(version)}.js"


def plugin_path(name: str) -> str:
    """Name the file of a plugin's evidence."""
    return f"data/plugins/{file_name(name)}.js"


def make_index(matrix: Matrix, places: Places) -> IndexFile:
    """Make the index of a matrix."""
    measured = {cell.host for cell in matrix.cells if places.has(cell)}
    checks = _checks(matrix, places)
    return IndexFile(
        title=visible(matrix.title),
        hwcheck=matrix.hwcheck,
        made=matrix.made,
        words=PageWords(checks=CHECKS, states=STATES, rungs=RUNGS, marks=MARKS),
        hosts=tuple(
            PageHost(
                version=visible(host.version),
                minor=visible(host.minor),
                released=host.released,
                file=host_path(host.version) if host.version in measured else None,
            )
            for host in matrix.hosts
        ),
        plugins=tuple(_plugin(plugin, checks) for plugin in matrix.plugins),
        capabilities=tuple(
            PageCapability(
                id=item.id,
                title=visible(item.title),
                group=visible(item.group),
                gate=item.gate,
                note=visible(item.note),
            )
            for item in matrix.capabilities
        ),
        newest=NEWEST,
        changes=CHANGES,
        problems=tuple(
            PageProblem(
                subject=visible(problem.subject),
                detail=visible(problem.detail),
                remedy=visible(problem.remedy),
            )
            for problem in matrix.problems
        ),
    )


def visible_all(texts: Iterable[str]) -> tuple[str, ...]:
    """Show each text on one line."""
    return tuple(visible(text) for text in texts)


Flat = dict[tuple[str, str], list[int]]


def _checks(matrix: Matrix, places: Places) -> Flat:
    """The numbers of each release's static cells, with those that were run and not checked."""
    runs = Counter((run.plugin, run.version, run.host) for run in matrix.runs if not run.superseded)
    rows: Flat = defaultdict(list)
    for cell in matrix.checks:
        if cell.host in places.hosts:
            rows[cell.plugin, cell.version] += _check(cell, places, runs)
            del runs[cell.plugin, cell.version, cell.host]
    for (plugin, version, host), count in sorted(runs.items()):
        if host in places.hosts:
            row = [places.hosts[host], _CHECKS[NOT_CHECKED], 0, 0, 0, count, 0]
            rows[plugin, version] += row
    return rows


def _check(cell: StaticCell, places: Places, runs: Counter[tuple[str, str, str]]) -> list[int]:
    return [
        places.hosts[cell.host],
        _CHECKS[cell.state],
        cell.errors,
        cell.warnings,
        cell.notes,
        runs[cell.plugin, cell.version, cell.host],
        _DECLARED[cell.is_declared],
    ]


def _plugin(plugin: MatrixPlugin, checks: Flat) -> PagePlugin:
    return PagePlugin(
        name=visible(plugin.name),
        vendor=visible(plugin.vendor),
        device=visible(plugin.device),
        entries=visible_all(plugin.entry_points),
        file=plugin_path(plugin.name),
        releases=tuple(
            _release(release, checks.get((plugin.name, release.version), []))
            for release in plugin.releases
        ),
    )


def _release(release: PluginRelease, checks: list[int]) -> PageRelease:
    return PageRelease(
        version=visible(release.version),
        origin=release.origin,
        subject=visible(release.subject),
        requires=visible_all(release.requires_vllm),
        built=release.built,
        baseline=release.baseline.host if release.baseline else None,
        window=_window(release.window) if release.window else None,
        broken_by=release.first_broken_by,
        checks=tuple(checks),
    )


def _window(window: Window) -> PageWindow:
    return PageWindow(
        first=window.first,
        last=window.last,
        before=window.broken_before,
        after=window.broken_after,
        reasons_before=visible_all(window.reasons_before),
        reasons_after=visible_all(window.reasons_after),
    )
