"""The attention that a platform names for vision encoders."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import may_lack_device, refuses
from hwcheck.exercise.platforms.attention_question import backend_enum
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

_GETTER, _LIST = "get_vit_attn_backend", "get_supported_vit_attn_backends"
_LAYERS = st.tuples(
    st.sampled_from((32, 64, 72, 80, 88, 96, 112, 128)),
    st.sampled_from(("bfloat16", "float16", "float32")),
)


def vit_attention(bench: Bench) -> Iterator[ExaminedCase]:
    """The default is a backend, and one that is offered and asked for is given."""
    platform: Any = bench.platform
    if owner_of(type(platform), _GETTER) is None:
        yield not_applicable(f"this vLLM has no {_GETTER}()")
        return
    yield _told(bench, "default", [None])
    base = import_module("vllm.platforms.interface").Platform
    if owner_of(type(platform), _LIST) is None:
        yield not_applicable(f"this vLLM has no {_LIST}()", "chosen")
        return
    if "backend" not in inspect.signature(getattr(base, _GETTER)).parameters:
        yield not_applicable("this vLLM leaves the user no choice", "chosen")
        return
    try:
        offered = list(platform.get_supported_vit_attn_backends())
    # What is wrong with the list is told by the contract about the member.
    except BaseException as error:
        yield not_measured(f"{_LIST}() raises {type(error).__name__}: {error}", "chosen")
        return
    strange = [item for item in offered if not isinstance(item, backend_enum())]
    if not offered or strange:
        reason = f"{_LIST}() answers {offered!r}, not members of {backend_enum().__name__}"
        yield broken(reason, "chosen", place=bench.place_of(_LIST))
        return
    yield _told(bench, "chosen", offered)


def _told(bench: Bench, name: str, choices: list[object]) -> ExaminedCase:
    torch = import_module("torch")
    ask = getattr(bench.platform, _GETTER)

    def check(asked: tuple[tuple[int, str], object]) -> str | None:
        (size, dtype), choice = asked
        given = [] if choice is None else [choice]
        try:
            told = ask(size, getattr(torch, dtype), *given)
        except BaseException as error:
            if (choice is None and refuses(error)) or may_lack_device(error):
                return None
            if refuses(error):
                return f"refuses {choice}, which {_LIST}() offers: {error}"
            raise
        if choice is not None and told is not choice:
            return f"answers {told!r} to the choice of {choice}"
        if not isinstance(told, backend_enum()):
            return f"answers {told!r}, no member of {backend_enum().__name__}"
        return None

    layers = st.tuples(_LAYERS, st.sampled_from(choices))
    found = bench.counterexample(check, layers, examples=40)
    if found is None:
        return kept(name)
    if not found.in_plugin:
        return not_measured(f"vLLM's own {_GETTER}() {found.fault}", name)
    place = found.place or bench.place_of(_GETTER)
    return broken(f"{_GETTER}() {found.fault}", name, example=found.text, place=place)


EXAMINATIONS: dict[str, Examination] = {"platform.vit-attention": vit_attention}
