"""Whether a platform's flags agree with what it names."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of, resolve

__all__ = ["EXAMINATIONS"]

_ABSTRACT_WRAPPER = "AbstractStaticGraphWrapper"
_WRAPPER = "get_static_graph_wrapper_cls"
_GPU_WORKER = "vllm.v1.worker.gpu_worker.Worker"
_MEMORY_TYPES = (None, "VRAM", "DRAM")


def flags_agree(bench: Bench) -> Iterator[ExaminedCase]:
    """A flag that says yes has behind it what vLLM then uses."""
    for name, member, judge in _CASES:
        if owner_of(type(bench.platform), member) is None:
            yield not_applicable(f"this vLLM has no {member}", name)
            continue
        try:
            yield judge(bench, name)
        except BaseException as error:
            yield failed(bench, error, f"asking for {name}", name, asks_device=True)


def _static_graph(bench: Bench, name: str) -> ExaminedCase:
    platform: Any = bench.platform
    if not platform.support_static_graph_mode():
        return not_applicable("support_static_graph_mode() is false", name)
    path = platform.get_static_graph_wrapper_cls()
    if not isinstance(path, str) or path.rpartition(".")[2] == _ABSTRACT_WRAPPER:
        place = bench.place_of("support_static_graph_mode")
        return broken(
            f"support_static_graph_mode() is true, and {_WRAPPER}() names {path!r}, "
            "which wraps nothing",
            name,
            place=place,
        )
    return kept(name)


def _sleep_mode(bench: Bench, name: str) -> ExaminedCase:
    platform: Any = bench.platform
    if not platform.is_sleep_mode_available():
        return not_applicable("is_sleep_mode_available() is false", name)
    if platform.is_cuda_alike() or platform.is_xpu():
        return kept(name)
    config: Any = made(Shape(), bench.attribution).config
    if config is None:
        return not_measured("no configuration can be made", name)
    worker = resolve(config.parallel_config.worker_cls)
    if getattr(worker, "sleep", None) is resolve(_GPU_WORKER).sleep:  # type: ignore[attr-defined]
        reason = (
            "is_sleep_mode_available() is true, and the worker's sleep() is that of vLLM's GPU "
            "worker, whose allocator knows CUDA and XPU only"
        )
        return broken(reason, name, place=bench.place_of("is_sleep_mode_available"))
    return kept(name)


def _fp8(bench: Bench, name: str) -> ExaminedCase:
    platform: Any = bench.platform
    torch = import_module("torch")
    dtype, fnuz = platform.fp8_dtype(), bool(platform.is_fp8_fnuz())
    place = bench.place_of("fp8_dtype") or bench.place_of("is_fp8_fnuz")
    if not isinstance(dtype, torch.dtype) or dtype.itemsize != 1 or not dtype.is_floating_point:
        return broken(f"fp8_dtype() answers {dtype!r}", name, place=place)
    if fnuz is not (dtype is torch.float8_e4m3fnuz):
        return broken(f"fp8_dtype() answers {dtype}, and is_fp8_fnuz() {fnuz}", name, place=place)
    return kept(name)


def _weight_loader(bench: Bench, name: str) -> ExaminedCase:
    platform: Any = bench.platform
    calls: list[tuple[object, ...]] = []

    def loader(parameter: object, *given: object, **named: object) -> str:
        calls.append((parameter, given, named))
        return "loaded"

    wrapped = platform.make_synced_weight_loader(loader)
    weight = import_module("torch").zeros(1)
    answer = wrapped(weight, 1, shard_id=2) if callable(wrapped) else None
    if calls != [(weight, (1,), {"shard_id": 2})] or answer != "loaded":
        place = bench.place_of("make_synced_weight_loader")
        reason = "make_synced_weight_loader() does not hand on the call, or its answer"
        return broken(reason, name, place=place)
    return kept(name)


def _nixl(bench: Bench, name: str) -> ExaminedCase:
    platform: Any = bench.platform
    member = "get_nixl_supported_devices"
    offered = platform.get_nixl_supported_devices()
    if not offered:
        return not_applicable(f"{member}() offers nothing", name)
    place = bench.place_of(member)
    if platform.device_type not in offered:
        told = f"{member}() answers {offered!r}, and not for {platform.device_type!r}"
        return broken(told, name, place=place)
    buffers = offered[platform.device_type]
    if isinstance(buffers, str) or not all(isinstance(item, str) for item in buffers):
        # A string would be searched for parts of itself.
        return broken(f"{member}() offers {buffers!r}, which is no tuple of str", name, place=place)
    kind = platform.get_nixl_memory_type() if _has(platform, "get_nixl_memory_type") else None
    if kind not in _MEMORY_TYPES:
        place = bench.place_of("get_nixl_memory_type")
        return broken(f"get_nixl_memory_type() answers {kind!r}", name, place=place)
    return kept(name)


def _has(platform: object, name: str) -> bool:
    return owner_of(type(platform), name) is not None


#: Case, the member that must be there, and who judges.
_CASES: tuple[tuple[str, str, Callable[[Bench, str], ExaminedCase]], ...] = (
    ("static-graph", "support_static_graph_mode", _static_graph),
    ("sleep-mode", "is_sleep_mode_available", _sleep_mode),
    ("fp8", "fp8_dtype", _fp8),
    ("weight-loader", "make_synced_weight_loader", _weight_loader),
    ("nixl", "get_nixl_supported_devices", _nixl),
)

EXAMINATIONS: dict[str, Examination] = {"platform.flags-agree": flags_agree}
