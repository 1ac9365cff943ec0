"""Valid configurations of vLLM's in many shapes, made as its users' arguments make them."""

import inspect
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import import_module

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from packaging.version import Version

from hwcheck.exercise.device_presence import origin_of
from hwcheck.exercise.failures import may_lack_device, refuses
from hwcheck.exercise.tiny_config import model_config, vllm_config
from hwcheck.model.observation import Raised
from hwcheck.probe.attribution import Attribution

__all__ = ["Made", "Shape", "made", "shapes_of"]

#: From here on vLLM makes no configuration without a model in any start of its own.
_ALWAYS_A_MODEL = Version("0.14")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Shape:
    """What a user asks for; ``None`` leaves a choice to vLLM and to the platform."""

    model: bool = True
    dtype: str | None = None
    max_model_len: int | None = None
    enforce_eager: bool | None = None
    block_size: int | None = None
    cache_dtype: str | None = None
    prefix_caching: bool | None = None
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    chunked_prefill: bool | None = None
    async_scheduling: bool | None = None
    speculative: bool = False
    lora: bool = False
    compilation: int | None = None
    worker: str | None = None

    def __repr__(self) -> str:
        """Only what differs from the defaults."""
        plain = Shape()
        told = (
            f"{item.name}={getattr(self, item.name)!r}"
            for item in fields(self)
            if getattr(self, item.name) != getattr(plain, item.name)
        )
        return f"Shape({', '.join(told)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A configuration, or why there is none."""

    config: object | None = None
    refusal: str | None = None
    """Refused in words, by vLLM or by the platform."""
    crash: Raised | None = None
    """Ended by an exception that is no refusal, with a line of the plugin's in it."""
    absence: str | None = None
    """Ended by an exception that can come from the absence of the device."""


def _or_none(*values: object) -> SearchStrategy[object]:
    return st.sampled_from((None, *values))


_SHAPES: SearchStrategy[Shape] = st.builds(
    Shape,
    dtype=_or_none("float32", "bfloat16", "float16"),
    max_model_len=_or_none(64, 256, 512),
    enforce_eager=_or_none(True, False),
    block_size=_or_none(16, 32, 64, 128),
    cache_dtype=_or_none("auto"),
    prefix_caching=_or_none(True, False),
    tensor_parallel=st.sampled_from((1, 1, 2)),
    pipeline_parallel=st.sampled_from((1, 1, 1, 2)),
    data_parallel=st.sampled_from((1, 1, 1, 2)),
    max_num_seqs=_or_none(1, 4, 128),
    max_num_batched_tokens=_or_none(512, 2048),
    chunked_prefill=_or_none(True, False),
    async_scheduling=_or_none(True, False),
    speculative=st.sampled_from((False, False, True)),
    lora=st.sampled_from((False, False, True)),
    compilation=_or_none(0, 3),
)


def shapes_of(host_version: str) -> SearchStrategy[Shape]:
    """Shapes that users of a host ask for."""
    if _always_has_model(host_version):
        return _SHAPES
    models = st.sampled_from((True, True, True, False))
    return st.builds(lambda shape, model: replace(shape, model=model), _SHAPES, models)


def _always_has_model(host_version: str) -> bool:
    # Release candidates and local builds do as the release they lead to.
    return Version(Version(host_version).base_version) >= _ALWAYS_A_MODEL


def made(shape: Shape, attribution: Attribution) -> Made:
    """Build a fresh configuration of a shape; the platform's hooks are called by it."""
    try:
        arguments = _arguments(shape)
    # What vLLM refuses by itself never reaches the platform.
    except Exception as error:
        return Made(refusal=str(error))
    try:
        return Made(config=vllm_config(**arguments))
    except BaseException as error:
        return _failure(error, attribution)


def _failure(error: BaseException, attribution: Attribution) -> Made:
    origin = origin_of(error)
    raised = attribution.raised(origin)
    told = f"{raised.type}: {raised.message}"
    if refuses(origin):
        return Made(refusal=told)
    if may_lack_device(origin):
        return Made(absence=told)
    # Without a line of the plugin's, vLLM cannot build this shape, whatever the platform.
    return Made(crash=raised) if raised.in_plugin else Made(refusal=told)


def _arguments(shape: Shape) -> dict[str, object]:
    model = _model(shape.dtype, shape.max_model_len, shape.enforce_eager) if shape.model else None
    parallel = _part(
        "ParallelConfig",
        tensor_parallel_size=shape.tensor_parallel,
        pipeline_parallel_size=shape.pipeline_parallel,
        data_parallel_size=shape.data_parallel,
        worker_cls=shape.worker,
    )
    arguments = {
        "model_config": model,
        "parallel_config": parallel,
        "cache_config": _part(
            "CacheConfig",
            block_size=shape.block_size,
            cache_dtype=shape.cache_dtype,
            enable_prefix_caching=shape.prefix_caching,
        ),
        "scheduler_config": _scheduler(shape, model),
    }
    if shape.compilation is not None:
        arguments["compilation_config"] = _compilation(shape.compilation)
    if shape.lora and shape.model:
        arguments["lora_config"] = _part("LoRAConfig", max_lora_rank=8, max_loras=1)
    if shape.speculative and shape.model:
        arguments["speculative_config"] = _speculation(model, parallel)
    return arguments


def _model(dtype: str | None, length: int | None, eager: bool | None) -> object:
    asked = {"dtype": dtype, "max_model_len": length, "enforce_eager": eager}
    return model_config(**{name: value for name, value in asked.items() if value is not None})


def _scheduler(shape: Shape, model: object) -> object:
    length = getattr(model, "max_model_len", None) or 512
    known = _parameters("SchedulerConfig")
    # Since 0.12 it must be told of the model, which engine arguments do.
    told = {"max_model_len": length, "is_encoder_decoder": False}
    return _part(
        "SchedulerConfig",
        **{name: value for name, value in told.items() if name in known},
        max_num_seqs=shape.max_num_seqs,
        max_num_batched_tokens=shape.max_num_batched_tokens,
        enable_chunked_prefill=shape.chunked_prefill,
        async_scheduling=shape.async_scheduling,
    )


def _speculation(model: object, parallel: object) -> object:
    return _part(
        "SpeculativeConfig",
        method="ngram",
        num_speculative_tokens=2,
        prompt_lookup_max=3,
        target_model_config=model,
        target_parallel_config=parallel,
    )


def _compilation(level: int) -> object:
    # Called "level" up to 0.11.
    name = "mode" if "mode" in _parameters("CompilationConfig") else "level"
    return _part("CompilationConfig", **{name: level})


def _part(name: str, **asked: object) -> object:
    given = {key: value for key, value in asked.items() if value is not None}
    part: object = getattr(import_module("vllm.config"), name)(**given)
    return part


@cache
def _parameters(name: str) -> frozenset[str]:
    return frozenset(inspect.signature(getattr(import_module("vllm.config"), name)).parameters)
