"""Whether a platform's answers about dtypes agree with each other."""

from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed, may_lack_device
from hwcheck.exercise.platforms.attention_question import Question, answer, backend_base
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of, resolve

__all__ = ["EXAMINATIONS"]

_MEMBER = "supported_dtypes"
_TAKES = "supports_dtype"
_CHECK = "check_if_supports_dtype"
_MOST = 50


def dtypes_agree(bench: Bench) -> Iterator[ExaminedCase]:
    """What is listed is accepted elsewhere, in one order, each once."""
    try:
        told = [list(islice(getattr(bench.platform, _MEMBER), _MOST)) for _ in range(2)]
    # What is wrong with its kind and type is told by the contract about the member.
    except BaseException as error:
        yield failed(bench, error, f"reading {_MEMBER}", "list", asks_device=True)
        return
    yield _listed(bench, *told)
    yield _checked(bench, told[0])
    yield _resolved(bench, told[0])
    yield _served(bench, told[0])


def _listed(bench: Bench, first: list[object], second: list[object]) -> ExaminedCase:
    place = bench.place_of(_MEMBER)
    if first != second:
        return broken(f"{_MEMBER} is {first}, and then {second}", "list", place=place)
    twice = sorted({str(item) for item in first if first.count(item) > 1})
    if twice:
        return broken(f"{_MEMBER} names {', '.join(twice)} more than once", "list", place=place)
    return kept("list")


def _checked(bench: Bench, listed: list[object]) -> ExaminedCase:
    if not bench.is_own(_CHECK):
        return not_applicable(f"{_CHECK}() is vLLM's own", "check")
    for dtype in listed:
        try:
            getattr(bench.platform, _CHECK)(dtype)
        except NotImplementedError:
            return not_applicable(f"{_CHECK}() is not offered", "check")
        except BaseException as error:
            what = f"{dtype} is among the supported dtypes, and {_CHECK}()"
            return failed(bench, error, what, "check", asks_device=True)
    return kept("check")


def _resolved(bench: Bench, listed: list[object]) -> ExaminedCase:
    """vLLM's dtype "auto" gives one that is listed, and keeps it."""
    config: Any = made(Shape(), bench.attribution).config
    if config is None:
        return not_measured("no configuration can be made", "auto")
    dtype = config.model_config.dtype
    if dtype in listed:
        return kept("auto")
    place = bench.place_of("check_and_update_config")
    reason = f"dtype 'auto' ends as {dtype}, which is none of {_MEMBER} {listed}"
    return broken(reason, "auto", place=place)


def _served(bench: Bench, listed: list[object]) -> ExaminedCase:
    """The attention backend that the platform names for a dtype says that it takes it.

    Only one that decides by itself is asked: vLLM takes an installed platform's choice as it is,
    and the list that backends inherit says nothing of theirs.
    """
    decided = False
    torch = import_module("torch")
    for dtype in listed:
        name = str(dtype).removeprefix("torch.")
        if getattr(torch, name, None) is not dtype:
            continue
        try:
            backend: Any = resolve(str(answer(bench.platform, Question(dtype=name))))
        # Refusals and crashes are judged by the contract about the selection.
        except BaseException as error:
            if may_lack_device(error):
                return not_measured(str(error), "attention", needs_device=True)
            continue
        if not (isinstance(backend, type) and issubclass(backend, backend_base())):
            continue
        if not _decides(bench, backend):
            continue
        decided = True
        if not getattr(backend, _TAKES)(dtype):
            reason = (
                f"{dtype} is among the supported dtypes, and {backend.__qualname__}, which the "
                "platform names for it, says that it does not support it"
            )
            return broken(reason, "attention", place=bench.place_of("get_attn_backend_cls"))
    if not decided:
        return not_applicable("no attention backend of the plugin's lists dtypes", "attention")
    return kept("attention")


def _decides(bench: Bench, backend: type) -> bool:
    """Whether a backend tells its dtypes in lines of the plugin's."""
    owners = [owner_of(backend, name) for name in (_MEMBER, _TAKES)]
    own = any(owner and bench.attribution.owns_module(owner.__module__) for owner in owners)
    return own and hasattr(backend, _TAKES)


EXAMINATIONS: dict[str, Examination] = {"platform.dtypes-agree": dtypes_agree}
