"""How a platform settles the block size of the KV cache."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.attention_question import plain_backend
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS", "LayersOf", "resolved_block_size"]

_MEMBER = "update_block_size_for_backend"
_SIZES = (16, 32, 64, 128)


class LayersOf:
    """Makes attention layers of one backend known to a configuration, as loading a model does."""

    def __init__(self, backend: type) -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        """The backend's name."""
        return self._backend.__qualname__

    def take(self, size: object) -> bool:
        """Whether the backend says that it can work with a block size; yes if it cannot say."""
        supports = getattr(self._backend, "supports_block_size", None)
        return supports is None or bool(supports(size))

    @contextmanager
    def known_to(self, config: object) -> Iterator[None]:
        """Enter one layer, and take it out afterwards."""
        layers = config.compilation_config.static_forward_context  # type: ignore[attr-defined]
        layers["hwcheck.layer"] = _layer(self._backend)
        try:
            yield
        finally:
            del layers["hwcheck.layer"]


def resolved_block_size(platform: object, config: object, layers: LayersOf) -> object:
    """Let the platform settle the block size as the executor does, and tell what it is.

    Releases before 0.18 leave it as it is.
    """
    if hasattr(type(platform), _MEMBER):
        with layers.known_to(config):
            getattr(platform, _MEMBER)(config)
    size: object = config.cache_config.block_size  # type: ignore[attr-defined]
    return size


def block_size(bench: Bench) -> Iterator[ExaminedCase]:
    """The size is one that the backend takes; the user's stays; again changes nothing."""
    if not hasattr(type(bench.platform), _MEMBER):
        yield not_applicable(f"this vLLM has no {_MEMBER}()")
        return
    backend = plain_backend(bench.platform)
    if backend is None:
        yield not_applicable("the platform names no attention backend for a plain layer", "default")
        return
    layers = LayersOf(backend)
    yield _settled(bench, Shape(), layers, "default")
    for size in _SIZES:
        yield _settled(bench, Shape(block_size=size), layers, f"user-{size}")


def _settled(bench: Bench, shape: Shape, layers: LayersOf, name: str) -> ExaminedCase:
    config: Any = made(shape, bench.attribution).config
    if config is None:
        return not_measured(f"no configuration can be made for {shape!r}", name)
    asked = config.cache_config.block_size
    try:
        size = resolved_block_size(bench.platform, config, layers)
        second = resolved_block_size(bench.platform, config, layers)
    except BaseException as error:
        return failed(bench, error, f"{_MEMBER}()", name)
    fault = _fault(shape, layers, asked, size, second)
    if fault is None:
        return kept(name)
    return broken(fault, name, example=repr(shape), place=bench.place_of(_MEMBER))


def _fault(
    shape: Shape, layers: LayersOf, asked: object, size: object, second: object
) -> str | None:
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        return f"cache_config.block_size becomes {size!r}"
    if second != size:
        return f"a second call makes {second} of {size}"
    if shape.block_size is not None and size != asked == shape.block_size and layers.take(asked):
        return f"the user's block size {asked}, which the backend takes, becomes {size}"
    # A size of the user's that the backend cannot take is refused later, in words.
    if (shape.block_size is None or size != asked) and not layers.take(size):
        return f"block size {size} is none that {layers.name} takes"
    return None


def _layer(backend: type) -> object:
    base: Any = import_module("vllm.model_executor.layers.attention_layer_base").AttentionLayerBase

    class Layer(base):  # type: ignore[misc]
        def get_attn_backend(self) -> type:
            return backend

        def get_kv_cache_spec(self, vllm_config: object) -> None:
            return None

    return Layer()


EXAMINATIONS: dict[str, Examination] = {"platform.block-size": block_size}
