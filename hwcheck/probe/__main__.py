"""Run one child of the probe: ``python -m hwcheck.probe REQUEST``."""

import sys

from hwcheck.probe.active import run_active
from hwcheck.probe.child import run_child
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.install import run_install
from hwcheck.probe.life import run_life
from hwcheck.probe.session import Session
from hwcheck.probe.staged import run_staged


def take_steps(session: Session, watch: EffectWatch) -> None:
    """Take the steps of the child that was asked for.

    Raises StepFailed: a step failed on which the rest depends.
    """
    match session.request.child:
        case "staged":
            run_staged(session, watch)
        case "active":
            run_active(session)
        case "life":
            run_life(session, watch)
        case "install":
            run_install(session)
        case other:
            raise ValueError(f"unknown child {other!r}")


if __name__ == "__main__":
    run_child(sys.argv[1], take_steps)
