"""What an attention backend says of itself: layouts of the cache, block sizes, flags."""

import inspect
from collections.abc import Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed_in_use
from hwcheck.exercise.moved_names import first_found
from hwcheck.exercise.parts.attention_choice import (
    HEAD_SIZE,
    attention_layer,
    chosen_backend,
    layer_spec,
)
from hwcheck.exercise.parts.own_runner import own_runner_asks
from hwcheck.exercise.preparation import configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import source_place

__all__ = ["EXAMINATIONS"]

_MULTIPLES = ("vllm.v1.attention.backend", "vllm.attention.backends.abstract")
_LAYOUTS = "vllm.v1.attention.backends.utils"
_BLOCKS, _KV_HEADS = 7, 2


@prepared
def kv_layout(bench: Bench) -> Iterator[ExaminedCase]:
    """The layouts or the shape of the cache, and the sizes of its blocks."""
    config = configuration(bench)
    backend = chosen_backend(bench, config)
    asked = {call.name for call in base_of("attention-backend").calls_in(bench.host_version)}
    with current_config(config):
        if "supported_kv_cache_layouts" in asked:
            yield _layouts(bench, backend)
        else:
            yield _shape(bench, backend, config)
        yield _block_sizes(bench, backend, asked)
    if "customize_spec" in asked:
        yield _customized(bench, config, backend)


def _layouts(bench: Bench, backend: type) -> ExaminedCase:
    place = source_place(backend.supported_kv_cache_layouts, bench.attribution)  # type: ignore[attr-defined]
    known = import_module("vllm.v1.kv_cache_interface").KVCacheLayout
    try:
        told = backend.supported_kv_cache_layouts()  # type: ignore[attr-defined]
        strange = [layout for layout in told or () if not isinstance(layout, known)]
        if strange:
            return broken(
                f"supported_kv_cache_layouts() has {strange!r}, no KVCacheLayout",
                "layouts",
                place=place,
            )
        agreed = import_module(_LAYOUTS).get_supported_kv_cache_layouts([backend])
    except BaseException as error:
        return failed_in_use(bench, error, "agreeing on a layout of the KV cache", "layouts")
    if not list(agreed):
        return broken("supported_kv_cache_layouts() has none", "layouts", place=place)
    return kept("layouts")


def _shape(bench: Bench, backend: type, config: object) -> ExaminedCase:
    block_size = config.cache_config.block_size or 16  # type: ignore[attr-defined]
    given = (_BLOCKS, block_size, _KV_HEADS, HEAD_SIZE)
    calls = [
        call
        for call in base_of("attention-backend").calls_in(bench.host_version)
        if call.name == "get_kv_cache_shape"
    ]
    keywords = dict.fromkeys(calls[-1].keywords, "auto")
    if own_runner_asks(bench, config, "get_kv_cache_shape"):
        taken = inspect.signature(backend.get_kv_cache_shape).parameters  # type: ignore[attr-defined]
        keywords = {name: value for name, value in keywords.items() if name in taken}
    try:
        shape = tuple(backend.get_kv_cache_shape(*given, **keywords))  # type: ignore[attr-defined]
        order = _stride_order(backend, len(shape))
    except BaseException as error:
        return failed_in_use(bench, error, f"get_kv_cache_shape{given}", "layouts")
    place = source_place(backend.get_kv_cache_shape, bench.attribution)  # type: ignore[attr-defined]
    if not all(isinstance(size, int) and size > 0 for size in shape) or _BLOCKS not in shape:
        return broken(
            f"get_kv_cache_shape{given} is {shape}: no sizes with {_BLOCKS} blocks among them",
            "layouts",
            place=place,
        )
    if sorted(order) != list(range(len(shape))):
        return broken(
            f"get_kv_cache_stride_order() is {order}, no permutation of {len(shape)} dimensions",
            "layouts",
            place=source_place(backend.get_kv_cache_stride_order, bench.attribution),  # type: ignore[attr-defined]
        )
    return kept("layouts")


def _stride_order(backend: type, dimensions: int) -> tuple[int, ...]:
    try:
        return tuple(backend.get_kv_cache_stride_order())  # type: ignore[attr-defined]
    # Both are taken for the order of the shape.
    except (AttributeError, NotImplementedError):
        return tuple(range(dimensions))


def _block_sizes(bench: Bench, backend: type, asked: set[str]) -> ExaminedCase:
    case = "kernel-block-sizes"
    if "get_supported_kernel_block_sizes" not in asked:
        return not_applicable("this vLLM does not ask", case)
    try:
        sizes = list(backend.get_supported_kernel_block_sizes())  # type: ignore[attr-defined]
        forms = [
            call.form
            for call in base_of("attention-backend").calls_in(bench.host_version)
            if call.name == "get_supported_kernel_block_sizes"
        ]
        if forms[-1].positional:
            sizes += list(backend.get_supported_kernel_block_sizes(None))  # type: ignore[attr-defined]
    except BaseException as error:
        return failed_in_use(bench, error, "get_supported_kernel_block_sizes()", case)
    multiple = first_found(_MULTIPLES, "MultipleOf")
    strange = [size for size in sizes if not _is_size(size, multiple)]
    if strange:
        return broken(
            f"get_supported_kernel_block_sizes() has {strange!r}, neither a positive int nor "
            "MultipleOf",
            case,
            place=source_place(backend.get_supported_kernel_block_sizes, bench.attribution),  # type: ignore[attr-defined]
        )
    return kept(case)


def _is_size(size: object, multiple: object) -> bool:
    number = size.base if isinstance(size, multiple) else size  # type: ignore[arg-type, attr-defined]
    return isinstance(number, int) and number > 0


def _customized(bench: Bench, config: object, backend: type) -> ExaminedCase:
    case = "customize-spec"
    layer = attention_layer(bench, config)
    try:
        with current_config(config):
            spec = layer_spec(layer, config)
            told = backend.customize_spec(spec)  # type: ignore[attr-defined]
    except BaseException as error:
        return failed_in_use(bench, error, "customize_spec()", case)
    base = import_module("vllm.v1.kv_cache_interface").KVCacheSpec
    if isinstance(told, base):
        return kept(case)
    return broken(
        f"customize_spec() returns {told!r}, no KVCacheSpec",
        case,
        place=source_place(backend.customize_spec, bench.attribution),  # type: ignore[attr-defined]
    )


@prepared
def flags(bench: Bench) -> Iterator[ExaminedCase]:
    """The flags can be asked as vLLM asks, and agree with what the platform chose it for."""
    config = configuration(bench)
    backend = chosen_backend(bench, config)
    names = _flag_names(bench)
    if not names:
        yield not_applicable("the backends of this vLLM have no flags")
        return
    with current_config(config):
        for name in names:
            yield _flag(bench, backend, name)
        for name in ("supported_dtypes", "supported_kv_cache_dtypes"):
            yield _listed(bench, backend, name)
        yield _chosen_for(bench, backend)


def _flag_names(bench: Bench) -> list[str]:
    base = first_found(_MULTIPLES, "AttentionBackend")
    return [
        name
        for name, member in vars(base).items()
        if name.startswith(("supports_", "is_"))
        and isinstance(member, classmethod | staticmethod)
        and not inspect.signature(getattr(base, name)).parameters
    ]


def _flag(bench: Bench, backend: type, name: str) -> ExaminedCase:
    try:
        told = getattr(backend, name)()
    except BaseException as error:
        return _asked(bench, backend, error, name)
    # vLLM compares is_mla() and is_sparse() with a bool, and takes the others for true or false.
    if isinstance(told, bool | int) or (told is None and name.startswith("supports_")):
        return kept(name)
    return broken(
        f"{name}() is {told!r}, no bool",
        name,
        place=source_place(getattr(backend, name), bench.attribution),
    )


def _asked(bench: Bench, backend: type, error: BaseException, name: str) -> ExaminedCase:
    # An attribute or an ordinary method in the place of a class method.
    if isinstance(error, TypeError):
        return broken(
            f"vLLM asks {backend.__qualname__}.{name}() of the class: {error}",
            name,
            place=source_place(inspect.getattr_static(backend, name), bench.attribution)
            or source_place(backend, bench.attribution),
        )
    return failed_in_use(bench, error, f"{name}()", name)


def _listed(bench: Bench, backend: type, name: str) -> ExaminedCase:
    known = first_found(_MULTIPLES, "AttentionBackend")
    if not hasattr(known, name):
        return not_applicable("this vLLM does not ask", name)
    kind = import_module("torch").dtype if name == "supported_dtypes" else str
    told = getattr(backend, name)
    try:
        strange = [item for item in told if not isinstance(item, kind)]
    except TypeError:
        strange = [told]
    if not strange:
        return kept(name)
    return broken(
        f"{name} has {strange!r}, no {kind.__name__}",
        name,
        place=source_place(backend, bench.attribution),
    )


def _chosen_for(bench: Bench, backend: type) -> ExaminedCase:
    """The tiny model's attention is dense; vLLM's layers assert which kind a backend is for."""
    case = "chosen-for"
    # What it raises is judged as a flag.
    try:
        is_latent = bool(backend.is_mla())  # type: ignore[attr-defined]
    except Exception:
        return not_measured("is_mla() cannot be asked", case, blocked_by="attention.flags")
    if not is_latent:
        return kept(case)
    return broken(
        "the platform chooses it for dense attention, and is_mla() is True",
        case,
        place=source_place(backend.is_mla, bench.attribution),  # type: ignore[attr-defined]
    )


EXAMINATIONS: dict[str, Examination] = {
    "attention.kv-layout": kv_layout,
    "attention.flags": flags,
}
