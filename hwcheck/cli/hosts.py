"""``hwcheck hosts``: the vLLM releases whose facts are known, further ones, and what changed."""

import argparse
from pathlib import Path

from hwcheck.registry import Registry

__all__ = ["add_parser"]

_HOST = "a known release, an added host, or a path to a checkout, wheel, sdist or installed package"


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command and its three parts; no extension has a part in it."""
    del registry
    parser = commands.add_parser(
        "hosts",
        help="the vLLM releases whose facts are known; add one; what changed between two",
        description="Show or extend what hwcheck knows of vLLM, without importing it.",
    )
    parts = parser.add_subparsers(title="parts", metavar="PART", required=True)
    listed = parts.add_parser("list", help="show the hosts whose facts are known")
    _add_form(listed)
    listed.set_defaults(handler=_list)
    added = parts.add_parser("add", help="extract the facts of another vLLM and keep them")
    added.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="a checkout of vLLM, a wheel, a source distribution, or an installed package",
    )
    added.add_argument("--name", help="what to call it (default: its version)")
    added.set_defaults(handler=_add)
    compared = parts.add_parser("diff", help="show what changed from one host to another")
    compared.add_argument("before", metavar="A", help=_HOST)
    compared.add_argument("after", metavar="B", help="the same")
    compared.add_argument(
        "--for", dest="target", metavar="TARGET", help="only what this plugin uses"
    )
    _add_form(compared)
    compared.set_defaults(handler=_diff)


def _add_form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=["text", "json"],
        default="text",
        help="the form of what is printed (default: %(default)s)",
    )


def _list(arguments: argparse.Namespace, registry: Registry) -> int:
    # The libraries for records and archives stay out of the start-up, here and below.
    from hwcheck.cli.hosts_session import list_hosts

    del registry
    list_hosts(arguments.format)
    return 0


def _add(arguments: argparse.Namespace, registry: Registry) -> int:
    from hwcheck.cli.hosts_session import add

    del registry
    add(arguments.path, arguments.name)
    return 0


def _diff(arguments: argparse.Namespace, registry: Registry) -> int:
    from hwcheck.cli.hosts_session import diff

    del registry
    diff(arguments.before, arguments.after, arguments.target, arguments.format)
    return 0
