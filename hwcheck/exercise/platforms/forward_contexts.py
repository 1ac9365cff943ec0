"""What a platform adds to the context of a forward pass."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

_MEMBER = "set_additional_forward_context"


def forward_context(bench: Bench) -> Iterator[ExaminedCase]:
    """A context can be entered as the model runner does it, and holds a mapping."""
    if owner_of(type(bench.platform), _MEMBER) is None:
        yield not_applicable(f"this vLLM has no {_MEMBER}()")
        return
    if not bench.is_own(_MEMBER):
        yield kept()
        return
    config = made(Shape(), bench.attribution).config
    if config is None:
        yield not_measured("no configuration can be made")
        return
    module = import_module("vllm.forward_context")
    for tokens in (None, 1, 8):
        try:
            with module.set_forward_context(None, config, num_tokens=tokens):
                added = getattr(module.get_forward_context(), "additional_kwargs", {})
        except BaseException as error:
            yield failed(bench, error, f"with num_tokens={tokens}, {_MEMBER}()", asks_device=True)
            return
        if not isinstance(added, Mapping):
            reason = f"with num_tokens={tokens}, {_MEMBER}() adds {added!r}, which is no mapping"
            yield broken(reason, place=bench.place_of(_MEMBER))
            return
    yield kept()


EXAMINATIONS: dict[str, Examination] = {"platform.forward-context": forward_context}
