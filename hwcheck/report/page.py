"""The pages that ``hwcheck explain`` shows."""

from hwcheck.model.capability import Capability, Claim
from hwcheck.model.contract import Contract

__all__ = ["capability_page", "contract_page"]


def contract_page(contract: Contract) -> str:
    """Render the page of a contract."""
    return _page(
        contract.id,
        contract.title,
        (
            ("profile", f"{contract.profile} {contract.profile.meaning}"),
            ("applies to", f"vLLM {contract.since} and newer" if contract.since else ""),
            ("run", "on request: --ops" if contract.group else ""),
            ("checked", contract.checked),
            ("members", ", ".join(contract.members)),
            ("relied on by", contract.relied_on_by),
            ("when it is broken", contract.remedy),
        ),
    )


def capability_page(capability: Capability) -> str:
    """Render the page of a capability."""
    return _page(
        capability.id,
        capability.title,
        (
            ("area", capability.area),
            ("gate in vLLM", capability.gate),
            ("E1 declared by", " or ".join(map(_claim, capability.claims)) or "nothing: no claim"),
            ("E2 resolved by", ", ".join(capability.resolved_by) or "nothing yet"),
            ("E3 constructed by", ", ".join(capability.constructed_by) or "nothing yet"),
            ("E4 demonstrated by", ", ".join(capability.shown_by) or "nothing yet"),
            ("what shows it", capability.demonstrated_by or "nothing yet"),
            ("note", capability.note),
        ),
    )


def _claim(claim: Claim) -> str:
    return " ".join(word for word in (claim.member, str(claim.test), claim.operand) if word)


def _page(id_: str, title: str, fields: tuple[tuple[str, str], ...]) -> str:
    lines = [id_, f"  {title}", ""]
    lines += [f"  {name}: {text}" for name, text in fields if text]
    return "\n".join(lines) + "\n"
