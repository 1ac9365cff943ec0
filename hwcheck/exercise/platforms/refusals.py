"""What becomes of a configuration that asks for a feature: served, refused, left out, crashed."""

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.device_presence import device_here, finds_no_device
from hwcheck.exercise.tiny_config import model_config, vllm_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

_MODEL_LENGTH = 512


@dataclass(frozen=True, slots=True)
class _Feature:
    """A feature that a configuration can ask for."""

    capability: str
    ask: Callable[[], Any]
    """Makes the configuration, the platform's hook included."""
    is_on: Callable[[Any], bool]
    """Whether the configuration still asks for it afterwards."""
    words: tuple[str, ...]
    """What a warning about it would speak of."""


def configuration(bench: Bench) -> Iterator[ExaminedCase]:
    """Ask for each feature by itself; whatever cannot be had has to be refused with a reason."""
    for feature in _features():
        yield _case(bench, feature)


def _case(bench: Bench, feature: _Feature) -> ExaminedCase:
    with _warnings() as heard:
        try:
            config = feature.ask()
        except (LookupError, _Unknown) as error:
            if bench.attribution.raised(error).in_plugin:
                return _refused(bench, feature.capability, error)
            return not_applicable(f"this vLLM cannot be asked for it: {error}", feature.capability)
        # Whatever it raises is the answer; what is no refusal is a crash.
        except BaseException as error:
            return _refused(bench, feature.capability, error)
    if feature.is_on(config):
        return kept(feature.capability)
    warned = any(word in line for line in heard for word in feature.words)
    made = kept(feature.capability)
    return made if warned else replace(made, refusal=Refusal.IGNORED)


def _refused(bench: Bench, name: str, error: BaseException) -> ExaminedCase:
    raised = bench.attribution.raised(error)
    if finds_no_device(error):
        return not_measured(f"{raised.type}: {raised.message}", name, needs_device=True)
    if isinstance(error, ValueError | NotImplementedError) and (
        str(error).strip() or isinstance(error, NotImplementedError)
    ):
        return replace(kept(name), refusal=Refusal.CLEAN)
    if isinstance(error, ImportError | OSError):
        return not_measured(
            f"{raised.type}: {raised.message}", name, blocked_by="install.requirement"
        )
    if not device_here(str(bench.platform.device_type)):  # type: ignore[attr-defined]
        told = f"{raised.type}: {raised.message}; it may need the device"
        return not_measured(told, name, needs_device=True)
    made = broken(
        f"asked for in a configuration it ends in {raised.type}: {raised.message}; a refusal is a "
        "ValueError or NotImplementedError with a message",
        name,
        place=raised.place if raised.in_plugin else None,
    )
    return replace(made, refusal=Refusal.CRASHED)


def _features() -> Iterator[_Feature]:
    def on(*path: str) -> Callable[[Any], bool]:
        return lambda config: bool(_reached(config, path))

    yield _Feature(
        "sleep-mode",
        lambda: vllm_config(model_config=model_config(enable_sleep_mode=True)),
        on("model_config", "enable_sleep_mode"),
        ("sleep",),
    )
    yield _Feature("lora", _with_lora, on("lora_config"), ("lora",))
    yield _Feature(
        "prefix-caching",
        lambda: vllm_config(cache_config=_made("CacheConfig", enable_prefix_caching=True)),
        on("cache_config", "enable_prefix_caching"),
        ("prefix",),
    )
    yield _Feature(
        "chunked-prefill",
        lambda: vllm_config(scheduler_config=_scheduler(enable_chunked_prefill=True)),
        on("scheduler_config", "enable_chunked_prefill"),
        ("chunk",),
    )
    yield _Feature(
        "async-scheduling",
        lambda: vllm_config(scheduler_config=_scheduler(async_scheduling=True)),
        on("scheduler_config", "async_scheduling"),
        ("async",),
    )
    for capability, field in (
        ("tensor-parallel", "tensor_parallel_size"),
        ("pipeline-parallel", "pipeline_parallel_size"),
        ("data-parallel", "data_parallel_size"),
    ):
        yield _Feature(
            capability,
            lambda field=field: vllm_config(  # type: ignore[misc]
                parallel_config=_made("ParallelConfig", **{field: 2})
            ),
            lambda config, field=field: _reached(config, ("parallel_config", field)) == 2,  # type: ignore[misc]
            (field.partition("_")[0], "parallel"),
        )
    yield _Feature(
        "kv-cache-dtype-fp8",
        lambda: vllm_config(cache_config=_made("CacheConfig", cache_dtype="fp8")),
        lambda config: "fp8" in str(_reached(config, ("cache_config", "cache_dtype"))),
        ("fp8", "kv cache", "cache_dtype", "kv_cache"),
    )
    for capability, dtype in (
        ("dtype-bf16", "bfloat16"),
        ("dtype-fp16", "float16"),
        ("dtype-fp32", "float32"),
    ):
        yield _Feature(
            capability,
            lambda dtype=dtype: vllm_config(model_config=model_config(dtype=dtype)),  # type: ignore[misc]
            lambda config, dtype=dtype: (  # type: ignore[misc]
                str(_reached(config, ("model_config", "dtype"))) == f"torch.{dtype}"
            ),
            ("dtype", dtype, "casting"),
        )
    yield _Feature("spec-decode-ngram", _with_ngram, on("speculative_config"), ("specul", "draft"))
    yield _Feature("static-graph", _with_graphs, _has_graphs, ("graph",))


def _with_lora() -> object:
    config = vllm_config(lora_config=_made("LoRAConfig", max_lora_rank=8, max_loras=1))
    # Where the configuration lets it pass, the next to ask is the loader of the adapters.
    import_module("vllm.platforms").current_platform.get_punica_wrapper()
    return config


def _with_ngram() -> object:
    speculative = _made(
        "SpeculativeConfig",
        method="ngram",
        num_speculative_tokens=2,
        prompt_lookup_max=3,
        prompt_lookup_min=1,
        target_model_config=model_config(),
        target_parallel_config=_made("ParallelConfig"),
    )
    return vllm_config(speculative_config=speculative)


def _with_graphs() -> object:
    modes = _config_class("CUDAGraphMode")
    return vllm_config(compilation_config=_made("CompilationConfig", cudagraph_mode=modes.FULL))


def _has_graphs(config: object) -> bool:
    mode = _reached(config, ("compilation_config", "cudagraph_mode"))
    return mode is not None and getattr(mode, "name", "NONE") != "NONE"


def _scheduler(**changes: object) -> object:
    needed = {
        "max_model_len": _MODEL_LENGTH,
        "max_num_batched_tokens": _MODEL_LENGTH,
        "is_encoder_decoder": False,
    }
    known = inspect.signature(_config_class("SchedulerConfig")).parameters
    return _made(
        "SchedulerConfig",
        **{name: value for name, value in needed.items() if name in known},
        **changes,
    )


class _Unknown(Exception):
    """This vLLM's configuration has no such field."""


def _made(name: str, **fields: object) -> Any:
    cls = _config_class(name)
    unknown = set(fields) - set(inspect.signature(cls).parameters)
    if unknown:
        raise _Unknown(f"{name} has no {', '.join(sorted(unknown))}")
    return cls(**fields)


def _config_class(name: str) -> Any:
    try:
        return getattr(import_module("vllm.config"), name)
    except AttributeError:
        raise _Unknown(f"vllm.config has no {name}") from None


def _reached(config: object, path: tuple[str, ...]) -> object:
    for name in path:
        config = getattr(config, name, None)
    return config


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Hear what is logged as a warning or worse, in lower case."""
    heard: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage().lower())

    listener = Listener(logging.WARNING)
    # vLLM's logger hands nothing on to the root.
    loggers = (logging.getLogger("vllm"), logging.getLogger())
    for logger in loggers:
        logger.addHandler(listener)
    try:
        yield heard
    finally:
        for logger in loggers:
            logger.removeHandler(listener)


EXAMINATIONS: dict[str, Examination] = {"refusal.configuration": configuration}
