"""The classes of an attention backend: its name, its builder and its implementation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.device_presence import device_is_here, usable_device
from hwcheck.exercise.failures import failed_in_use, is_misfit
from hwcheck.exercise.moved_names import first_found
from hwcheck.exercise.parts.attention_batches import (
    BATCHES,
    DECODES,
    Request,
    described_batch,
    describes_batch,
)
from hwcheck.exercise.parts.attention_choice import (
    LAYER,
    attention_layer,
    chosen_backend,
    layer_spec,
)
from hwcheck.exercise.parts.own_runner import own_runner_gives
from hwcheck.exercise.preparation import configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import source_place

__all__ = ["EXAMINATIONS"]

_ENUMERATION = ("vllm.v1.attention.backends.registry", "vllm.attention.backends.registry")
_TYPES = ("vllm.v1.attention.backend", "vllm.attention.backends.abstract")
_SUPPORT = ("vllm.v1.attention.backend", "vllm.v1.attention.backends.utils")
#: How an implementation may say that it does not compute something.
_REFUSALS = (NotImplementedError, ValueError, AssertionError)
#: Fields that builders of other layers read after this one.
_SHARED = ("query_start_loc", "query_start_loc_cpu", "seq_lens")


@prepared
def name(bench: Bench) -> Iterator[ExaminedCase]:
    """The backend's name is a member of vLLM's enumeration."""
    calls = base_of("attention-backend").calls_in(bench.host_version)
    if not any(call.name == "get_name" and call.feature == "enumerated" for call in calls):
        yield not_applicable("this vLLM takes any name")
        return
    backend = chosen_backend(bench, configuration(bench))
    place = source_place(getattr(backend, "get_name", backend), bench.attribution)
    try:
        told = backend.get_name()  # type: ignore[attr-defined]
    except BaseException as error:
        yield failed_in_use(bench, error, f"{backend.__qualname__}.get_name()")
        return
    members: dict[str, object] = first_found(_ENUMERATION, "AttentionBackendEnum").__members__  # type: ignore[attr-defined]
    if told in members:
        yield kept()
        return
    yield broken(
        f"get_name() is {told!r}, which is no member of AttentionBackendEnum: take 'CUSTOM', or "
        "register the name (register_backend)",
        place=place,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an attention layer asks of an implementation."""

    heads: int
    head_size: int
    kv_heads: int
    window: int | None

    def arguments(self) -> tuple[object, ...]:
        """The ten that vLLM gives by position."""
        scale = self.head_size**-0.5
        kind = first_found(_TYPES, "AttentionType")
        decoder = kind.DECODER  # type: ignore[attr-defined]
        return (
            self.heads,
            self.head_size,
            scale,
            self.kv_heads,
            None,
            self.window,
            "auto",
            None,
            decoder,
            None,
        )


@prepared
def impl(bench: Bench) -> Iterator[ExaminedCase]:
    """Constructed over shapes of heads and windows: built, or refused in words."""
    config = configuration(bench)
    backend = chosen_backend(bench, config)
    try:
        cls = backend.get_impl_cls()  # type: ignore[attr-defined]
    except BaseException as error:
        yield failed_in_use(bench, error, f"{backend.__qualname__}.get_impl_cls()")
        return
    claimed = _claimed_sizes(backend)
    has_window = _claims(backend, "supports_sliding_window")
    built: list[Shape] = []
    absent: list[BaseException] = []

    def check(shape: Shape) -> str | None:
        try:
            with current_config(config):
                cls(*shape.arguments())
        except _REFUSALS as error:
            if shape.head_size in claimed and (shape.window is None or has_window):
                return f"get_supported_head_sizes() and supports_*() claim it; {_told(error)}"
        except BaseException as error:
            if is_misfit(error) or device_is_here(bench.platform):
                raise
            absent.append(error)
        else:
            built.append(shape)
        return None

    found = bench.counterexample(check, _shapes(claimed), examples=60)
    if found is not None:
        yield broken(
            f"{cls.__qualname__}: {found.fault}",
            example=found.text,
            place=found.place or source_place(cls, bench.attribution),
        )
    elif built:
        yield kept()
    elif absent:
        yield failed_in_use(bench, absent[0], f"{cls.__qualname__}()")
    else:
        yield broken(
            f"{cls.__qualname__} refuses every shape that was tried",
            place=source_place(cls, bench.attribution),
        )


@prepared
def builder(bench: Bench) -> Iterator[ExaminedCase]:
    """Constructed for a real layer, then given generated batches."""
    config = configuration(bench)
    backend = chosen_backend(bench, config)
    layer = attention_layer(bench, config)
    spec, device = layer_spec(layer, config), usable_device(bench.platform)
    try:
        with current_config(config):
            cls = backend.get_builder_cls()  # type: ignore[attr-defined]
            made = cls(spec, [LAYER], config, device)
    except BaseException as error:
        doing = "constructing the builder for one layer"
        yield failed_in_use(bench, error, doing, "construct", made_of=backend.get_builder_cls)  # type: ignore[attr-defined]
        return
    yield kept("construct")
    captures, case = _graph_support(bench, cls, config, spec)
    yield case

    def batch(requests: list[Request]) -> object:
        return described_batch(requests, spec.block_size, device)  # type: ignore[attr-defined]

    def build(requests: list[Request]) -> str | None:
        return _built_fault(bench, made, config, batch(requests))

    def capture(requests: list[Request]) -> str | None:
        with current_config(config):
            told = made.build_for_cudagraph_capture(batch(requests))
        return "build_for_cudagraph_capture() returns None" if told is None else None

    yield _searched(bench, config, "build", build, BATCHES, cls)
    if captures:
        yield _searched(bench, config, "capture", capture, DECODES, cls)


def _built_fault(bench: Bench, made: object, config: object, common: object) -> str | None:
    before = {name: getattr(common, name).clone() for name in _SHARED}
    for call in base_of("attention-builder").calls_in(bench.host_version):
        if call.name != "build":
            continue
        with current_config(config):
            told = (
                made.build(0, common)  # type: ignore[attr-defined]
                if call.form.positional
                else made.build(common_prefix_len=0, common_attn_metadata=common)  # type: ignore[attr-defined]
            )
        if told is None:
            return "build() returns None, which layers take for a profiling run"
    for name, value in before.items():
        if not bool((getattr(common, name) == value).all()):
            return f"build() changes {name}, which the builders of other layers read after it"
    return None


def _searched(  # noqa: PLR0917  # all of them are different
    bench: Bench,
    config: object,
    case: str,
    check: Callable[[list[Request]], str | None],
    batches: st.SearchStrategy[list[Request]],
    cls: type,
) -> ExaminedCase:
    absent: list[BaseException] = []
    unfed: list[str] = []

    def tolerant(requests: list[Request]) -> str | None:
        try:
            return check(requests)
        except BaseException as error:
            if (attribute := _unfed_attribute(error)) and own_runner_gives(
                bench, config, attribute
            ):
                unfed.append(attribute)
                return None
            if is_misfit(error) or device_is_here(bench.platform):
                raise
            absent.append(error)
            return None

    found = bench.counterexample(tolerant, batches, examples=25)
    if found is not None:
        place = found.place or source_place(cls, bench.attribution)
        return broken(found.fault, case, example=found.text, place=place)
    if unfed:
        return not_measured(
            f"its builder is fed by the plugin's own runner, which gives {unfed[0]}", case
        )
    if absent:
        return failed_in_use(bench, absent[0], f"{case} of a batch", case)
    return kept(case)


def _unfed_attribute(error: BaseException) -> str:
    """The attribute that vLLM's own description of a batch lacks."""
    if isinstance(error, AttributeError) and describes_batch(error.obj):
        return str(error.name or "")
    return ""


def _graph_support(
    bench: Bench, cls: type, config: object, spec: object
) -> tuple[bool, ExaminedCase]:
    """Whether graphs are captured of it, and the verdict on its word for that."""
    case = "graph-support"
    calls = base_of("attention-builder").calls_in(bench.host_version)
    if not any(call.name == "get_cudagraph_support" for call in calls):
        return False, not_applicable("this vLLM does not ask", case)
    support = first_found(_SUPPORT, "AttentionCGSupport")
    try:
        told = cls.get_cudagraph_support(config, spec)  # type: ignore[attr-defined]
    except BaseException as error:
        return False, failed_in_use(
            bench, error, f"{cls.__qualname__}.get_cudagraph_support()", case
        )
    if not isinstance(told, support):  # type: ignore[arg-type]
        place = source_place(cls.get_cudagraph_support, bench.attribution)  # type: ignore[attr-defined]
        return False, broken(
            f"get_cudagraph_support() is {told!r}, no member of AttentionCGSupport",
            case,
            place=place,
        )
    return told.name != "NEVER", kept(case)


def _claimed_sizes(backend: type) -> list[int]:
    try:
        return list(backend.get_supported_head_sizes())  # type: ignore[attr-defined]
    # Judged by attention.flags; older releases do not have it.
    except Exception:
        return []


def _claims(backend: type, member: str) -> bool:
    try:
        return bool(getattr(backend, member)())
    except Exception:
        return False


def _shapes(claimed: list[int]) -> st.SearchStrategy[Shape]:
    sizes = st.sampled_from(claimed or [64, 128])
    return st.tuples(st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4])).flatmap(
        lambda pair: st.builds(
            Shape,
            heads=st.just(pair[0] * pair[1]),
            head_size=st.one_of(sizes, st.sampled_from([32, 37, 80, 96, 256])),
            kv_heads=st.just(pair[0]),
            window=st.none() | st.integers(1, 4096),
        )
    )


def _told(error: BaseException) -> str:
    return f"it is refused: {type(error).__name__}: {error}"


EXAMINATIONS: dict[str, Examination] = {
    "attention.name": name,
    "attention.builder": builder,
    "attention.impl": impl,
}
