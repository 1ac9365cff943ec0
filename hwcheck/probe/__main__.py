"""Run one child of the probe: ``python -m hwcheck.probe REQUEST``."""

import faulthandler
import sys

from hwcheck.probe.active import run_active
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.install import run_install
from hwcheck.probe.messages import read_request
from hwcheck.probe.reply import Reply, StepFailed
from hwcheck.probe.session import Session
from hwcheck.probe.staged import run_staged


def main(path: str) -> None:
    """Take the steps of one child; what the plugin does in them is recorded, not raised."""
    faulthandler.enable()
    request = read_request(path)
    modules = tuple(_module(value) for value in request.modules)
    attribution = Attribution(request.plugin, modules)
    watch = EffectWatch(attribution, request.stdout)
    reply = Reply(request.reply, request.nonce, watch, attribution)
    try:
        _run(Session(request, reply, attribution), watch)
    except StepFailed:
        # Recorded; the rest of this child depends on it.
        pass
    reply.finish()


def _run(session: Session, watch: EffectWatch) -> None:
    match session.request.child:
        case "staged":
            run_staged(session, watch)
        case "active":
            run_active(session)
        case "install":
            run_install(session)
        case other:
            raise ValueError(f"unknown child {other!r}")


def _module(value: str) -> str:
    return value.partition(":")[0].strip()


if __name__ == "__main__":
    main(sys.argv[1])
