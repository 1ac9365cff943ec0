"""The activated platform, or the verdict that follows from there being none."""

from hwcheck.model.observation import Activated, Called, Described, MemberShape, StepName
from hwcheck.model.outcome import Cause
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.verdicts import not_applicable, not_measured

__all__ = ["activated", "described", "has_device", "shape_of"]


def has_device(evidence: Evidence) -> None:
    """Go on only with a plugin that takes this machine for its own.

    Raises NotApplicable: the plugin has no platform. NotMeasured: it answers None, or it cannot
    be asked.
    """
    if not evidence.platform_points:
        not_applicable("the plugin declares no platform entry point")
    answers = [
        evidence.needed("staged", StepName.CALL, point, Called)
        for point in evidence.platform_points
    ]
    if all(answer.type == "NoneType" for answer in answers):
        not_measured(
            "the plugin says that its device is not here (it answers None)", cause=Cause.NO_DEVICE
        )


def activated(evidence: Evidence) -> Activated:
    """The platform that vLLM chose, which is the plugin's.

    Raises NotApplicable: the plugin has no platform. NotMeasured: it was not activated.
    """
    has_device(evidence)
    seen = evidence.needed("active", StepName.ACTIVATE, "", Activated)
    if not seen.is_plugin:
        not_measured(f"vLLM chose {seen.type}", blocked_by=evidence.activation_breach())
    return seen


def described(evidence: Evidence) -> Described:
    """The members of the activated platform.

    Raises NotApplicable: the plugin has no platform. NotMeasured: it was not activated.
    """
    activated(evidence)
    return evidence.needed("active", StepName.DESCRIBE, "", Described)


def shape_of(seen: Described, name: str) -> MemberShape:
    """The shape of one member; one that is nowhere is missing."""
    return seen.member(name) or MemberShape(name=name, kind="missing", owner=None, overridden=False)
