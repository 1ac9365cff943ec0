"""The pages of the members of vLLM's platform class, one by one and as a reference."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from hwcheck.hosts.members import Member, Tier
from hwcheck.model.contract import Contract
from hwcheck.report.escaping import visible

__all__ = ["contracts_about", "member_page", "member_reference"]

_WIDTH = 96
_HEAD = (
    "What vLLM relies on in each member of `vllm.platforms.interface.Platform`, 0.9.2 to 0.33.0.",
    "`hwcheck explain NAME` shows one; `hwcheck explain --reference members` writes this page.",
    "`platform.member` checks kind and type, `platform.signature` the calls that vLLM makes.",
    "Further contracts are named where there are any.",
)
_PROCESSES = {"F": "frontend", "I": "model inspection", "E": "engine core", "W": "worker"}
_TIERS = {
    Tier.REQUIRED: "Required: reached in every out-of-tree text generation",
    Tier.CONDITIONAL: "Conditional: reached when a feature is on, or when a part of vLLM is reused",
    Tier.OPTIONAL: "Optional: vLLM does without it",
    Tier.DEAD: "Dead: defined, and used by nothing",
    Tier.INTERNAL: "Internal: private to the class, and renamed without notice",
}


def contracts_about(member: Member, contracts: Iterable[Contract]) -> tuple[str, ...]:
    """Select the contracts that check a member, by id."""
    return tuple(sorted(contract.id for contract in contracts if member.name in contract.members))


def member_page(member: Member, contracts: Sequence[Contract]) -> str:
    """Render the page of a member as plain text."""
    lines = [visible(f"{member.name}{member.signature or ''}"), f"  {_kind(member)}", ""]
    for name, text in _fields(member, contracts):
        first, *rest = wrap(f"{name}: {visible(text)}", _WIDTH)
        lines += [f"  {first}", *(f"    {line}" for line in rest)]
    if member.rules:
        lines += ["", "  rules:"]
        for rule in member.rules:
            first, *rest = wrap(visible(rule), _WIDTH)
            lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    if member.changes:
        lines += ["", "  changes:", *(f"  - {change}" for change in _changes(member))]
    return "\n".join(lines) + "\n"


def member_reference(members: Iterable[Member], contracts: Sequence[Contract]) -> str:
    """Render all members as a Markdown document, by tier and name."""
    lines = [
        "# Members of the platform class",
        "",
        *_HEAD,
    ]
    by_tier: dict[Tier, list[Member]] = {tier: [] for tier in Tier}
    for member in sorted(members, key=lambda item: item.name):
        by_tier[member.tier].append(member)
    for tier, held in by_tier.items():
        if held:
            lines += ["", f"## {_TIERS[tier]}"]
        for member in held:
            lines += ["", f"### `{member.name}`", "", *_body(member, contracts)]
    return "\n".join(lines) + "\n"


def _body(member: Member, contracts: Sequence[Contract]) -> Iterator[str]:
    signature = f" `{member.signature}`" if member.signature else ""
    yield f"{_kind(member)}{signature}"
    yield ""
    for name, text in _fields(member, contracts):
        yield f"- {name}: {_markdown(text)}"
    if member.rules:
        yield "- rules:"
        yield from (f"  - {_markdown(rule)}" for rule in member.rules)
    if member.changes:
        yield "- changes:"
        for change in member.changes:
            yield f"  - {change.release}, {change.what}: `{change.after}`"


def _fields(member: Member, contracts: Sequence[Contract]) -> Iterator[tuple[str, str]]:
    yield "tier", str(member.tier)
    until = f", removed in {member.removed_in}" if member.removed_in else ""
    yield "since", f"{member.since}{until}"
    if member.must_override:
        yield "must be overridden", "always; the inherited one is unusable"
    if member.processes:
        yield "reached in", ", ".join(_PROCESSES[letter] for letter in member.processes)
    yield "relied on by", member.relied_on_by
    yield "when it is wrong", member.effect
    about = contracts_about(member, contracts)
    if about:
        yield "checked by", ", ".join(about)


def _changes(member: Member) -> Iterator[str]:
    for change in member.changes:
        yield f"{change.release}, {change.what}: {change.after} (before: {change.before})"


def _kind(member: Member) -> str:
    if member.kind == "undefined":
        return "asked for by vLLM, and not defined by its own class"
    return member.kind


def _markdown(text: str) -> str:
    # Names in angle brackets and underscores are no markup.
    return visible(text).replace("<", "&lt;").replace("*", "\\*").replace("__", "\\_\\_")
