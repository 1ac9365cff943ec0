"""``hwcheck list``: show the plugins and the host that can be seen."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from hwcheck.discover.installed import discover_installed
from hwcheck.discover.lookup import discover_target
from hwcheck.errors import DiscoveryError
from hwcheck.hosts.requirement import compare_with_host
from hwcheck.model.plugin import Discovery, Host
from hwcheck.registry import Registry
from hwcheck.report.escaping import visible
from hwcheck.report.listing import ListedPlugin, Listing, render_listing, render_problems

__all__ = ["add_parser"]

_UNREADABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `hwcheck list` was asked for."""

    targets: tuple[str, ...]
    format: str


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    registry: Registry,  # every command is given it
) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "list",
        help="show the plugins and the host that can be seen",
        description="Show platform plugins without importing them, and the installed vLLM. "
        "The exit code is 0, also when something is wrong with a plugin's metadata, and 2 when "
        "a named TARGET cannot be read.",
    )
    parser.add_argument(
        "targets",
        metavar="TARGET",
        nargs="*",
        help="an installed plugin, a wheel, or a source tree (default: all that is installed)",
    )
    parser.add_argument(
        "--format",
        choices=["text", "json"],
        default="text",
        help="the form of the list (default: %(default)s)",
    )
    parser.set_defaults(handler=_list)


def _list(arguments: argparse.Namespace, registry: Registry) -> int:
    settings = Settings(targets=tuple(arguments.targets), format=arguments.format)
    discoveries, failures = _discover(settings.targets)
    listing = _make_listing(discoveries, _find_host(registry))
    _write_out(listing, settings.format)
    problems = render_problems(listing.problems) if settings.format == "text" else ""
    _write(sys.stderr, problems + "".join(_as_lines(failure) for failure in failures))
    return _UNREADABLE if failures else 0


def _discover(targets: Sequence[str]) -> tuple[list[Discovery], list[DiscoveryError]]:
    if not targets:
        return [discover_installed()], []
    discoveries: list[Discovery] = []
    failures: list[DiscoveryError] = []
    for target in dict.fromkeys(targets):
        try:
            discoveries.append(discover_target(target))
        except DiscoveryError as error:
            failures.append(error)
    return discoveries, failures


def _find_host(registry: Registry) -> Host | None:
    found = (source.find() for source in registry.hosts())
    return next((host for host in found if host is not None), None)


def _make_listing(discoveries: Sequence[Discovery], host: Host | None) -> Listing:
    return Listing(
        host=host,
        plugins=tuple(
            ListedPlugin(plugin=plugin, fits_host=compare_with_host(plugin, host))
            for discovery in discoveries
            for plugin in discovery.plugins
        ),
        problems=tuple(sorted({item for found in discoveries for item in found.problems})),
    )


def _write_out(listing: Listing, form: str) -> None:
    if form == "json":
        # Imported here: the encoder is a compiled library that the text does not need.
        from hwcheck.codec import encode

        sys.stdout.flush()
        sys.stdout.buffer.write(encode(listing))  # JSON is UTF-8 whatever the terminal's encoding
        sys.stdout.buffer.flush()
    else:
        _write(sys.stdout, render_listing(listing))


def _as_lines(failure: DiscoveryError) -> str:
    return "".join(f"{visible(line)}\n" for line in str(failure).splitlines())


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
