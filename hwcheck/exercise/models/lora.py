"""The Punica wrapper, which computes LoRA adapters: its members, and its results."""

import inspect
from collections.abc import Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.models.lora_batches import (
    INDEX_TO_ID,
    MOST_REQUESTS,
    MOST_TOKENS,
    RANK,
    Batch,
    Mix,
    batches_of,
)
from hwcheck.exercise.models.lora_calls import METHODS, MOST_STEPS, announce, call, forms
from hwcheck.exercise.models.runner_state import may_be_set_by_runner
from hwcheck.exercise.supported import device_of, dtypes_of, single_threaded
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure, Place
from hwcheck.probe.resolve import owner_of, resolve, source_place

__all__ = ["EXAMINATIONS"]

_EXAMPLES = 12
_MIXES: tuple[Mix, ...] = ("", "mixed", "none")
#: Called by fully sharded LoRA layers alone, which a plugin need not support.
_OF_SHARDED_LAYERS = ("add_shrink", "add_expand")
_NO_WRAPPER = "the platform names no Punica wrapper"


def wrapper_abstract(bench: Bench) -> Iterator[ExaminedCase]:
    """No abstract member is left, and each method takes the call of vLLM's LoRA layers."""
    cls = _class_of(bench)
    if cls is None:
        yield not_applicable(_NO_WRAPPER)
        return
    left = sorted(getattr(cls, "__abstractmethods__", ()))
    place = source_place(cls, bench.attribution)
    yield (
        broken(f"{cls.__qualname__} leaves {', '.join(left)} abstract", "abstract", place=place)
        if left
        else kept("abstract")
    )
    for method in ("update_metadata", *METHODS):
        fault = _call_fault(cls, method)
        yield (
            kept(method)
            if fault is None
            else broken(fault, method, place=_method_place(bench, cls, method) or place)
        )


def punica(bench: Bench) -> Iterator[ExaminedCase]:
    """Each method gives what float64 gives, for batches with all, some and no adapters."""
    cls, device = _class_of(bench), device_of(bench)
    if cls is None:
        yield not_applicable(_NO_WRAPPER)
    elif device is None:
        yield not_measured("LoRA is computed on the device", needs_device=True)
    elif getattr(cls, "__abstractmethods__", ()):
        yield not_measured("members are abstract", blocked_by="lora.wrapper-abstract")
    else:
        wrapper, fault = _constructed(bench, cls, device)
        if fault is not None:
            yield fault
            return
        yield kept("construct")
        with single_threaded():
            for method in METHODS:
                for mix in _MIXES:
                    yield _examined(bench, wrapper, method, mix)


def _class_of(bench: Bench) -> type | None:
    # Where there is none, vLLM's own form raises; a path that does not resolve breaks another.
    try:
        found = resolve(bench.platform.get_punica_wrapper())  # type: ignore[attr-defined]
    except Exception:
        return None
    return found if isinstance(found, type) else None


def _call_fault(cls: type, method: str) -> str | None:
    arguments, keywords = forms(method)
    function = getattr(cls, method, None)
    if not callable(function):
        return f"{cls.__qualname__} has no {method}()"
    try:
        inspect.signature(function).bind(None, *arguments, **keywords)
    except TypeError as error:
        shown = ["…"] * len(arguments) + [f"{key}=…" for key in keywords]
        return f"{method}({', '.join(shown)}): {error}"
    return None


def _constructed(bench: Bench, cls: type, device: object) -> tuple[object, ExaminedCase | None]:
    config = import_module("vllm.config").LoRAConfig(max_lora_rank=RANK, max_loras=len(INDEX_TO_ID))
    slots: dict[str, object] = {"lora_config": config}
    if _minor(bench.host_version) < 14:
        slots = {"max_loras": len(INDEX_TO_ID)}
    try:
        made: object = cls(MOST_TOKENS, max_batches=MOST_REQUESTS, device=device, **slots)
    except Exception as error:
        raised = bench.attribution.raised(error)
        place = raised.place if raised.in_plugin else source_place(cls, bench.attribution)
        reason = f"constructing it raises {raised.type}: {raised.message}"
        return None, broken(reason, "construct", place=place)
    return made, None


def _minor(version: str) -> int:
    """The minor number of a release of vLLM's, whose major number has been 0 so far."""
    major, minor, *_ = version.split(".")
    return int(minor) if major == "0" else 10**6


def _examined(bench: Bench, wrapper: object, method: str, mix: Mix) -> ExaminedCase:
    name = f"{method}-{mix}" if mix else method
    device = device_of(bench)
    in_place = bool(bench.platform.can_update_inplace())  # type: ignore[attr-defined]
    largest, refused, unset = 0.0, "", ""

    def check(batch: Batch) -> str | None:
        nonlocal largest, refused, unset
        announce(wrapper, batch)
        try:
            found = call(wrapper, method, batch, device=device, in_place=in_place)
        except NotImplementedError as error:
            if method not in _OF_SHARDED_LAYERS:
                raise
            refused = f"{method}() raises NotImplementedError: {error}"
            return None
        except AttributeError as error:
            if not may_be_set_by_runner(bench, wrapper, error):
                raise
            unset = f"{method}() needs what the plugin's own runner sets: {error}"
            return None
        largest = max(largest, found.distance if found.fault is None else 0.0)
        return found.fault

    found = bench.counterexample(check, batches_of(mix, dtypes_of(bench)), examples=_EXAMPLES)
    figure = Figure(name="largest distance (steps of the dtype)", value=largest, limit=MOST_STEPS)
    if found is None and refused:
        return not_applicable(refused, name)
    if found is None and unset:
        return not_measured(unset, name)
    if found is None:
        return kept(name, figures=(figure,))
    place = found.place if found.in_plugin else None
    place = place or _method_place(bench, type(wrapper), method)
    return broken(found.fault, name, example=found.text, place=place)


def _method_place(bench: Bench, cls: type, method: str) -> Place | None:
    owner = owner_of(cls, method)
    if owner is None or not bench.attribution.owns_module(owner.__module__):
        return None
    return source_place(vars(owner)[method], bench.attribution)


EXAMINATIONS: dict[str, Examination] = {
    "lora.wrapper-abstract": wrapper_abstract,
    "lora.punica": punica,
}
