"""What a platform says to requests and to lengths."""

import copy
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import may_lack_device, refuses
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

_VALIDATE, _OUTPUT, _LENGTH = "validate_request", "get_max_output_tokens", "check_max_model_len"
_MODEL_LENGTH = 512
#: Prompts so short that every platform that serves has room for an answer.
_SHORT = 16
_INPUTS = (
    ("vllm.inputs.engine", "tokens_input"),
    ("vllm.inputs.data", "token_inputs"),
    ("vllm.inputs", "token_inputs"),
)


def validate_request(bench: Bench) -> Iterator[ExaminedCase]:
    """Valid requests pass or are refused in words, and are left as they were."""
    ask = _validation(bench.platform)

    def check(request: tuple[list[int], dict[str, object] | None]) -> str | None:
        inputs, params = _inputs(request[0]), _params(request[1])
        before = copy.deepcopy((inputs, params))
        try:
            ask(inputs, params)
        except BaseException as error:
            if refuses(error) or may_lack_device(error):
                return None
            raise
        if (inputs, params) != before:
            return f"changes its arguments: {before!r} became {(inputs, params)!r}"
        return None

    if (missing := _unconfigured(bench)) is not None:
        yield missing
        return
    requests = st.tuples(st.lists(st.integers(0, 255), min_size=1, max_size=40), _SAMPLING)
    found = bench.counterexample(check, requests, examples=40)
    if found is None:
        yield kept()
    elif not found.in_plugin:
        yield not_measured(f"vLLM's own {_VALIDATE}() {found.fault}")
    else:
        place = found.place or bench.place_of(_VALIDATE)
        yield broken(f"{_VALIDATE}() {found.fault}", example=found.text, place=place)


#: Keywords of SamplingParams that every release since 0.9 has; None is a pooling request.
_SAMPLING: SearchStrategy[dict[str, object] | None] = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from((0.0, 0.5, 1.0)),
        "top_p": st.sampled_from((0.1, 1.0)),
        "top_k": st.sampled_from((0, 1, 40)),
        "min_p": st.sampled_from((0.0, 0.1)),
        "max_tokens": st.sampled_from((1, 16, None)),
        "min_tokens": st.sampled_from((0, 1)),
        "seed": st.sampled_from((None, 0, 7)),
        "n": st.just(1),
        "logprobs": st.sampled_from((None, 0, 5)),
        "prompt_logprobs": st.sampled_from((None, 1)),
        "stop_token_ids": st.sampled_from(([], [3])),
        "repetition_penalty": st.sampled_from((1.0, 1.1)),
        "ignore_eos": st.booleans(),
        "logit_bias": st.sampled_from((None, {5: 1.0})),
        "allowed_token_ids": st.sampled_from((None, [1, 2, 3])),
    },
)


def _validation(platform: object) -> Callable[[object, object], object]:
    base = import_module("vllm.platforms.interface").Platform
    names = list(inspect.signature(getattr(base, _VALIDATE)).parameters)
    method = getattr(platform, _VALIDATE)

    def ask(inputs: object, params: object) -> object:
        # Up to 0.16 the prompt came first, as the user gave it.
        prompt = {"prompt_token_ids": inputs["prompt_token_ids"]}  # type: ignore[index]
        known = {"processed_inputs": inputs, "params": params, "prompt": prompt}
        return method(*(known[name] for name in names))

    return ask


def _inputs(tokens: list[int]) -> object:
    for module, name in _INPUTS:
        try:
            make = getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
        return make(prompt_token_ids=list(tokens))
    return {"type": "token", "prompt_token_ids": list(tokens)}


def _params(asked: dict[str, object] | None) -> object:
    vllm = import_module("vllm")
    return vllm.PoolingParams() if asked is None else vllm.SamplingParams(**asked)


def max_output_tokens(bench: Bench) -> Iterator[ExaminedCase]:
    """A prompt that the model has room for leaves room for an answer."""
    if (missing := _unconfigured(bench)) is not None:
        yield missing
        return
    platform: Any = bench.platform

    def check(prompt_length: int) -> str | None:
        try:
            told = platform.get_max_output_tokens(prompt_length)
        except BaseException as error:
            if refuses(error) or may_lack_device(error):
                return None
            raise
        if told is None:
            return None
        if isinstance(told, bool) or not isinstance(told, int):
            return f"answers {told!r}, of which vLLM takes the minimum with other numbers"
        if told < 0 or (told == 0 and prompt_length <= _SHORT):
            return f"answers {told}: every such request is refused"
        return None

    lengths = st.integers(1, _SHORT) | st.integers(1, _MODEL_LENGTH - 1)
    yield _told(bench, _OUTPUT, check, lengths)


def _unconfigured(bench: Bench) -> ExaminedCase | None:
    """Make a configuration: platforms keep the last one, and answer requests by it."""
    result = made(Shape(), bench.attribution)
    if result.config is not None:
        return None
    absent = result.absence is not None
    return not_measured("no configuration can be made", needs_device=absent)


def max_model_len(bench: Bench) -> Iterator[ExaminedCase]:
    """The length is lowered or left, and left alone the second time."""
    platform: Any = bench.platform
    if owner_of(type(platform), _LENGTH) is None:
        yield not_applicable(f"this vLLM has no {_LENGTH}()")
        return

    def check(length: int) -> str | None:
        try:
            told = platform.check_max_model_len(length)
            again = platform.check_max_model_len(told)
        except BaseException as error:
            if refuses(error) or may_lack_device(error):
                return None
            raise
        if isinstance(told, bool) or not isinstance(told, int) or not 0 < told <= length:
            return f"makes {told!r} of {length}"
        return None if again == told else f"makes {told} of {length}, and {again} of that"

    yield _told(bench, _LENGTH, check, st.integers(1, 1_000_000))


def _told(
    bench: Bench,
    member: str,
    check: Callable[[int], str | None],
    numbers: SearchStrategy[int],
) -> ExaminedCase:
    found = bench.counterexample(check, numbers, examples=60)
    if found is None:
        return kept()
    if not found.in_plugin:
        return not_measured(f"vLLM's own {member}() {found.fault}")
    place = found.place or bench.place_of(member)
    return broken(f"{member}() {found.fault}", example=found.text, place=place)


EXAMINATIONS: dict[str, Examination] = {
    "platform.validate-request": validate_request,
    "platform.max-output-tokens": max_output_tokens,
    "platform.max-model-len": max_model_len,
}
