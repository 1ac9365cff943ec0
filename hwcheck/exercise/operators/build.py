"""The plugin's operator, vLLM's own, and vLLM's own in float64: constructed and fed alike."""

import inspect
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from hwcheck.exercise.operators.exact import native_only
from hwcheck.exercise.operators.found import Replacement
from hwcheck.exercise.operators.surroundings import UnfitError, model_dtype
from hwcheck.exercise.operators.torch_names import Device, Dtype, Module, Tensor
from hwcheck.exercise.operators.trial import MODEL_DTYPE, Drawn, Input, Trial, Whole
from hwcheck.probe.plain_text import shown

__all__ = ["BESIDE", "FILLED", "Builder", "Three", "dtype_named", "outputs_of", "tensor_of"]

#: What is on either side of an input that is a part of wider rows.
BESIDE = 16
FILLED = 7.0
_WEIGHT_SPREAD = 0.2
_SPIKE = 400.0
_SMALL = 1e-3
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Three:
    """One operator, three times."""

    own: Module
    native: Module
    exact: Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Constructs both sides of one replacement."""

    replacement: Replacement
    in_tree: type
    device: Device

    def own(self, trial: Trial) -> Module:
        """The operator as vLLM makes it: by vLLM's class, which the plugin's takes the place of."""
        return self._construct(trial, dtype_named(trial.dtype), self.device)

    def all_three(self, trial: Trial) -> Three:
        """The plugin's operator, vLLM's own, and vLLM's own in float64, with the same weights.

        Raises UnfitError: vLLM's own cannot be made here, or the plugin's keeps its weights in
        another form.
        """
        try:
            own = self.own(trial)
        except NotImplementedError:
            raise
        except Exception as error:
            text = shown(error, _LONGEST, quoted=False)
            raise UnfitError(
                f"it cannot be constructed: {text}", "operator.registration"
            ) from error
        if "_parameters" not in vars(own):
            raise UnfitError("its constructor was not run", "operator.registration")
        cpu = import_module("torch").device("cpu")
        try:
            with self._unregistered():
                native = self._construct(trial, dtype_named(trial.dtype), cpu)
                _fill(native)
                with native_only(widened=True):
                    exact = self._construct(trial, dtype_named("float64"), cpu)
                    _copy(native, exact)
        except UnfitError:
            raise
        # Some of vLLM's own ask for what only another platform has.
        except Exception as error:
            text = shown(error, _LONGEST, quoted=False)
            raise UnfitError(f"vLLM's own cannot be made here: {text}") from error
        _copy(native, own)
        for module in (own, native, exact):
            _finish(module)
        return Three(own=own, native=native, exact=exact)

    def computed_natively(
        self, module: Module, inputs: tuple[Tensor, ...], *, widened: bool
    ) -> tuple[Tensor, ...]:
        """What vLLM's native implementation makes of the inputs.

        Raises UnfitError: it has none.
        """
        name = "forward_native" if hasattr(self.in_tree, "forward_native") else "forward"
        with native_only(widened=widened):
            try:
                return outputs_of(getattr(module, name)(*inputs))
            except NotImplementedError as error:
                raise UnfitError("vLLM has no native implementation of it") from error

    def _construct(self, trial: Trial, dtype: Dtype, device: Device) -> Module:
        first, by_name = _arguments(self.in_tree, trial, dtype)
        with model_dtype(dtype, device):
            return self.in_tree(*first, **by_name)

    @contextmanager
    def _unregistered(self) -> Iterator[None]:
        """Let vLLM make its own operators; a part of this one may be replaced as well."""
        registry = import_module("vllm.model_executor.custom_op").op_registry_oot
        held = dict(registry)
        registry.clear()
        try:
            yield
        finally:
            registry.update(held)


def dtype_named(name: str) -> Dtype:
    """The dtype of that name."""
    return getattr(import_module("torch"), name)


def tensor_of(spec: Input, dtype: Dtype, device: Device, *, wide: bool = False) -> Tensor:
    """Draw an input; `wide`, as a part of rows that are longer."""
    if spec is None:
        return None
    torch = import_module("torch")
    random = torch.Generator().manual_seed(spec.seed)
    if isinstance(spec, Whole):
        return torch.randint(spec.below, spec.shape, generator=random).to(device)
    values = _drawn(spec, random).to(dtype).to(device)
    if not wide:
        return values
    flat = values.flatten(1)
    rows = torch.full((len(flat), flat.shape[1] + 2 * BESIDE), FILLED, dtype=dtype, device=device)
    # The keys in a row of qkv have its queries in front, and its values behind.
    part = rows[:, BESIDE:-BESIDE]
    part.copy_(flat)
    return part.view(spec.shape)


def outputs_of(result: object) -> tuple[Tensor, ...]:
    """The tensors of a result, which is one or a sequence of them."""
    items = result if isinstance(result, tuple | list) else (result,)
    return tuple(item for item in items if item is not None)


def _drawn(spec: Drawn, random: object) -> Tensor:
    torch = import_module("torch")
    values = torch.randn(spec.shape, generator=random)
    if spec.content == "zeros":
        return torch.zeros(spec.shape)
    if spec.content == "small":
        return values * _SMALL
    if spec.content == "spike" and values.numel():
        # Its square is beyond what float16 holds.
        values[..., 1] = _SPIKE
    return values


def _arguments(
    in_tree: type, trial: Trial, dtype: Dtype
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Split the arguments as vLLM's models give them: what has no default by place."""
    known = inspect.signature(in_tree.__init__).parameters  # type: ignore[misc]
    given = {
        name: dtype if value == MODEL_DTYPE else value
        for name, value in trial.settings
        # Older releases know fewer.
        if name in known
    }
    by_place = []
    for name in list(known)[1:]:
        parameter = known[name]
        if parameter.default is not parameter.empty or name not in given:
            break
        by_place.append(given.pop(name))
    return tuple(by_place), given


def _fill(module: Module) -> None:
    torch = import_module("torch")
    with torch.no_grad():
        for name, weight in module.named_parameters():
            if not weight.is_floating_point():
                continue
            # The same weights in each process, whatever string hashing does.
            random = torch.Generator().manual_seed(zlib.crc32(name.encode()))
            around = 1.0 if weight.dim() == 1 and bool((weight == 1).all()) else 0.0
            drawn = torch.randn(weight.shape, generator=random) * _WEIGHT_SPREAD + around
            weight.copy_(drawn)


def _copy(source: Module, target: Module) -> None:
    torch = import_module("torch")
    known = target.state_dict(keep_vars=True)
    with torch.no_grad():
        for name, weight in source.state_dict(keep_vars=True).items():
            held = known.get(name)
            if held is None:
                raise UnfitError(f"it keeps no weight {name!r} as vLLM's does")
            if held.shape != weight.shape:
                raise UnfitError(
                    f"its weight {name!r} is of shape {tuple(held.shape)}, "
                    f"vLLM's of {tuple(weight.shape)}"
                )
            held.copy_(weight)


def _finish(module: Module) -> None:
    """Do what vLLM does once the weights of a layer are loaded."""
    method = getattr(module, "quant_method", None)
    finish = getattr(method, "process_weights_after_loading", None)
    if finish is not None:
        finish(module)
