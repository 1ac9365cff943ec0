"""For each plugin, the release and host that its newest evidence is about."""

from collections import defaultdict
from dataclasses import dataclass

from hwcheck.model.matrix import Matrix, MatrixPlugin
from hwcheck.model.matrix_cells import CapabilityCell

__all__ = ["Newest", "newest_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest release of a plugin that was run, on the newest host that it was run on."""

    plugin: MatrixPlugin
    version: str
    host: str
    cells: dict[str, CapabilityCell]
    """By capability."""


def newest_of(matrix: Matrix) -> tuple[Newest, ...]:
    """Choose for each plugin that has capability cells; the others are left out."""
    hosts = {host.version: place for place, host in enumerate(matrix.hosts)}
    cells: dict[str, dict[tuple[int, int], dict[str, CapabilityCell]]] = defaultdict(dict)
    releases = {
        (plugin.name, release.version): place
        for plugin in matrix.plugins
        for place, release in enumerate(plugin.releases)
    }
    for cell in matrix.cells:
        host, release = hosts.get(cell.host), releases.get((cell.plugin, cell.version))
        if host is not None and release is not None:
            cells[cell.plugin].setdefault((host, release), {})[cell.capability] = cell
    found = []
    for plugin in matrix.plugins:
        if cells[plugin.name]:
            (host, release), own = max(cells[plugin.name].items(), key=lambda item: item[0])
            found.append(
                Newest(
                    plugin=plugin,
                    version=plugin.releases[release].version,
                    host=matrix.hosts[host].version,
                    cells=own,
                )
            )
    return tuple(found)
