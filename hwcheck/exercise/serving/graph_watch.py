"""Count how often parts of a model are run with static graphs, and how often without."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

__all__ = ["GraphSteps", "graphs_watched"]

_CALL = "__call__"


@dataclass(slots=True, kw_only=True)
class GraphSteps:
    """What the wrappers of static graphs were asked for meanwhile."""

    asked: int = 0
    """Calls in steps that vLLM had decided to run with graphs."""
    ran: int = 0
    """Those in which the wrapped part ran itself, as it does when a graph is captured."""
    is_seen: bool = True
    """Whether it can be seen that a wrapped part runs; not that of a plain function."""


@contextmanager
def graphs_watched(wrapper: type) -> Iterator[GraphSteps]:
    """Watch all instances of a platform's wrapper of static graphs, in this process."""
    steps = GraphSteps()
    call: Callable[..., Any] = wrapper.__call__
    inside: list[object] = []
    with ExitStack() as patches:
        watched: set[type] = set()

        def watch(part: object) -> None:
            kind = type(part)
            if kind in watched:
                return
            if not _can_be_watched(kind):
                steps.is_seen = False
                return
            watched.add(kind)
            own: Callable[..., Any] = kind.__call__

            def run(self: object, *given: object, **named: object) -> object:
                if inside and inside[-1] is self:
                    steps.ran += 1
                return own(self, *given, **named)

            patches.enter_context(_replaced(kind, run))

        def asked(self: Any, *given: object, **named: object) -> object:
            if not _is_for(self):
                return call(self, *given, **named)
            part = getattr(self, "runnable", None)
            watch(part)
            steps.asked += 1
            inside.append(part)
            try:
                return call(self, *given, **named)
            finally:
                inside.pop()

        patches.enter_context(_replaced(wrapper, asked))
        yield steps


def _is_for(wrapper: object) -> bool:
    """Whether the step that is made is one of those that a wrapper has graphs for."""
    contexts = import_module("vllm.forward_context")
    if not contexts.is_forward_context_available():
        return False
    mode = contexts.get_forward_context().cudagraph_runtime_mode
    none = import_module("vllm.config").CUDAGraphMode.NONE
    return mode is not none and mode is getattr(wrapper, "runtime_mode", None)


def _can_be_watched(kind: type) -> bool:
    """Whether the calls of its instances go through a method written in Python."""
    return hasattr(getattr(kind, _CALL, None), "__code__")


@contextmanager
def _replaced(kind: type, call: Callable[..., object]) -> Iterator[None]:
    own = vars(kind).get(_CALL)
    setattr(kind, _CALL, call)
    try:
        yield
    finally:
        if own is None:
            delattr(kind, _CALL)
        else:
            setattr(kind, _CALL, own)
