"""Attention as the platform selects it, against its definition, over steps of mixed batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.operators.attention_batches import Step, block_tables, steps
from hwcheck.exercise.operators.attention_layer import Layer, Shape, made_layer, model_of
from hwcheck.exercise.operators.build import dtype_named
from hwcheck.exercise.operators.reference_attention import attended
from hwcheck.exercise.operators.surroundings import UnfitError, device_fault, device_of
from hwcheck.exercise.operators.torch_names import Tensor
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import source_place

__all__ = ["EXAMINATIONS"]

_LONGEST = 400
#: How far a result may be off: some ten times what vLLM's own CPU attention and torch's are.
_LIMITS = {"float32": 2e-5, "float16": 8e-3, "bfloat16": 6e-2}
_SIZES_OF_BLOCKS = (16, 32, 64, 128)


def attention_value(bench: Bench) -> Iterator[ExaminedCase]:
    """Each token attends to what is before it in its own request, and to nothing else."""
    fault = device_fault(bench.platform)
    if fault is not None:
        yield not_measured(fault, needs_device=True)
        return
    _prepare(bench)
    models: dict[str, object] = {}
    for name, shape in _cases(bench):
        yield _judged(bench, name, shape, models)


def _prepare(bench: Bench) -> None:
    torch = import_module("torch")
    # On some virtual machines the first bfloat16 product in a kernel of vLLM's that uses AMX dies
    # of SIGILL unless the process has asked for AMX before.
    if device_of(bench.platform).type == "cpu" and hasattr(torch.cpu, "_init_amx"):
        torch.cpu._init_amx()


def _cases(bench: Bench) -> Iterator[tuple[str, Shape]]:
    plain = Shape(dtype="float32")
    for dtype in ("float32", "bfloat16", "float16"):
        yield dtype, replace(plain, dtype=dtype)
    yield "one-query-head-a-key", replace(plain, heads=2)
    yield "one-key-head", replace(plain, key_heads=1)
    yield "wide-heads", replace(plain, size=128)
    yield "sliding-window", replace(plain, window=19)
    for size in _SIZES_OF_BLOCKS:
        if size != plain.block_size:
            yield f"blocks-of-{size}", replace(plain, block_size=size)


def _judged(bench: Bench, name: str, shape: Shape, models: dict[str, object]) -> ExaminedCase:
    served = getattr(bench.platform, "supported_dtypes", None)
    if isinstance(served, list) and dtype_named(shape.dtype) not in served:
        return not_applicable(f"the platform does not serve in {shape.dtype}", name)
    plan = steps(shape.block_size)
    tables = block_tables(plan, shape.block_size, bench.seed)
    try:
        model = _model(shape, models)
        layer = made_layer(model, shape, tables, device_of(bench.platform))
    except UnfitError as error:
        return not_measured(str(error), name)
    # The platform or its backend says no: whether cleanly is judged elsewhere.
    except (NotImplementedError, ValueError) as error:
        return not_applicable(f"refused: {shown(error, _LONGEST, quoted=False)}", name)
    except Exception as error:
        return _not_made(error, name)
    if (why := _not_taken(layer, shape)) is not None:
        return not_applicable(why, name)
    return _over_steps(bench, name, layer, plan, tables)


def _model(shape: Shape, models: dict[str, object]) -> object:
    key = f"{shape.dtype} {shape.heads} {shape.key_heads} {shape.size}"
    if key not in models:
        models[key] = model_of(shape.dtype, shape.heads, shape.key_heads, shape.size)
    return models[key]


def _not_made(error: Exception, name: str) -> ExaminedCase:
    # A backend may rely on its plugin's own runner, which is not here.
    text = f"{type(error).__name__}: {shown(error, _LONGEST, quoted=False)}"
    return not_measured(f"the layer cannot be made outside of an engine: {text}", name)


def _not_taken(layer: Layer, shape: Shape) -> str | None:
    """Say why vLLM would not give the backend such a layer."""
    backend = layer.layer.attn_backend
    sizes = getattr(backend, "get_supported_kernel_block_sizes", None)
    supported = [] if sizes is None else sizes()
    # Plain numbers, or an object whose `base` the size has to be a multiple of.
    exact = [item for item in supported if isinstance(item, int)]
    bases = [item.base for item in supported if hasattr(item, "base")]
    fits = shape.block_size in exact or any(shape.block_size % base == 0 for base in bases)
    if supported and not fits:
        return f"the backend does not take blocks of {shape.block_size}"
    return None


@dataclass(slots=True, kw_only=True)
class _History:
    """What each request has computed so far."""

    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)

    def grow(self, request: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add new tokens; give all there are."""
        torch = import_module("torch")
        for held, new in ((self.keys, key), (self.values, value)):
            held[request] = torch.cat((held[request], new)) if request in held else new
        return self.keys[request], self.values[request]


def _over_steps(
    bench: Bench,
    name: str,
    layer: Layer,
    plan: tuple[Step, ...],
    tables: dict[int, tuple[int, ...]],
) -> ExaminedCase:
    history, worst, limit = _History(), 0.0, _LIMITS[layer.shape.dtype]
    place = source_place(type(layer.layer.impl), bench.attribution)
    for number, step in enumerate(plan):
        bench.examples += 1
        query, key, value = _drawn(layer, step, number)
        expected = _expected(layer.shape, step, history, query, key, value)
        try:
            found = layer.run(step, tables, *(_flat(layer, item) for item in (query, key, value)))
        except Exception as error:
            return _failed(bench, name, number, step, error)
        error_of = (found.cpu().double().view(expected.shape) - expected).abs()
        far = float(error_of.nan_to_num(nan=float("inf")).max())
        worst = max(worst, far)
        if far > limit:
            figure = Figure(name="largest error", value=min(far, 1e30), limit=limit)
            reason = f"step {number} is off by {far:.3g}, where {limit:.0e} is allowed"
            return broken(reason, name, example=_told(layer, step), place=place, figures=(figure,))
    return kept(name, figures=(Figure(name="largest error", value=worst, limit=limit),))


def _failed(bench: Bench, name: str, number: int, step: Step, error: Exception) -> ExaminedCase:
    raised = bench.attribution.raised(error)
    text = f"{raised.type}: {raised.message}"
    # Where not even the first step runs, it may rely on its plugin's own runner.
    if number == 0 or not raised.in_plugin:
        return not_measured(f"it cannot be run outside of an engine: {text}", name)
    return broken(
        f"step {number} raises {text}", name, example=f"pieces {_pieces(step)}", place=raised.place
    )


def _drawn(layer: Layer, step: Step, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    torch = import_module("torch")
    shape, tokens = layer.shape, sum(piece.count for piece in step)
    random = torch.Generator().manual_seed(seed + 1)
    dtype = dtype_named(shape.dtype)

    def drawn(heads: int) -> Tensor:
        return torch.randn((tokens, heads, shape.size), generator=random).to(dtype)

    return drawn(shape.heads), drawn(shape.key_heads), drawn(shape.key_heads)


def _flat(layer: Layer, item: Tensor) -> Tensor:
    return item.flatten(1).to(layer.device)


def _expected(  # noqa: PLR0917  # one step, and what came before
    shape: Shape, step: Step, history: _History, query: Tensor, key: Tensor, value: Tensor
) -> Tensor:
    results, start = [], 0
    for piece in step:
        rows = slice(start, start + piece.count)
        keys, values = history.grow(piece.request, key[rows], value[rows])
        results.append(attended(query[rows], keys, values, scale=shape.scale, window=shape.window))
        start += piece.count
    return import_module("torch").cat(results)


def _told(layer: Layer, step: Step) -> str:
    return f"{layer.shape!r}, pieces {_pieces(step)}"


def _pieces(step: Step) -> str:
    return ", ".join(
        f"request {piece.request}: tokens {piece.start} to {piece.end - 1}" for piece in step
    )


EXAMINATIONS: dict[str, Examination] = {"attention.value": attention_value}
