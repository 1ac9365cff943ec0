"""Makes the listing of a published matrix: what there is, and where."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from hwcheck.codec import encode
from hwcheck.model.matrix import Matrix
from hwcheck.model.matrix_static import StaticCell
from hwcheck.report.matrix_badges import badge_path
from hwcheck.report.matrix_file import MatrixFile

__all__ = ["LISTING", "make_listing"]

LISTING = "index.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCell:
    """One host that a release was held against."""

    host: str
    state: str
    errors: int
    badge: str
    """Without its ending: `.svg` is the picture, `.json` what shields.io reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRelease:
    """A release of a plugin."""

    version: str
    fits: tuple[str, str] | None
    """The first and the last known release that fits."""
    first_broken_by: str | None
    runs: int
    checks: tuple[ListedCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlugin:
    """A plugin."""

    name: str
    vendor: str
    badge: str
    releases: tuple[ListedRelease, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What there is in the folder."""

    schema: str
    version: int
    title: str
    hwcheck: str
    made: str
    document: str
    """The whole matrix."""
    plugins: tuple[ListedPlugin, ...]


def make_listing(matrix: Matrix) -> Iterator[MatrixFile]:
    """List plugins, releases and hosts, with the state of each and its badge."""
    checks: dict[tuple[str, str], list[StaticCell]] = defaultdict(list)
    for check in matrix.checks:
        checks[check.plugin, check.version].append(check)
    listing = Listing(
        schema="hwcheck.matrix-listing",
        version=1,
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
