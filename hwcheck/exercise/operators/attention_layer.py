"""One attention layer of vLLM's with the platform's backend, a cache and a builder; no engine."""

import inspect
import json
import tempfile
from dataclasses import MISSING, dataclass, fields
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.operators.attention_batches import Step
from hwcheck.exercise.operators.build import dtype_named
from hwcheck.exercise.operators.surroundings import UnfitError, model_dtype
from hwcheck.exercise.operators.torch_names import Device, Module, Tensor

__all__ = ["Layer", "Shape", "made_layer", "model_of"]

_PREFIX = "model.layers.0.self_attn.attn"
_LONGEST = 512
#: What an earlier request left in the cache; a mask or a length that is off shows it.
_LEFT_BEHIND = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a layer is made for."""

    dtype: str
    heads: int = 4
    key_heads: int = 2
    size: int = 64
    block_size: int = 32
    window: int | None = None

    @property
    def scale(self) -> float:
        """What scores are multiplied by."""
        return float(self.size**-0.5)


@dataclass(slots=True, kw_only=True)
class Layer:
    """A layer that can be run step by step."""

    shape: Shape
    device: Device
    config: object
    layer: Module
    builder: object
    table_width: int

    def run(
        self,
        step: Step,
        tables: dict[int, tuple[int, ...]],
        query: Tensor,
        key: Tensor,
        value: Tensor,
    ) -> Tensor:
        """Compute one step; rows are the step's tokens in its order."""
        forward = import_module("vllm.forward_context")
        common = self._batch(step, tables)
        built = self.builder.build(  # type: ignore[attr-defined]
            common_prefix_len=0, common_attn_metadata=common
        )
        known = inspect.signature(forward.set_forward_context).parameters
        slots = {"slot_mapping": {_PREFIX: common.slot_mapping}} if "slot_mapping" in known else {}  # type: ignore[attr-defined]
        with (
            import_module("torch").no_grad(),
            forward.set_forward_context(
                {_PREFIX: built}, self.config, num_tokens=len(query), **slots
            ),
        ):
            return self.layer(query, key, value)

    def _batch(self, step: Step, tables: dict[int, tuple[int, ...]]) -> object:
        torch = import_module("torch")
        size = self.shape.block_size
        table = torch.zeros((len(step), self.table_width), dtype=torch.int32)
        slots, positions, starts = [], [], [0]
        for row, piece in enumerate(step):
            blocks = tables[piece.request]
            # Blocks are given out as a request grows.
            used = blocks[: -(-piece.end // size)]
            table[row, : len(used)] = torch.tensor(used, dtype=torch.int32)
            for place in range(piece.start, piece.end):
                slots.append(blocks[place // size] * size + place % size)
                positions.append(place)
            starts.append(starts[-1] + piece.count)
        whole = {
            "query_start_loc": torch.tensor(starts, dtype=torch.int32),
            "seq_lens": torch.tensor([piece.end for piece in step], dtype=torch.int32),
            "computed": torch.tensor([piece.start for piece in step], dtype=torch.int32),
            "slot_mapping": torch.tensor(slots, dtype=torch.int64),
            "positions": torch.tensor(positions, dtype=torch.int64),
        }
        return _metadata(step, whole, table, self.device)


def made_layer(
    model: object, shape: Shape, tables: dict[int, tuple[int, ...]], device: Device
) -> Layer:
    """Make a layer, as vLLM's model and runner make it.

    Raises NotImplementedError, ValueError: the platform refuses such a layer.
    """
    config = _config(model, shape)
    with import_module("vllm.config").set_current_vllm_config(config):
        layer = _layer(config, shape, device)
        backend = (
            layer.get_attn_backend() if hasattr(layer, "get_attn_backend") else layer.attn_backend
        )
        spec = _spec(layer, backend, config, shape)
        highest = max(block for table in tables.values() for block in table)
        _bind(layer, _cache(backend, spec, config, shape, highest + 1, device))
        builder = backend.get_builder_cls()(spec, [_PREFIX], config, device)
    return Layer(
        shape=shape,
        device=device,
        config=config,
        layer=layer,
        builder=builder,
        table_width=_LONGEST // shape.block_size,
    )


def model_of(dtype: str, heads: int, key_heads: int, size: int) -> object:
    """vLLM's configuration of a model that is never loaded."""
    folder = Path(tempfile.mkdtemp())
    described = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": heads * size,
        "intermediate_size": 256,
        "num_hidden_layers": 1,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "head_dim": size,
        "vocab_size": 256,
        "max_position_embeddings": _LONGEST,
        "hidden_act": "silu",
        "torch_dtype": dtype,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    (folder / "config.json").write_text(json.dumps(described), encoding="utf-8")
    return import_module("vllm.config").ModelConfig(
        model=str(folder), tokenizer=str(folder), skip_tokenizer_init=True, dtype=dtype
    )


def _config(model: object, shape: Shape) -> object:
    config = import_module("vllm.config")
    made = config.VllmConfig(model_config=model)
    # The platform may have set its own; each size that its backend takes is tried.
    made.cache_config.block_size = shape.block_size
    return made


def _layer(config: object, shape: Shape, device: Device) -> Module:
    attention = _attention_class()
    with model_dtype(dtype_named(shape.dtype), device):
        layer = attention(
            shape.heads,
            shape.size,
            shape.scale,
            num_kv_heads=shape.key_heads,
            cache_config=config.cache_config,  # type: ignore[attr-defined]
            per_layer_sliding_window=shape.window,
            prefix=_PREFIX,
        )
    if hasattr(layer, "process_weights_after_loading"):
        layer.process_weights_after_loading(dtype_named(shape.dtype))
    return layer


def _attention_class() -> type:
    for module in ("vllm.model_executor.layers.attention", "vllm.attention"):
        try:
            found: type = import_module(module).Attention
        except (ImportError, AttributeError):
            continue
        return found
    raise UnfitError("vLLM's attention layer is not where it is in the known releases")


def _spec(layer: Module, backend: object, config: object, shape: Shape) -> object:
    if not hasattr(layer, "get_kv_cache_spec"):
        interface = import_module("vllm.v1.kv_cache_interface")
        return interface.FullAttentionSpec(
            block_size=shape.block_size,
            num_kv_heads=shape.key_heads,
            head_size=shape.size,
            dtype=dtype_named(shape.dtype),
            **(
                {"use_mla": False}
                if "use_mla" in interface.FullAttentionSpec.__annotations__
                else {}
            ),
        )
    spec = layer.get_kv_cache_spec(config)
    if hasattr(spec, "copy_with_new_block_size") and spec.block_size != shape.block_size:
        spec = spec.copy_with_new_block_size(shape.block_size)
    customize = getattr(backend, "customize_spec", None)
    return spec if customize is None else customize(spec)


def _cache(  # noqa: PLR0917  # a cache depends on all of it
    backend: object, spec: object, config: object, shape: Shape, blocks: int, device: Device
) -> Tensor:
    torch = import_module("torch")
    random = torch.Generator().manual_seed(1)
    if hasattr(backend, "supported_kv_cache_layouts"):
        cache = _cache_by_layout(backend, spec, config, blocks, device)
    else:
        cache = _cache_by_shape(backend, shape, blocks, device)
    left = torch.randn(cache.shape, generator=random) * _LEFT_BEHIND
    cache.copy_(left.to(cache.dtype))
    return cache


def _cache_by_layout(
    backend: object, spec: object, config: object, blocks: int, device: Device
) -> Tensor:
    """Make the cache of vLLM 0.29 and later: a view of (blocks, heads, tokens, content)."""
    torch = import_module("torch")
    interface = import_module("vllm.v1.kv_cache_interface")
    layout = backend.supported_kv_cache_layouts()[0]  # type: ignore[attr-defined]
    config.cache_config.kv_cache_layout = layout.name  # type: ignore[attr-defined]
    page = spec.page_size_bytes  # type: ignore[attr-defined]
    raw = torch.zeros(page * blocks, dtype=torch.int8, device=device)
    place = interface.KVCacheTensor(
        size=page * blocks, layers=[_PREFIX], layer_stride=page * blocks, block_stride=page
    )
    return interface.create_kv_cache_views(raw, spec, blocks, layout, place)[0]


def _cache_by_shape(backend: object, shape: Shape, blocks: int, device: Device) -> Tensor:
    """Make the cache of earlier releases: of the backend's shape, in its order of strides."""
    torch = import_module("torch")
    logical = tuple(
        backend.get_kv_cache_shape(blocks, shape.block_size, shape.key_heads, shape.size)  # type: ignore[attr-defined]
    )
    try:
        order = tuple(backend.get_kv_cache_stride_order())  # type: ignore[attr-defined]
    except (AttributeError, NotImplementedError):
        order = tuple(range(len(logical)))
    stored = torch.zeros(
        tuple(logical[axis] for axis in order), dtype=dtype_named(shape.dtype), device=device
    )
    return stored.permute(*(order.index(axis) for axis in range(len(order))))


def _bind(layer: Module, cache: Tensor) -> None:
    if hasattr(layer, "bind_kv_cache"):
        layer.bind_kv_cache(cache)
    elif isinstance(layer.kv_cache, list):
        layer.kv_cache = [cache]
    else:
        layer.kv_cache = cache


def _metadata(step: Step, whole: dict[str, Tensor], table: Tensor, device: Device) -> object:
    """Fill vLLM's description of a batch, whichever fields this release has."""
    common = _common_class()
    torch = import_module("torch")
    known: dict[str, object] = {
        "query_start_loc": whole["query_start_loc"].to(device),
        "query_start_loc_cpu": whole["query_start_loc"],
        "seq_lens": whole["seq_lens"].to(device),
        "seq_lens_cpu": whole["seq_lens"],
        "_seq_lens_cpu": whole["seq_lens"],
        "seq_lens_cpu_upper_bound": whole["seq_lens"],
        "num_computed_tokens_cpu": whole["computed"],
        "_num_computed_tokens_cpu": whole["computed"],
        "num_reqs": len(step),
        "num_actual_tokens": sum(piece.count for piece in step),
        "max_query_len": max(piece.count for piece in step),
        "max_seq_len": max(piece.end for piece in step),
        "block_table_tensor": table.to(device),
        "slot_mapping": whole["slot_mapping"].to(device),
        "positions": whole["positions"].to(device),
        "causal": True,
        "is_prefilling": torch.tensor([piece.count > 1 or not piece.start for piece in step]),
    }
    names = {field.name for field in fields(common) if field.init}
    needed = {
        field.name
        for field in fields(common)
        if field.init and field.default is MISSING and field.default_factory is MISSING
    }
    if unknown := sorted(needed - set(known)):
        raise UnfitError(f"vLLM describes a batch with more than is known here: {unknown}")
    return common(**{name: value for name, value in known.items() if name in names})


def _common_class() -> type:
    for module in ("vllm.v1.attention.backend", "vllm.v1.attention.backends.utils"):
        try:
            found: type = import_module(module).CommonAttentionMetadata
        except (ImportError, AttributeError):
            continue
        return found
    raise UnfitError("vLLM's description of a batch is not where it is in the known releases")
