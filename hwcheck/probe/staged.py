"""The staged child: what vLLM does with a platform plugin, one step at a time, vLLM itself kept out of it."""

import sys
from importlib import import_module

from hwcheck.model.observation import Activated, Called, ClassSeen, Loaded, OptOut, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.host import import_host, load_entry_point, platform_base, watch_resolution
from hwcheck.probe.messages import Request
from hwcheck.probe.reply import Reply, StepFailed
from hwcheck.probe.resolve import class_seen, qualified_name, resolve, source_place

__all__ = ["called", "loaded", "run_staged"]

PLATFORM_GROUP = "vllm.platform_plugins"


def run_staged(
    request: Request, reply: Reply, watch: EffectWatch, attribution: Attribution
) -> None:
    """Load, call twice, resolve and instantiate each platform entry point.

    vLLM is imported first, with ``VLLM_PLUGINS`` naming nothing of the plugin, so that each
    effect can be charged to the step that has it.
    """
    reply.take(StepName.IMPORT_HOST, import_host, limit=request.start_limit)
    reply.take(StepName.OPT_OUT, lambda: _opt_out(attribution), limit=request.step_limit)
    watch_resolution(watch, attribution)
    for point in request.entry_points:
        if point.group == PLATFORM_GROUP:
            try:
                _take_platform(request, reply, attribution, point.name)
            except StepFailed:
                continue


def loaded(function: object, attribution: Attribution) -> Loaded:
    """Describe what an entry point loaded to."""
    return Loaded(
        type=qualified_name(type(function)),
        callable=callable(function),
        place=source_place(function, attribution),
    )


def called(answer: object) -> Called:
    """Describe what an entry point answered."""
    return Called(
        type=type(answer).__qualname__,
        text=repr(answer)[:300],
        value=answer if isinstance(answer, str) else None,
    )


def _take_platform(request: Request, reply: Reply, attribution: Attribution, name: str) -> None:
    limit = request.step_limit
    held: list[object] = []

    def load() -> Loaded:
        held.append(load_entry_point(request.plugin, PLATFORM_GROUP, name))
        return loaded(held[0], attribution)

    def call() -> Called:
        return called(held[0]())  # type: ignore[operator]

    reply.take(StepName.LOAD, load, subject=name, limit=limit)
    if not callable(held[0]):
        return
    first = reply.take(StepName.CALL, call, subject=name, limit=limit)
    second_failed = False
    try:
        reply.take(StepName.CALL_AGAIN, call, subject=name, limit=limit)
    except StepFailed:
        second_failed = True
    path = first.value if isinstance(first, Called) else None
    if path is not None and not second_failed:
        _take_class(request, reply, attribution, name, path)


def _take_class(
    request: Request, reply: Reply, attribution: Attribution, name: str, path: str
) -> None:
    held: list[object] = []

    def find() -> ClassSeen:
        held.append(resolve(path))
        return class_seen(path, held[0], attribution)

    def make() -> Activated:
        instance = held[0]()  # type: ignore[operator]
        return Activated(
            type=qualified_name(type(instance)), is_plugin=isinstance(instance, platform_base())
        )

    reply.take(StepName.RESOLVE, find, subject=name, limit=request.step_limit)
    reply.take(StepName.INSTANTIATE, make, subject=name, limit=request.step_limit)


def _opt_out(attribution: Attribution) -> OptOut:
    import_module("vllm.platforms")
    return OptOut(
        modules=tuple(sorted(name for name in sys.modules if attribution.owns_module(name)))[:20]
    )
