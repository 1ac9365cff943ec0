"""Makes the listing of a published matrix: what there is, and where."""

from collections import defaultdict
from collections.abc import Iterator

from hwcheck.codec import encode
from hwcheck.model.matrix import Matrix
from hwcheck.model.matrix_listing import (
    LISTING_SCHEMA,
    LISTING_VERSION,
    ListedCell,
    ListedPlugin,
    ListedRelease,
    Listing,
)
from hwcheck.model.matrix_static import StaticCell
from hwcheck.report.matrix_badges import badge_path
from hwcheck.report.matrix_file import MatrixFile

__all__ = ["LISTING", "make_listing"]

LISTING = "index.json"


def make_listing(matrix: Matrix) -> Iterator[MatrixFile]:
    """List plugins, releases and hosts, with the state of each and its badge."""
    checks: dict[tuple[str, str], list[StaticCell]] = defaultdict(list)
    for check in matrix.checks:
        checks[check.plugin, check.version].append(check)
    listing = Listing(
        schema=LISTING_SCHEMA,
        version=LISTING_VERSION,
        title=matrix.title,
        hwcheck=matrix.hwcheck,
        made=matrix.made,
        document="matrix.json",
        plugins=tuple(
            ListedPlugin(
                name=plugin.name,
                vendor=plugin.vendor,
                badge=badge_path(plugin.name),
                releases=tuple(
                    ListedRelease(
                        version=release.version,
                        fits=(release.window.first, release.window.last)
                        if release.window
                        else None,
                        first_broken_by=release.first_broken_by,
                        runs=sum(
                            (run.plugin, run.version) == (plugin.name, release.version)
                            for run in matrix.runs
                        ),
                        checks=tuple(map(_cell, checks[plugin.name, release.version])),
                    )
                    for release in plugin.releases
                ),
            )
            for plugin in matrix.plugins
        ),
    )
    yield MatrixFile(path=LISTING, text=encode(listing).decode())


def _cell(check: StaticCell) -> ListedCell:
    return ListedCell(
        host=check.host,
        state=check.state,
        errors=check.errors,
        badge=badge_path(check.plugin, check.version, check.host),
    )
