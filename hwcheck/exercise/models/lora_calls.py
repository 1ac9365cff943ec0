"""The calls that vLLM's LoRA layers make of a Punica wrapper, each beside a plain reference."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hwcheck.exercise.models.lora_batches import INDEX_TO_ID, RANK, VOCABULARY, Batch, Tensors

__all__ = ["METHODS", "MOST_STEPS", "Compared", "announce", "call", "forms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How a result compares with the reference."""

    fault: str | None
    distance: float = 0.0
    """In steps of the dtype, of the sum of all magnitudes that were added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A call, what it has to give in float64, and the magnitudes that were added for it."""

    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    wanted: Any
    magnitude: Any
    rows: Any = None
    """Which rows count; all when ``None``."""


#: An accumulation in half precision of eight products stays well below.
MOST_STEPS = 8.0


def announce(wrapper: Any, batch: Batch) -> None:
    """Tell the wrapper of a batch, as vLLM's adapter manager does."""
    mapping = import_module("vllm.lora.layers").LoRAMapping(
        batch.token_ids, batch.adapters, is_prefill=True
    )
    slots = len(INDEX_TO_ID)
    more = _extra_vocabulary()
    wrapper.update_metadata(mapping, list(INDEX_TO_ID), slots + 1, VOCABULARY, *more)


def call(wrapper: Any, method: str, batch: Batch, *, device: object, in_place: bool) -> Compared:
    """Call a method for a batch that was announced, and compare what it gives."""
    case = _CASES[method](wrapper, batch, Tensors(batch, device))
    returned = getattr(wrapper, method)(*case.arguments, **case.keywords)
    got = case.arguments[0] if in_place else returned
    torch = import_module("torch")
    if not isinstance(got, torch.Tensor):
        return Compared(fault=f"returns {type(got).__name__} instead of the result")
    if got.numel() != case.wanted.numel():
        return Compared(fault=f"gives {tuple(got.shape)} instead of {tuple(case.wanted.shape)}")
    return _compared(got.reshape(case.wanted.shape), case, batch)


def forms(method: str) -> tuple[tuple[object, ...], dict[str, object]]:
    """Show the arguments that vLLM passes, of no use but for their number and names."""
    bias: tuple[object, ...] = ((None,),) if "lora_bias_stacked" in _parameters(method) else ()
    known: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
        "update_metadata": ((None, [], 4, VOCABULARY, *_extra_vocabulary()), {}),
        "add_shrink": ((None, None, (), 1.0), {}),
        "add_expand": ((None, None, (), *bias, ()), {"offset_start": 0, "add_input": True}),
        "add_lora_embedding": ((None, None, None), {"add_input": True}),
        "add_lora_linear": ((None, None, (), (), *bias, 1.0, ()), {}),
        "add_lora_logits": ((None, None, None, None, 1.0), {}),
    }
    return known[method]


def _extra_vocabulary() -> tuple[int, ...]:
    # Up to 0.11 adapters could bring tokens of their own.
    return (0,) if "extra_vocab_size" in _parameters("update_metadata") else ()


def _parameters(method: str) -> tuple[str, ...]:
    base = import_module("vllm.lora.punica_wrapper.punica_base").PunicaWrapperBase
    return tuple(inspect.signature(getattr(base, method)).parameters)


def _slots(ids: tuple[int, ...]) -> list[int]:
    """The slot of each id, -1 where there is no adapter."""
    return [INDEX_TO_ID.index(number) if number else -1 for number in ids]


def _applied(rows: Any, weights: Any, slots: list[int]) -> tuple[Any, Any]:
    """Multiply each row by the weights of its slot; and the same with magnitudes."""
    torch = import_module("torch")
    # Devices do not always know float64.
    numbers = torch.tensor(slots)
    chosen = weights.cpu().double().flatten(0, 1)[numbers.clamp_min(0)]
    wide, none = rows.cpu().double()[:, :, None], numbers[:, None] < 0
    values = torch.matmul(chosen, wide).squeeze(-1)
    sizes = torch.matmul(chosen.abs(), wide.abs()).squeeze(-1)
    return values.masked_fill(none, 0.0), sizes.masked_fill(none, 0.0)


def _both(rows: Any, down: Any, up: Any, slots: list[int]) -> tuple[Any, Any]:
    """Multiply by both weights; and the same with magnitudes."""
    inner, inner_sizes = _applied(rows, down, slots)
    outer, _ = _applied(inner, up, slots)
    _, sizes = _applied(inner_sizes, up, slots)
    return outer, sizes


def _joined(parts: list[tuple[Any, Any]], before: Any) -> tuple[Any, Any]:
    torch = import_module("torch")
    values, sizes = (torch.cat(items, dim=1) for items in zip(*parts, strict=True))
    wide = before.cpu().double()
    return wide + values, wide.abs() + sizes


def _shrink(wrapper: Any, batch: Batch, tensors: Tensors) -> _Case:
    torch = import_module("torch")
    slots = _slots(batch.token_ids)
    x, adapters = tensors.random(len(slots), batch.features), tensors.adapters(batch)
    buffer = torch.zeros(
        (len(batch.slices), len(slots), RANK), dtype=torch.float32, device=x.device
    )
    parts = [_applied(x, down, slots) for down in adapters.down]
    values, sizes = (torch.stack(items) for items in zip(*parts, strict=True))
    # What stands in the rows without adapter is added nowhere.
    rows = [number for number, slot in enumerate(slots) if slot >= 0]
    return _Case(
        arguments=(buffer, x, adapters.down, 1.0),
        keywords={},
        wanted=values,
        magnitude=sizes,
        rows=(slice(None), rows),
    )


def _expand(wrapper: Any, batch: Batch, tensors: Tensors) -> _Case:
    torch = import_module("torch")
    slots = _slots(batch.token_ids)
    adapters = tensors.adapters(batch)
    offset = batch.slices[0] if batch.seed % 2 else 0
    y = tensors.random(len(slots), offset + sum(batch.slices))
    buffer = tensors.random(len(batch.slices), len(slots), RANK, dtype=torch.float32)
    for number, slot in enumerate(slots):
        if slot < 0:
            buffer[:, number] = 0.0
    still = torch.zeros(len(slots), offset, dtype=torch.float64)
    parts = [_applied(rows, up, slots) for rows, up in zip(buffer, adapters.up, strict=True)]
    wanted, sizes = _joined([(still, still), *parts], y)
    arguments, keywords = forms("add_expand")
    return _Case(
        arguments=(y, buffer, adapters.up, *arguments[3:-1], batch.slices),
        keywords=keywords | {"offset_start": offset},
        wanted=wanted,
        magnitude=sizes,
    )


def _linear(wrapper: Any, batch: Batch, tensors: Tensors) -> _Case:
    slots = _slots(batch.token_ids)
    adapters = tensors.adapters(batch)
    y, x = tensors.random(len(slots), sum(batch.slices)), tensors.random(len(slots), batch.features)
    pairs = zip(adapters.down, adapters.up, strict=True)
    wanted, sizes = _joined([_both(x, down, up, slots) for down, up in pairs], y)
    arguments, _ = forms("add_lora_linear")
    return _Case(
        arguments=(y, x, adapters.down, adapters.up, *arguments[4:-2], 1.0, batch.slices),
        keywords={},
        wanted=wanted,
        magnitude=sizes,
    )


def _embedding(wrapper: Any, batch: Batch, tensors: Tensors) -> _Case:
    torch = import_module("torch")
    slots = _slots(batch.token_ids)
    down = tensors.random(len(INDEX_TO_ID), VOCABULARY, RANK)
    up = tensors.random(len(INDEX_TO_ID), 1, batch.slices[0], RANK)
    y = tensors.random(len(slots), batch.slices[0])
    tokens = torch.arange(len(slots)) % VOCABULARY
    # The layer reads the wrapper's own indices.
    rows = wrapper._embeddings_indices[: len(slots)] + tokens.to(y.device)
    x = torch.nn.functional.embedding(rows, down.flatten(0, 1))
    right = down.cpu()[torch.tensor(slots).clamp_min(0), tokens]
    wanted, sizes = _joined([_applied(right, up, slots)], y)
    return _Case(arguments=(y, x, up), keywords={"add_input": True}, wanted=wanted, magnitude=sizes)


def _logits(wrapper: Any, batch: Batch, tensors: Tensors) -> _Case:
    slots = _slots(batch.adapters)
    adapters = tensors.adapters(batch)
    y = tensors.random(len(slots), batch.slices[0])
    x = tensors.random(len(slots), batch.features)
    down, up = adapters.down[0], adapters.up[0]
    wanted, sizes = _joined([_both(x, down, up, slots)], y)
    return _Case(arguments=(y, x, down, up, 1.0), keywords={}, wanted=wanted, magnitude=sizes)


_CASES: dict[str, Callable[[Any, Batch, Tensors], _Case]] = {
    "add_shrink": _shrink,
    "add_expand": _expand,
    "add_lora_linear": _linear,
    "add_lora_embedding": _embedding,
    "add_lora_logits": _logits,
}
METHODS = tuple(_CASES)


def _compared(got: Any, case: _Case, batch: Batch) -> Compared:
    torch = import_module("torch")
    off = (got.cpu().double() - case.wanted).abs()
    step = torch.finfo(getattr(torch, batch.dtype)).eps
    steps = off / (step * (case.magnitude + torch.finfo(torch.float32).tiny))
    if case.rows is not None:
        steps, off = steps[case.rows], off[case.rows]
    if not steps.numel():
        return Compared(fault=None)
    far = float(steps.max())
    if far <= MOST_STEPS:
        return Compared(fault=None, distance=far)
    worst = int(steps.argmax())
    row = worst // steps.shape[-1] % steps.shape[-2]
    return Compared(
        fault=f"is off by {float(off.flatten()[worst]):.3g} in row {row} "
        f"({far:.3g} steps of {batch.dtype}, allowed {MOST_STEPS:g})",
        distance=far,
    )
