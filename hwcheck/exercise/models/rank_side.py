"""One rank's side of a collective call: inputs of fixed seeds, the call, and the reference."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hwcheck.exercise.models.collective_calls import RANKS, Call

__all__ = ["Finding", "carry_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How a rank's result compares with the reference."""

    fault: str | None
    distance: float = 0.0
    """In units of the dtype's last place."""


def carry_out(group: object, call: Call) -> Finding:
    """Take part in a call on vLLM's group, and compare what comes back.

    Each rank makes the inputs of all, so it knows what it has to get.
    """
    device = group.device  # type: ignore[attr-defined]
    inputs = [_input(call, rank, device) for rank in range(RANKS)]
    # The call may be carried out in place.
    wanted = _WANTED[call.name](group, call, inputs)
    got = _RUN[call.name](group, call, inputs[group.rank_in_group].clone())  # type: ignore[attr-defined]
    return Finding(fault=None) if wanted is None else _compared(got, wanted, call.dtype)


def _input(call: Call, rank: int, device: object) -> Any:
    torch = import_module("torch")
    shape = list(call.shape)
    if call.name == "all_gatherv" and call.sizes:
        shape[0] = call.sizes[rank]
    if call.strided:
        shape[-2:] = shape[:-3:-1]
    generator = torch.Generator().manual_seed(call.seed * RANKS + rank + 1)
    made = torch.randn(shape, generator=generator).to(getattr(torch, call.dtype)).to(device)
    return made.transpose(-1, -2) if call.strided else made


def _sum(inputs: list[Any]) -> Any:
    return sum(item.double() for item in inputs)


def _joined(inputs: list[Any], dim: int | None) -> Any:
    return import_module("torch").cat(inputs, dim=dim or 0)


def _at_root(group: Any, call: Call, inputs: list[Any]) -> Any:
    # What the others get is never looked at.
    return _joined(inputs, call.dim) if group.rank_in_group == call.root else None


def _rows(group: Any, call: Call, inputs: list[Any]) -> Any:
    sizes = call.sizes or [call.shape[0] // RANKS] * RANKS
    return _sum(inputs).split(list(sizes))[group.rank_in_group]


_WANTED: dict[str, Callable[[Any, Call, list[Any]], Any]] = {
    "all_reduce": lambda group, call, inputs: _sum(inputs),
    "all_gather": lambda group, call, inputs: _joined(inputs, call.dim),
    "all_gatherv": lambda group, call, inputs: _joined(inputs, 0),
    "reduce_scatter": lambda group, call, inputs: _sum(inputs).chunk(RANKS, call.dim)[
        group.rank_in_group
    ],
    "reduce_scatterv": _rows,
    "gather": _at_root,
    "broadcast": lambda group, call, inputs: inputs[call.root or 0],
    "send-recv": lambda group, call, inputs: (
        None if group.rank_in_group == call.root else inputs[call.root or 0]
    ),
}


def _sent(group: Any, call: Call, mine: Any) -> Any:
    # Without a rank, vLLM means the next one and the one before.
    other = 1 - group.rank_in_group if call.seed % 2 else None
    if group.rank_in_group == call.root:
        return group.send(mine, other)
    return group.recv(mine.shape, mine.dtype, other)


def _sizes(call: Call) -> list[int] | None:
    return list(call.sizes) if call.sizes else None


_RUN: dict[str, Callable[[Any, Call, Any], Any]] = {
    "all_reduce": lambda group, call, mine: group.all_reduce(mine),
    "all_gather": lambda group, call, mine: group.all_gather(mine, call.dim),
    "all_gatherv": lambda group, call, mine: group.all_gatherv(mine, 0, _sizes(call)),
    "reduce_scatter": lambda group, call, mine: group.reduce_scatter(mine, call.dim),
    "reduce_scatterv": lambda group, call, mine: group.reduce_scatterv(mine, 0, _sizes(call)),
    "gather": lambda group, call, mine: group.gather(mine, call.root, call.dim),
    "broadcast": lambda group, call, mine: group.device_communicator.broadcast(mine, call.root),
    "send-recv": _sent,
}


def _compared(got: Any, wanted: Any, dtype: str) -> Finding:
    torch = import_module("torch")
    if not isinstance(got, torch.Tensor):
        return Finding(fault=f"gives {type(got).__name__} instead of a tensor")
    if got.shape != wanted.shape:
        return Finding(fault=f"gives shape {tuple(got.shape)} instead of {tuple(wanted.shape)}")
    if got.dtype != getattr(torch, dtype):
        return Finding(fault=f"gives {got.dtype} instead of torch.{dtype}")
    if not got.numel():
        return Finding(fault=None)
    scale = wanted.double().abs().clamp_min(1.0) * torch.finfo(got.dtype).eps
    far = float(((got.double() - wanted.double()).abs() / scale).max())
    # Sums were computed in float64 and may be rounded once more; all else is only moved.
    if far <= (1.0 if wanted.dtype == torch.float64 else 0.0):
        return Finding(fault=None, distance=far)
    return Finding(fault=f"is off by {far:.3g} units in the last place", distance=far)
