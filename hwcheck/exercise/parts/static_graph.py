"""The wrapper that captures a part of a model as a static graph."""

from collections.abc import Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed_in_use
from hwcheck.exercise.preparation import Unprepared, answer_of, configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import resolve, source_place

__all__ = ["EXAMINATIONS"]


@prepared
def wrapper(bench: Bench) -> Iterator[ExaminedCase]:
    """Constructed around a function, then called where no graph is to be used."""
    if not answer_of(bench, "support_static_graph_mode"):
        yield not_applicable("support_static_graph_mode() says no")
        return
    cls = _wrapper_class(bench)
    config = configuration(bench)
    modes = import_module("vllm.config").CUDAGraphMode
    for mode in (modes.PIECEWISE, modes.FULL):
        yield _wrapped(bench, cls, config, mode, modes.NONE)


def _wrapper_class(bench: Bench) -> type:
    path = str(answer_of(bench, "get_static_graph_wrapper_cls"))
    if path == base_of("static-graph-wrapper").path:
        raise Unprepared(
            broken(
                "support_static_graph_mode() says yes, and get_static_graph_wrapper_cls() is the "
                "inherited one, which names a protocol without an implementation",
                place=bench.place_of("support_static_graph_mode"),
            )
        )
    try:
        cls = resolve(path)
    except Exception as error:
        raise Unprepared(
            not_measured(f"{path!r} cannot be had", blocked_by="platform.class-path")
        ) from error
    if not isinstance(cls, type):
        raise Unprepared(not_measured(f"{path!r} is no class", blocked_by="platform.class-path"))
    return cls


def _wrapped(bench: Bench, cls: type, config: object, mode: object, none: object) -> ExaminedCase:
    case = str(mode.name).lower()  # type: ignore[attr-defined]
    given: list[tuple[tuple[object, ...], dict[str, object]]] = []

    def runnable(*args: object, **kwargs: object) -> object:
        given.append((args, kwargs))
        return answer

    answer, argument = object(), import_module("torch").ones(2)
    options = import_module("vllm.compilation.cuda_graph").CUDAGraphOptions()
    context = import_module("vllm.forward_context").set_forward_context
    try:
        with current_config(config):
            made = cls(
                runnable=runnable,
                vllm_config=config,
                runtime_mode=mode,
                cudagraph_options=options,
            )
            with context(None, config, num_tokens=2, cudagraph_runtime_mode=none):
                told = made(argument, positions=argument)
    except BaseException as error:
        return failed_in_use(
            bench, error, f"wrapping a function for mode {case}", case, made_of=cls
        )
    place = source_place(cls, bench.attribution)
    if len(given) != 1:
        return broken(f"in mode NONE it runs what it wraps {len(given)} times", case, place=place)
    args, kwargs = given[0]
    passed = len(args) == 1 and args[0] is argument and kwargs.get("positions") is argument
    if not passed or told is not answer:
        what = "hands other arguments on" if not passed else "returns something else"
        return broken(f"in mode NONE it {what}", case, place=place)
    return kept(case)


EXAMINATIONS: dict[str, Examination] = {"graph.wrapper": wrapper}
