"""``hwcheck explain``: the page of a rule, a contract, a capability, or a platform member."""

import argparse
import os
import sys
from difflib import get_close_matches

from hwcheck.errors import UsageError
from hwcheck.model.capability import Capability
from hwcheck.model.contract import Contract
from hwcheck.model.rule import RulePage
from hwcheck.registry import Registry

__all__ = ["add_parser"]


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", registry: Registry
) -> None:
    """Add the command."""
    del registry
    parser = commands.add_parser(
        "explain",
        help="the page of a rule, a contract, a capability or a platform member",
        description="Tell what a rule finds and how to mend it; what a contract checks, who in "
        "vLLM relies on it and how to keep it; what counts as evidence for a capability; or what "
        "vLLM relies on in a member of its platform class. "
        "Without ID, list all ids.",
    )
    parser.add_argument(
        "id",
        metavar="ID",
        nargs="?",
        help="a rule, a contract, a case of it, a capability, a member",
    )
    parser.add_argument(
        "--reference",
        nargs="?",
        const="rules",
        choices=("rules", "members"),
        help="all rules, or all members, as one Markdown document: docs/reference-rules.md, "
        "docs/reference-members.md",
    )
    parser.set_defaults(handler=_explain)


def _explain(arguments: argparse.Namespace, registry: Registry) -> int:
    # Imported here: both are slow to import, and other commands do without.
    from hwcheck.api import known_contracts, known_rules
    from hwcheck.hosts.members import all_members
    from hwcheck.report.member_page import member_page, member_reference
    from hwcheck.report.page import capability_page, contract_page
    from hwcheck.report.rule_page import rule_page, rule_reference

    rules = {item.id: item for item in known_rules(registry)}
    wanted = (arguments.id or "").partition("[")[0]
    if arguments.reference == "members":
        sys.stdout.write(member_reference(all_members(), known_contracts(registry, os.environ)))
        return 0
    if arguments.reference:
        sys.stdout.write(rule_reference(rules.values()))
        return 0
    if wanted.upper() in rules:
        # Before the contracts, which a process of their own has to tell.
        sys.stdout.write(rule_page(rules[wanted.upper()]))
        return 0
    contracts = {item.id: item for item in known_contracts(registry, os.environ)}
    capabilities = {item.id: item for item in registry.capabilities()}
    members = {item.name: item for item in all_members()}
    if arguments.id is None:
        sys.stdout.write(_index(rules, contracts, capabilities))
    elif wanted in contracts:
        sys.stdout.write(contract_page(contracts[wanted]))
    elif wanted in capabilities:
        sys.stdout.write(capability_page(capabilities[wanted]))
    elif wanted in members:
        sys.stdout.write(member_page(members[wanted], tuple(contracts.values())))
    else:
        raise UsageError(_unknown(wanted, [*rules, *contracts, *capabilities, *members]))
    return 0


def _index(
    rules: dict[str, RulePage], contracts: dict[str, Contract], capabilities: dict[str, Capability]
) -> str:
    lines = [f"HW  {item.id:24} {item.title}" for item in rules.values()]
    lines += [f"{item.profile}  {item.id:24} {item.title}" for item in contracts.values()]
    lines += [f"--  {item.id:24} {item.title}" for item in capabilities.values()]
    return "\n".join(lines) + "\n"


def _unknown(wanted: str, known: list[str]) -> str:
    near = get_close_matches(wanted, known, n=3)
    hint = f"nearest: {', '.join(near)}" if near else "all ids: hwcheck explain"
    return f"no rule, contract, capability or member is called {wanted!r}\n  {hint}"
