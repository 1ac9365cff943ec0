"""How a contract about what an engine serves is written."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["served"]


def served(
    id_: str,
    title: str,
    *,
    relied_on_by: str,
    remedy: str,
    checked: str,
    profile: Profile = Profile.P2,
    child: str = "serving",
) -> Contract:
    """Make a contract that a child with an engine judges by itself."""
    return Contract(
        id=id_,
        profile=profile,
        title=title,
        relied_on_by=relied_on_by,
        remedy=remedy,
        checked=checked,
        examined_in=child,
    )
