"""What the platform's members say: the claims that the fold of capabilities reads."""

from hwcheck.model.capability import MemberReading
from hwcheck.model.observation import (
    ClassSeen,
    Described,
    MemberShape,
    Observation,
    StepName,
    ValueSeen,
)

__all__ = ["readings_of"]

_BASE = "vllm.platforms.interface.Platform"


def readings_of(observation: Observation) -> tuple[MemberReading, ...]:
    """Read all members of an activated platform; none when it was not activated."""
    active = observation.child("active")
    described = None if active is None else active.step(StepName.DESCRIBE).answer
    if active is None or not isinstance(described, Described):
        return ()
    return tuple(
        _reading(
            shape,
            active.step(StepName.VALUE, shape.name).answer
            or active.step(StepName.CLASS_PATH, shape.name).answer,
        )
        for shape in described.members
    )


def _reading(shape: MemberShape, answer: object) -> MemberReading:
    # A class between the plugin and `Platform`, such as vLLM's own CPU platform, claims as well.
    overridden = shape.owner is not None and shape.owner != _BASE
    match answer:
        case ValueSeen():
            return MemberReading(
                name=shape.name,
                overridden=overridden,
                read=True,
                truth=answer.truth,
                text=answer.text,
                items=answer.items or (),
            )
        case ClassSeen():
            return MemberReading(
                name=shape.name,
                overridden=overridden,
                read=True,
                truth=bool(answer.path),
                text=answer.path,
            )
        case _:
            return MemberReading(name=shape.name, overridden=overridden)
