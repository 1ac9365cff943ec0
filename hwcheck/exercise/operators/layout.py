"""What an operator may do to its inputs, and of what form its outputs are."""

from importlib import import_module

from hwcheck.exercise.operators.build import (
    BESIDE,
    FILLED,
    Builder,
    Three,
    dtype_named,
    outputs_of,
    tensor_of,
)
from hwcheck.exercise.operators.distance import distance, tolerance
from hwcheck.exercise.operators.torch_names import Tensor
from hwcheck.exercise.operators.trial import Trial

__all__ = ["layout_fault"]

#: The results for two layouts can each be off by what is allowed.
_BOTH = 2.0


def layout_fault(builder: Builder, three: Three, trial: Trial) -> str | None:
    """Say what is wrong with an operator's inputs or outputs after a use, if anything."""
    dtype = dtype_named(trial.dtype)
    inputs = tuple(tensor_of(item, dtype, builder.device) for item in trial.inputs)
    before = tuple(None if item is None else item.clone() for item in inputs)
    found = _called(three, inputs)
    cpu = tuple(None if item is None else item.cpu() for item in before)
    native = builder.computed_natively(
        three.native, tuple(None if item is None else item.clone() for item in cpu), widened=False
    )
    fault = _changed(trial, before, inputs) or _form_fault(builder, found, native)
    if fault is not None or not trial.views:
        return fault
    return _view_fault(builder, three, trial, tuple(item.clone() for item in found), native)


def _called(three: Three, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    with import_module("torch").no_grad():
        return outputs_of(three.own(*inputs))


def _changed(trial: Trial, before: tuple[Tensor, ...], after: tuple[Tensor, ...]) -> str | None:
    torch = import_module("torch")
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is None or place in trial.may_change:
            continue
        if not torch.equal(old, new):
            return f"input {place} is written over, which vLLM's caller uses again"
    return None


def _form_fault(
    builder: Builder, found: tuple[Tensor, ...], native: tuple[Tensor, ...]
) -> str | None:
    if len(found) != len(native):
        return f"{len(found)} outputs, where vLLM's own gives {len(native)}"
    for place, (result, right) in enumerate(zip(found, native, strict=True)):
        for what, actual, expected in (
            ("of shape", tuple(result.shape), tuple(right.shape)),
            ("of dtype", result.dtype, right.dtype),
            ("on device", result.device.type, builder.device.type),
        ):
            if actual != expected:
                return f"output {place} is {what} {actual}, vLLM's own {expected}"
    return None


def _view_fault(
    builder: Builder,
    three: Three,
    trial: Trial,
    found: tuple[Tensor, ...],
    native: tuple[Tensor, ...],
) -> str | None:
    """Compare the results for parts of wider rows with those for tensors of their own."""
    dtype = dtype_named(trial.dtype)
    inputs = tuple(
        tensor_of(item, dtype, builder.device, wide=place in trial.views)
        for place, item in enumerate(trial.inputs)
    )
    viewed = _called(three, inputs)
    for place in trial.views:
        if _is_written_beside(inputs[place]):
            return f"it writes beside input {place}, which is a part of wider rows"
    for place, (result, alone, usual) in enumerate(zip(viewed, found, native, strict=True)):
        if result.shape != alone.shape or not alone.is_floating_point():
            continue
        right = alone.cpu().double()
        # How far both are from vLLM's own is judged by the contract about values.
        allowed = tolerance(right, usual, dtype=dtype, slack=_BOTH * trial.slack)
        far = distance(result.cpu(), right, allowed, dtype=dtype)
        if far.ratio > 1.0:
            return f"output {place} depends on the strides of the input: {far.text}"
    return None


def _is_written_beside(part: Tensor) -> bool:
    rows = part._base
    sides = (rows[:, :BESIDE], rows[:, -BESIDE:])
    return any(bool((side != FILLED).any()) for side in sides)
