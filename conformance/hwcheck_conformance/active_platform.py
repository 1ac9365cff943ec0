"""The description of the activated platform, or the verdict that follows from there being none."""

from hwcheck.model.observation import Activated, Described, MemberShape, StepName
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.verdicts import not_applicable, not_measured
from hwcheck.model.observation import Called
from hwcheck.model.outcome import Cause

__all__ = ["described", "shape_of"]


def described(evidence: Evidence) -> Described:
    """The members of the activated platform.

    Raises NotApplicable: the plugin has no platform. NotMeasured: it was not activated.
    """
    if not evidence.platform_points:
        not_applicable("the plugin declares no platform entry point")
    for point in evidence.platform_points:
        called = evidence.needed("staged", StepName.CALL, point, Called)
        if called.type == "NoneType" and len(evidence.platform_points) == 1:
            not_measured(
                "the plugin says that its device is not here (it answers None)",
                cause=Cause.NO_DEVICE,
            )
    activated = evidence.needed("active", StepName.ACTIVATE, "", Activated)
    if not activated.is_plugin:
        not_measured(
            f"vLLM chose {activated.type}", blocked_by=evidence.activation_breach()
        )
    return evidence.needed("active", StepName.DESCRIBE, "", Described)


def shape_of(seen: Described, name: str) -> MemberShape:
    """The shape of one member; one that is nowhere is missing."""
    return seen.member(name) or MemberShape(name=name, kind="missing", owner=None, overridden=False)
