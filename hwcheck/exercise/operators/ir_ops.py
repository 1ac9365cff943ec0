"""Providers of vLLM's IR operators, against the native ones, with vLLM's own inputs and limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, util
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.operators.build import dtype_named, outputs_of
from hwcheck.exercise.operators.surroundings import device_fault, device_of, model_dtype
from hwcheck.exercise.operators.torch_names import Dtype, Tensor
from hwcheck.exercise.operators.trial import DTYPES
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure
from hwcheck.probe.resolve import source_place

__all__ = ["EXAMINATIONS"]

_EXAMPLES = 60


class _Implementation(Protocol):
    provider: str
    supported: bool
    inplace: bool

    def impl_fn(self, *arguments: object) -> object: ...
    def supports_args(self, *arguments: object) -> bool: ...


class _Operator(Protocol):
    name: str
    impls: dict[str, _Implementation]
    activation_indices: list[int]
    has_input_generator: bool

    def generate_inputs(self, **sizes: object) -> tuple[object, ...]: ...
    def get_tolerance(self, dtype: object) -> dict[str, float]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """Sizes for vLLM's own generator of inputs."""

    dtype: str
    num_tokens: int
    hidden_size: int
    seed: int


def ir_value(bench: Bench) -> Iterator[ExaminedCase]:
    """A provider's implementation gives what the native one gives, within vLLM's tolerances."""
    if util.find_spec("vllm.ir") is None:
        yield not_applicable("this vLLM has no IR operators")
        return
    import_kernels = getattr(type(bench.platform), "import_ir_kernels", None)
    if import_kernels is not None:
        import_kernels()
    for operator, implementation in _own(bench):
        yield _judged(bench, operator, implementation)


def _own(bench: Bench) -> Iterator[tuple[_Operator, _Implementation]]:
    import_module("vllm.ir.ops")
    registry: dict[str, _Operator] = import_module("vllm.ir.op").IrOp.registry
    for name in sorted(registry):
        for provider, implementation in sorted(registry[name].impls.items()):
            code = getattr(implementation.impl_fn, "__code__", None)
            owned = code is not None and bench.attribution.owns_file(code.co_filename)
            if provider != "native" and owned:
                yield registry[name], implementation


def _judged(bench: Bench, operator: _Operator, implementation: _Implementation) -> ExaminedCase:
    name = f"{operator.name}.{implementation.provider}"
    if not implementation.supported:
        return not_applicable("the provider says that it is not supported here", name)
    if not getattr(operator, "has_input_generator", False):
        return not_measured("vLLM has no generator of inputs for the operator", name)
    fault = device_fault(bench.platform)
    if fault is not None:
        return not_measured(fault, name, needs_device=True)
    worst: dict[str, float] = {}

    def check(use: _Use) -> str | None:
        return _fault(bench, operator, implementation, use, worst)

    found = bench.counterexample(check, _uses(), examples=_EXAMPLES)
    figures = tuple(
        Figure(
            name=f"largest error in {dtype}, as a part of vLLM's tolerance", value=far, limit=1.0
        )
        for dtype, far in sorted(worst.items())
    )
    if found is None and not worst:
        return not_measured("it supports none of the inputs of vLLM's generator", name)
    if found is None:
        return kept(name, figures=figures)
    if not found.in_plugin:
        return not_measured(f"{found.fault} (with {found.text})", name)
    place = found.place or source_place(implementation.impl_fn, bench.attribution)
    return broken(found.fault, name, example=found.text, place=place, figures=figures)


def _uses() -> SearchStrategy[_Use]:
    return st.builds(
        _Use,
        dtype=st.sampled_from(DTYPES),
        num_tokens=st.sampled_from((1, 7, 32)),
        hidden_size=st.sampled_from((16, 96, 512)),
        seed=st.integers(0, 15),
    )


def _fault(
    bench: Bench,
    operator: _Operator,
    implementation: _Implementation,
    use: _Use,
    worst: dict[str, float],
) -> str | None:
    torch = import_module("torch")
    dtype = dtype_named(use.dtype)
    torch.manual_seed(use.seed)
    with model_dtype(dtype, device_of(bench.platform)):
        inputs = operator.generate_inputs(
            num_tokens=use.num_tokens, hidden_size=use.hidden_size, dtype=dtype
        )
    if not implementation.supports_args(*inputs):
        return None
    native = _outputs(operator.impls["native"], inputs)
    given = _copied(inputs)
    found = outputs_of(_called(implementation, given))
    changed = _changed(operator, implementation, inputs, given)
    if changed is not None:
        return changed
    return _compared(operator, dtype, use.dtype, found, native, worst)


def _outputs(implementation: _Implementation, inputs: tuple[object, ...]) -> tuple[Tensor, ...]:
    return outputs_of(_called(implementation, _copied(inputs)))


def _called(implementation: _Implementation, inputs: tuple[object, ...]) -> object:
    with import_module("torch").no_grad():
        return implementation.impl_fn(*inputs)


def _copied(inputs: tuple[object, ...]) -> tuple[object, ...]:
    torch = import_module("torch")
    return tuple(item.clone() if isinstance(item, torch.Tensor) else item for item in inputs)


def _changed(
    operator: _Operator,
    implementation: _Implementation,
    before: tuple[object, ...],
    after: tuple[object, ...],
) -> str | None:
    torch = import_module("torch")
    # vLLM copies the activations for a provider that says it works in place.
    may = set(operator.activation_indices) if getattr(implementation, "inplace", False) else set()
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if isinstance(old, torch.Tensor) and place not in may and not torch.equal(old, new):
            return f"argument {place} is written over, and the provider is not registered inplace"
    return None


def _compared(  # noqa: PLR0917  # one result, and what it is held against
    operator: _Operator,
    dtype: Dtype,
    dtype_name: str,
    found: tuple[Tensor, ...],
    native: tuple[Tensor, ...],
    worst: dict[str, float],
) -> str | None:
    if len(found) != len(native):
        return f"{len(found)} outputs, where the native one gives {len(native)}"
    limits = operator.get_tolerance(dtype)
    for place, (result, right) in enumerate(zip(found, native, strict=True)):
        if result.shape != right.shape or result.dtype != right.dtype:
            return (
                f"output {place} is {result.dtype} of shape {tuple(result.shape)}, "
                f"the native one's {right.dtype} of {tuple(right.shape)}"
            )
        expected = right.double()
        allowed = limits["atol"] + limits["rtol"] * expected.abs()
        ratio = ((result.double() - expected).abs() / allowed).nan_to_num(nan=float("inf"))
        far = float(ratio.max()) if ratio.numel() else 0.0
        worst[dtype_name] = max(worst.get(dtype_name, 0.0), far)
        if far > 1.0:
            return f"output {place} is {far:.3g} times vLLM's tolerance off the native one"
    return None


EXAMINATIONS: dict[str, Examination] = {"ir.value": ir_value}
