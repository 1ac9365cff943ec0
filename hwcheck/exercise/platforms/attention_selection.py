"""Which attention backend a platform names, over what vLLM can ask for."""

from collections.abc import Iterator
from importlib import import_module
from typing import get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import may_lack_device, refuses
from hwcheck.exercise.platforms.attention_question import (
    Question,
    answer,
    backend_base,
    backend_enum,
    selector_fields,
)
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import resolve

__all__ = ["EXAMINATIONS"]

_MEMBER = "get_attn_backend_cls"
_DTYPES = ("float32", "bfloat16", "float16")
_HEADS = (32, 64, 80, 96, 112, 128, 192, 256)
#: A latent of 512 and a rotary part of 64, as DeepSeek's models have it.
_LATENT = 576
#: True of a layer whatever else it is.
_ANY_FLAG = (
    "use_batch_invariant",
    "use_kv_connector",
    "use_dcp",
    "use_pcp",
    "has_sliding_window",
)
#: True only of layers that keep keys and values for each head.
_DENSE_FLAG = ("has_sink", "use_mm_prefix", "use_per_head_quant_scales", "use_non_causal")
_ATTN_TYPES = ("decoder", "encoder", "encoder_only", "encoder_decoder")


def attention_selection(bench: Bench) -> Iterator[ExaminedCase]:
    """Each answer names an importable backend, or is a refusal in words."""
    absent: list[str] = []

    def check(question: Question) -> str | None:
        try:
            told = answer(bench.platform, question)
        except BaseException as error:
            if refuses(error):
                return None
            if may_lack_device(error):
                absent.append(f"{type(error).__name__}: {error}")
                return None
            raise
        # vLLM itself refuses an empty answer in words; plugins with runners of their own give it.
        return None if told in ("", None) else _backend_fault(told)

    for name, questions, examples in (
        ("plain", _plain(), 60),
        ("selected", _selected(), 2 * len(backend_enum())),
        ("generated", _generated(), 150),
    ):
        found = bench.counterexample(check, questions, examples=examples)
        if found is not None and not found.in_plugin and found.fault.startswith("raises"):
            yield not_measured(f"vLLM itself {found.fault}", name)
        elif found is not None:
            place = found.place or bench.place_of(_MEMBER)
            yield broken(f"{_MEMBER}() {found.fault}", name, example=found.text, place=place)
        elif absent:
            yield not_measured(f"{_MEMBER}() raises {absent[0]}", name, needs_device=True)
        else:
            yield kept(name)


def attention_deterministic(bench: Bench) -> Iterator[ExaminedCase]:
    """The same question has the same answer, whatever was asked in between."""

    def check(questions: list[Question]) -> str | None:
        first = [_reply(bench, question) for question in questions]
        second = [_reply(bench, question) for question in reversed(questions)][::-1]
        for question, one, other in zip(questions, first, second, strict=True):
            if one != other:
                return f"answers {one}, and later {other}, to ({question!r})"
        return None

    several = st.lists(_generated() | _plain(), min_size=1, max_size=6)
    found = bench.counterexample(check, several, examples=25)
    if found is None:
        yield kept()
    else:
        yield broken(
            f"{_MEMBER}() {found.fault}", example=found.text, place=bench.place_of(_MEMBER)
        )


def _reply(bench: Bench, question: Question) -> str:
    try:
        return repr(answer(bench.platform, question))
    # Which exceptions are refusals is judged by the contract about the selection.
    except BaseException as error:
        return f"{type(error).__name__}"


def _backend_fault(told: object) -> str | None:
    if not isinstance(told, str):
        return f"answers {told!r}, which is no class path"
    try:
        backend = resolve(told)
    except Exception as error:
        # A backend of vLLM's for other devices may need their libraries.
        if may_lack_device(error) and told.startswith("vllm."):
            return None
        return f"answers {told!r}: {type(error).__name__}: {error}"
    if isinstance(backend, type) and issubclass(backend, backend_base()):
        return None
    return f"answers {told!r}, which does not derive from AttentionBackend"


def _plain() -> SearchStrategy[Question]:
    return st.builds(
        Question,
        head_size=st.sampled_from(_HEADS),
        dtype=st.sampled_from(_DTYPES),
        block_size=st.sampled_from((None, 16, 32, 64, 128)),
        num_heads=st.sampled_from((None, 1, 4, 8, 64)),
    )


def _selected() -> SearchStrategy[Question]:
    return st.sampled_from(sorted(item.name for item in backend_enum())).map(
        lambda name: Question(selected=name, dtype="bfloat16")
    )


def _generated() -> SearchStrategy[Question]:
    selected = st.none() | st.sampled_from(sorted(item.name for item in backend_enum()))
    known = selector_fields()
    common = [name for name in _ANY_FLAG if name in known]
    dense = [name for name in (*_ANY_FLAG, *_DENSE_FLAG) if name in known]
    return st.one_of(
        st.builds(
            Question,
            selected=selected,
            head_size=st.sampled_from(_HEADS),
            dtype=st.sampled_from(_DTYPES),
            kv_cache_dtype=st.sampled_from(_cache_dtypes()),
            block_size=st.sampled_from((None, 16, 64, 128)),
            num_heads=st.sampled_from((None, 1, 4, 64)),
            flags=_subsets(dense),
            attn_type=st.sampled_from(_ATTN_TYPES),
        ),
        # vLLM asks for sparse attention only where it keeps latents.
        st.builds(
            Question,
            selected=selected,
            head_size=st.just(_LATENT),
            dtype=st.sampled_from(_DTYPES[1:]),
            kv_cache_dtype=st.sampled_from(_cache_dtypes()),
            block_size=st.sampled_from((None, 16, 64, 128)),
            num_heads=st.sampled_from((None, 16, 128)),
            flags=st.tuples(
                _subsets(common),
                st.sampled_from((frozenset({"use_mla"}), frozenset({"use_mla", "use_sparse"}))),
            ).map(lambda both: both[0] | both[1]),
        ),
    )


def _subsets(names: list[str]) -> SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=2) if names else st.just(frozenset())


def _cache_dtypes() -> list[str]:
    for module in ("vllm.config.cache", "vllm.config"):
        try:
            known = get_args(import_module(module).CacheDType)
        except (ImportError, AttributeError):
            continue
        return ["auto", *(str(item) for item in known if str(item) != "auto")]
    return ["auto"]


EXAMINATIONS: dict[str, Examination] = {
    "platform.attention-selection": attention_selection,
    "platform.attention-deterministic": attention_deterministic,
}
