"""One child from its request to its last line, whatever steps it takes."""

import faulthandler
from collections.abc import Callable

from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.heap import collect_seldom
from hwcheck.probe.messages import read_request
from hwcheck.probe.reply import Reply, StepFailed
from hwcheck.probe.session import Session

__all__ = ["run_child"]


def run_child(path: str, take_steps: Callable[[Session, EffectWatch], None]) -> None:
    """Take the steps of one child; what the plugin does in them is recorded, not raised."""
    faulthandler.enable()
    collect_seldom()
    request = read_request(path)
    modules = tuple(_module(value) for value in request.modules)
    attribution = (
        Attribution.of_host() if request.control else Attribution.of_plugin(request.plugin, modules)
    )
    watch = EffectWatch(attribution, request.stdout)
    reply = Reply(request.reply, request.nonce, watch, attribution)
    try:
        take_steps(Session(request, reply, attribution), watch)
    except StepFailed:
        # Recorded; the rest of this child depends on it.
        pass
    reply.finish()


def _module(value: str) -> str:
    return value.partition(":")[0].strip()
