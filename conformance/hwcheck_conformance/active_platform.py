"""The activated platform, or the verdict that follows from there being none."""

from hwcheck.model.observation import Activated, Described, MemberShape, StepName
from hwcheck.pytest_plugin.evidence import Evidence

__all__ = ["activated", "described", "shape_of"]


def activated(evidence: Evidence) -> Activated:
    """The platform that vLLM chose, which is the plugin's.

    Raises NotApplicable: the plugin has no platform. NotMeasured: it was not activated.
    """
    evidence.require_activation()
    return evidence.needed("active", StepName.ACTIVATE, "", Activated)


def described(evidence: Evidence) -> Described:
    """The members of the activated platform.

    Raises NotApplicable: the plugin has no platform. NotMeasured: it was not activated.
    """
    activated(evidence)
    return evidence.needed("active", StepName.DESCRIBE, "", Described)


def shape_of(seen: Described, name: str) -> MemberShape:
    """The shape of one member; one that is nowhere is missing."""
    return seen.member(name) or MemberShape(name=name, kind="missing", owner=None, overridden=False)
