"""``hwcheck explain``: the page of a contract or a capability."""

import argparse
import os
import sys
from difflib import get_close_matches

from hwcheck.errors import UsageError
from hwcheck.model.capability import Capability
from hwcheck.model.contract import Contract
from hwcheck.registry import Registry

__all__ = ["add_parser"]


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command."""
    del registry
    parser = commands.add_parser(
        "explain",
        help="the page of a contract or a capability",
        description="Tell what a contract checks, who in vLLM relies on it and how to keep it; or "
        "what counts as evidence for a capability. Without ID, list all ids.",
    )
    parser.add_argument(
        "id", metavar="ID", nargs="?", help="a contract, a case of it, a capability"
    )
    parser.set_defaults(handler=_explain)


def _explain(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: both are slow to import, and other commands do without.
    from hwcheck.api import known_contracts
    from hwcheck.report.page import capability_page, contract_page

    contracts = {item.id: item for item in known_contracts(registry, os.environ)}
    capabilities = {item.id: item for item in registry.capabilities()}
    if arguments.id is None:
        sys.stdout.write(_index(contracts, capabilities))
        return 0
    wanted = arguments.id.partition("[")[0]
    if wanted in contracts:
        sys.stdout.write(contract_page(contracts[wanted]))
    elif wanted in capabilities:
        sys.stdout.write(capability_page(capabilities[wanted]))
    else:
        raise UsageError(_unknown(wanted, [*contracts, *capabilities]))
    return 0


def _index(contracts: dict[str, Contract], capabilities: dict[str, Capability]) -> str:
    lines = [f"{item.profile}  {item.id:24} {item.title}" for item in contracts.values()]
    lines += [f"--  {item.id:24} {item.title}" for item in capabilities.values()]
    return "\n".join(lines) + "\n"


def _unknown(wanted: str, known: list[str]) -> str:
    near = get_close_matches(wanted, known, n=3)
    hint = f"nearest: {', '.join(near)}" if near else "all ids: hwcheck explain"
    return f"no contract and no capability is called {wanted!r}\n  {hint}"
