"""Out-of-tree operators: registered so that vLLM finds them, and computing what vLLM's do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.counterexample import Counterexample
from hwcheck.exercise.operators.build import Builder, dtype_named, outputs_of, tensor_of
from hwcheck.exercise.operators.distance import distance, tolerance
from hwcheck.exercise.operators.found import Replacement, replacements_of
from hwcheck.exercise.operators.layout import layout_fault
from hwcheck.exercise.operators.recipes import recipe_for
from hwcheck.exercise.operators.surroundings import (
    UnfitError,
    device_fault,
    device_of,
    groups_fault,
    operators_enabled,
)
from hwcheck.exercise.operators.trial import DTYPES, Recipe, Trial
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import bases_of, module_of, owner_of

__all__ = ["EXAMINATIONS"]

_EXAMPLES = 40
_EXAMPLES_OF_LAYOUT = 25
_EXAMPLES_OF_CONSTRUCTION = 5
_LONGEST = 300

_Examine = Callable[[Bench, Builder, Recipe], ExaminedCase]


def registration(bench: Bench) -> Iterator[ExaminedCase]:
    """vLLM constructs the replacement in place of its own class, and its forward is reached."""
    for replacement in replacements_of(bench):
        fault = _static_fault(replacement)
        if fault is not None:
            yield broken(fault, replacement.name, place=replacement.place)
        elif replacement.in_tree is None or replacement.is_method:
            yield kept(replacement.name)
        else:
            yield from _each(bench, replacement, _constructed)


def value(bench: Bench) -> Iterator[ExaminedCase]:
    """The replacement computes what vLLM's native implementation computes in float64."""
    for replacement in _computed(bench):
        yield from _each(bench, replacement, _valued)


def layout(bench: Bench) -> Iterator[ExaminedCase]:
    """Inputs stay as they are, whatever their strides; outputs are of vLLM's shape and dtype."""
    for replacement in _computed(bench):
        yield from _each(bench, replacement, _laid_out)


def _computed(bench: Bench) -> Iterator[Replacement]:
    """The replacements that compute tensors of tensors; methods are judged by serving."""
    for replacement in replacements_of(bench):
        is_sound = _static_fault(replacement) is None and replacement.in_tree is not None
        if is_sound and not replacement.is_method:
            yield replacement


def _each(bench: Bench, replacement: Replacement, examine: _Examine) -> Iterator[ExaminedCase]:
    """Examine one replacement where that is possible."""
    in_tree = replacement.in_tree
    recipe = None if in_tree is None else recipe_for(in_tree)
    if in_tree is None or recipe is None:
        yield not_measured(
            f"hwcheck does not know how vLLM constructs and calls {replacement.name}",
            replacement.name,
        )
        return
    fault = device_fault(bench.platform)
    if fault is not None:
        yield not_measured(fault, replacement.name, needs_device=True)
        return
    builder = Builder(replacement=replacement, in_tree=in_tree, device=device_of(bench.platform))
    try:
        with operators_enabled():
            missing = groups_fault() if recipe.needs_groups else None
            if missing is not None:
                raise UnfitError(missing)
            yield examine(bench, builder, recipe)
    except UnfitError as error:
        yield not_measured(str(error), replacement.name, blocked_by=error.blocked_by)


def _static_fault(replacement: Replacement) -> str | None:
    name, cls, in_tree = replacement.name, replacement.cls, replacement.in_tree
    if in_tree is None and replacement.of_plugin is None:
        return (
            f"{cls.__name__} is registered in place of {name!r}, and vLLM has no operator class "
            "of that name: it is never constructed"
        )
    if in_tree is not None and in_tree not in bases_of(cls):
        return (
            f"{cls.__name__} takes the place of {name} without deriving from it: Python does not "
            "run its __init__, so vLLM gets an empty object"
        )
    return None


def _constructed(bench: Bench, builder: Builder, recipe: Recipe) -> ExaminedCase:
    cls = builder.replacement.cls

    def check(trial: Trial, seen: _Seen) -> str | None:
        try:
            made = builder.own(trial)
        except TypeError as error:
            # Raised before a line of the constructor runs.
            if bench.attribution.raised(error).in_plugin or not _owns_constructor(bench, cls):
                raise
            return f"vLLM's call of the constructor fails: {shown(error, _LONGEST, quoted=False)}"
        if type(made) is not cls:
            return f"vLLM gets a {type(made).__name__}, not a {cls.__name__}"
        if "_parameters" not in vars(made):
            return f"the constructor of {cls.__name__} does not reach torch.nn.Module.__init__()"
        return _dispatch_fault(bench, builder, made)

    return _over_dtypes(bench, builder, recipe, check, _EXAMPLES_OF_CONSTRUCTION)


def _owns_constructor(bench: Bench, cls: type) -> bool:
    owner = owner_of(cls, "__init__")
    return owner is not None and bench.attribution.owns_module(module_of(owner))


def _dispatch_fault(bench: Bench, builder: Builder, made: object) -> str | None:
    """Say why the plugin's forward method is not the one that vLLM calls."""
    cls = builder.replacement.cls
    custom_op = import_module("vllm.model_executor.custom_op").CustomOp
    owner = owner_of(cls, "forward_oot")
    own_forward = owner is not None and bench.attribution.owns_module(module_of(owner))
    if not isinstance(made, custom_op) or not own_forward:
        return None
    forward = owner_of(cls, "forward")
    if forward is not None and bench.attribution.owns_module(module_of(forward)):
        return None
    chosen = getattr(made, "_forward_method", None)
    if chosen is None:
        return f"the constructor of {cls.__name__} does not reach CustomOp.__init__()"
    if getattr(chosen, "__func__", chosen) is getattr(cls.forward_oot, "__func__", cls.forward_oot):  # type: ignore[attr-defined]
        return None
    name = getattr(chosen, "__name__", str(chosen))
    return f"vLLM calls {name}() on this platform, never {cls.__name__}.forward_oot()"


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What was met while a replacement was tried."""

    worst: dict[str, float] = field(default_factory=dict)
    computed: int = 0
    refused: str = ""
    unfit: UnfitError | None = None


def _valued(bench: Bench, builder: Builder, recipe: Recipe) -> ExaminedCase:
    return _over_dtypes(bench, builder, recipe, partial(_value_fault, builder), _EXAMPLES)


def _value_fault(builder: Builder, trial: Trial, seen: _Seen) -> str | None:
    three = builder.all_three(trial)
    dtype, double = dtype_named(trial.dtype), dtype_named("float64")
    cpu = import_module("torch").device("cpu")
    narrow = tuple(tensor_of(item, dtype, cpu) for item in trial.inputs)
    wide = tuple(
        item.to(double) if item is not None and item.is_floating_point() else item
        for item in narrow
    )
    reference = builder.computed_natively(three.exact, wide, widened=True)
    # Some of vLLM's own write over their inputs.
    copies = tuple(None if item is None else item.clone() for item in narrow)
    native = builder.computed_natively(three.native, copies, widened=False)
    with import_module("torch").no_grad():
        found = outputs_of(
            three.own(*(None if item is None else item.to(builder.device) for item in narrow))
        )
    if [item.shape for item in found] != [item.shape for item in reference]:
        raise UnfitError("its outputs have other shapes than vLLM's", "operator.layout")
    for place, (result, right, usual) in enumerate(zip(found, reference, native, strict=True)):
        if not right.is_floating_point():
            continue
        allowed = tolerance(right, usual, dtype=dtype, slack=trial.slack)
        far = distance(result.to(cpu), right, allowed, dtype=dtype)
        seen.worst[trial.dtype] = max(seen.worst.get(trial.dtype, 0.0), far.ratio)
        if far.ratio > 1.0:
            return f"output {place}: {far.text}"
    return None


def _laid_out(bench: Bench, builder: Builder, recipe: Recipe) -> ExaminedCase:
    def check(trial: Trial, seen: _Seen) -> str | None:
        return layout_fault(builder, builder.all_three(trial), trial)

    return _over_dtypes(bench, builder, recipe, check, _EXAMPLES_OF_LAYOUT)


def _over_dtypes(
    bench: Bench,
    builder: Builder,
    recipe: Recipe,
    check: Callable[[Trial, _Seen], str | None],
    examples: int,
) -> ExaminedCase:
    """Search a trial that shows a fault, in each dtype that the platform serves in."""
    seen = _Seen()

    def guarded(trial: Trial) -> str | None:
        try:
            fault = check(trial, seen)
        except UnfitError as error:
            seen.unfit = error
            return None
        # A clean refusal: vLLM's author of a model sees it at once.
        except NotImplementedError as error:
            seen.refused = shown(error, _LONGEST, quoted=False)
            return None
        seen.computed += 1
        return fault

    served = {str(item).removeprefix("torch.") for item in _dtypes(bench.platform)}
    for dtype in DTYPES:
        # A plugin whose platform does not serve in a dtype is not asked to compute in it.
        if served and dtype not in served:
            continue
        found = bench.counterexample(guarded, recipe.trials(dtype), examples=examples)
        if found is not None:
            return _shown(builder, found, _figures(seen))
    return _passed(builder.replacement.name, seen)


def _passed(name: str, seen: _Seen) -> ExaminedCase:
    if seen.unfit is not None:
        return not_measured(str(seen.unfit), name, blocked_by=seen.unfit.blocked_by)
    if not seen.computed:
        return not_measured(f"it refuses every use: {seen.refused}", name)
    return kept(name, figures=_figures(seen))


def _dtypes(platform: object) -> tuple[object, ...]:
    dtypes = getattr(platform, "supported_dtypes", None)
    return tuple(dtypes) if isinstance(dtypes, list | tuple) else ()


def _figures(seen: _Seen) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            name=f"largest error in {dtype}, as a part of what is allowed", value=worst, limit=1.0
        )
        for dtype, worst in sorted(seen.worst.items())
        if worst < float("inf")
    )


def _shown(
    builder: Builder, found: Counterexample[Trial], figures: tuple[Figure, ...]
) -> ExaminedCase:
    name = builder.replacement.name
    if not found.in_plugin:
        # No line of the plugin's: what vLLM, torch or hwcheck cannot do.
        return not_measured(f"{found.fault} (with {found.text})", name)
    return broken(
        found.fault,
        name,
        example=found.text,
        place=found.place or builder.replacement.place,
        figures=figures,
    )


EXAMINATIONS: dict[str, Examination] = {
    "operator.registration": registration,
    "operator.value": value,
    "operator.layout": layout,
}
