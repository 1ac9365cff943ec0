"""Operators in torch's registry: what their schemas and fakes say is what they do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.operators.build import Builder, dtype_named, tensor_of
from hwcheck.exercise.operators.found import replacements_of
from hwcheck.exercise.operators.found_torch import TorchOperator, torch_operators_of
from hwcheck.exercise.operators.recipes import recipe_for
from hwcheck.exercise.operators.surroundings import (
    UnfitError,
    device_fault,
    device_of,
    operators_enabled,
)
from hwcheck.exercise.operators.trial import Trial
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.plain_text import shown

__all__ = ["EXAMINATIONS"]

_LONGEST = 400
#: Uses of each replacement, in which the operators behind it are met.
_USES = 8
_SCHEMA, _FAKE = "test_schema", "test_faketensor"

_Arguments = tuple[tuple[object, ...], dict[str, object]]


def schema(bench: Bench) -> Iterator[ExaminedCase]:
    """What the schema does not call mutable is not written over, and outputs alias nothing."""
    yield from _checked(bench, _SCHEMA)


def fake(bench: Bench) -> Iterator[ExaminedCase]:
    """The fake gives tensors of the shape, dtype and strides that the operator gives."""
    yield from _checked(bench, _FAKE)


def _checked(bench: Bench, test: str) -> Iterator[ExaminedCase]:
    # The host's own operators are nobody's here: vLLM tests them.
    operators = () if bench.control else torch_operators_of(bench)
    if not operators:
        return
    fault = device_fault(bench.platform)
    met = {} if fault is not None else _met(bench, operators)
    for operator in operators:
        if test == _FAKE and not operator.has_fake:
            yield not_applicable(
                "it has no fake, so it cannot be a part of a compiled graph", operator.name
            )
        elif fault is not None:
            yield not_measured(fault, operator.name, needs_device=True)
        else:
            yield _checked_one(bench, operator, test, met.get(operator.name, []))


def _checked_one(
    bench: Bench, operator: TorchOperator, test: str, uses: list[_Arguments]
) -> ExaminedCase:
    guesses = [] if uses or not operator.in_python else list(_guesses(bench, operator))
    tried = 0
    for positional, named in uses or guesses:
        bench.examples += 1
        given = _cloned(positional), {key: _clone(item) for key, item in named.items()}
        # Arguments that were guessed may be such as nobody would give.
        if guesses and not _runs(operator, given):
            continue
        tried += 1
        fault = _fault(operator, given, test)
        if fault is not None:
            example = f"{operator.name}{_shape_of(positional, named)}"
            return broken(fault, operator.name, example=example, place=operator.place)
    if not tried:
        return not_measured(
            "no operator of the plugin's calls it here, and hwcheck cannot guess its arguments",
            operator.name,
        )
    return kept(operator.name)


def _fault(operator: TorchOperator, given: _Arguments, test: str) -> str | None:
    torch = import_module("torch")
    told = torch.library.opcheck(
        operator.overload, given[0], given[1], test_utils=(test,), raise_exception=False
    )
    result = told[test]
    if not isinstance(result, BaseException):
        return None
    return f"{type(result).__name__}: {shown(result, _LONGEST, quoted=False).strip()}"


def _runs(operator: TorchOperator, given: _Arguments) -> bool:
    try:
        operator.overload(*_cloned(given[0]), **given[1])  # type: ignore[operator]
    except Exception:
        return False
    return True


def _met(bench: Bench, operators: tuple[TorchOperator, ...]) -> dict[str, list[_Arguments]]:
    """What the plugin's replacements of vLLM's operators call the operators with."""
    met: dict[str, list[_Arguments]] = {}
    for replacement in replacements_of(bench):
        recipe = None if replacement.in_tree is None else recipe_for(replacement.in_tree)
        if recipe is None or replacement.in_tree is None or recipe.needs_groups:
            continue
        builder = Builder(
            replacement=replacement,
            in_tree=replacement.in_tree,
            device=device_of(bench.platform),
        )

        def use(trial: Trial, builder: Builder = builder) -> str | None:
            _use(builder, trial)
            return None

        try:
            with operators_enabled(), _recorded(operators, met):
                bench.counterexample(use, recipe.trials("float32"), examples=_USES)
        # How it fails is told by the contracts about the replacement.
        except UnfitError:
            continue
    return met


def _use(builder: Builder, trial: Trial) -> None:
    torch = import_module("torch")
    dtype = dtype_named(trial.dtype)
    module = builder.own(trial)
    with torch.no_grad():
        module(*(tensor_of(item, dtype, builder.device) for item in trial.inputs))


@contextmanager
def _recorded(
    operators: tuple[TorchOperator, ...], met: dict[str, list[_Arguments]]
) -> Iterator[None]:
    """Keep what the operators are called with."""
    modes = import_module("torch.utils._python_dispatch")
    known = {operator.name for operator in operators}

    class Recorder(modes.TorchDispatchMode):  # type: ignore[misc, name-defined]
        def __torch_dispatch__(
            self,
            func: Callable[..., object],
            types: Sequence[type],
            args: tuple[object, ...] = (),
            kwargs: Mapping[str, object] | None = None,
        ) -> object:
            given = dict(kwargs or {})
            name = func.name()  # type: ignore[attr-defined]
            if name in known and len(met.setdefault(name, [])) < _USES:
                met[name].append(
                    (_cloned(args), {key: _clone(item) for key, item in given.items()})
                )
            return func(*args, **given)

    with Recorder():
        yield


def _cloned(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(map(_clone, values))


def _clone(value: object) -> object:
    torch = import_module("torch")
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


def _guesses(bench: Bench, operator: TorchOperator) -> Iterator[_Arguments]:
    """Yield arguments made from the schema alone, where it asks for tensors and numbers only."""
    torch = import_module("torch")
    simple: dict[str, object] = {"int": 2, "float": 1.0, "bool": False}
    arguments = [
        argument
        for argument in operator.overload._schema.arguments  # type: ignore[attr-defined]
        if not argument.has_default_value()
    ]
    kinds = [str(argument.type) for argument in arguments]
    # What takes a name, a group of processes for one, may wait for others.
    if "Tensor" not in kinds or not {*kinds} <= {"Tensor", *simple}:
        return
    for shape in ((4, 64), (64,)):
        tensor = torch.ones(shape, device=device_of(bench.platform))
        yield (
            (),
            {
                argument.name: tensor if kind == "Tensor" else simple[kind]
                for argument, kind in zip(arguments, kinds, strict=True)
            },
        )


def _shape_of(positional: tuple[object, ...], named: dict[str, object]) -> str:
    torch = import_module("torch")

    def told(value: object) -> str:
        if isinstance(value, torch.Tensor):
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        return shown(value, 100)

    words = [told(item) for item in positional]
    words += [f"{key}={told(item)}" for key, item in sorted(named.items())]
    return f"({', '.join(words)})"


EXAMINATIONS: dict[str, Examination] = {"operator.schema": schema, "operator.fake": fake}
