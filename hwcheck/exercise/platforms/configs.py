"""What a platform does to the configurations that users ask for."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module

from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.counterexample import Counterexample
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.attention_question import plain_backend
from hwcheck.exercise.platforms.block_sizes import LayersOf, resolved_block_size
from hwcheck.exercise.platforms.config_snapshot import Difference, differences, snapshot
from hwcheck.exercise.platforms.configurations import Made, Shape, made, shapes_of
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Place

__all__ = ["EXAMINATIONS"]

_CHECK = "check_and_update_config"
_DEFAULTS = "apply_config_platform_defaults"
_REFUSAL = "platform.config-refusal"
_USERS_WORKER = "vllm.v1.worker.worker_base.WorkerBase"
_MOST_TOLD = 5


def config_refusal(bench: Bench) -> Iterator[ExaminedCase]:
    """No shape ends in an exception that is no refusal."""
    absent: list[str] = []

    def check(shape: Shape) -> str | None:
        result = made(shape, bench.attribution)
        if result.absence:
            absent.append(result.absence)
        if result.crash is None:
            return None
        crashes.append(result)
        return f"raises {result.crash.type}: {result.crash.message}"

    crashes: list[Made] = []
    found = bench.counterexample(check, _shapes(bench), examples=60)
    if found is not None:
        crash = crashes[-1].crash
        yield broken(
            f"{_CHECK}() {found.fault}",
            example=found.text,
            place=crash.place if crash else None,
        )
    elif absent:
        yield not_measured(f"building a configuration: {absent[0]}", needs_device=True)
    else:
        yield kept()


def config_idempotent(bench: Bench) -> Iterator[ExaminedCase]:
    """A second call changes nothing, neither at once nor after the worker was loaded."""
    if (missing := _unmade(bench)) is not None:
        yield missing
        return
    again = bench.counterexample(
        lambda shape: _again(bench, shape, _CHECK), _shapes(bench), examples=30
    )
    yield _told(bench, again, "again", _CHECK)
    if (backend := plain_backend(bench.platform)) is None:
        yield not_applicable("the platform names no attention backend for a plain layer", "running")
        return

    def while_running(shape: Shape) -> str | None:
        def loaded(config: object) -> None:
            resolved_block_size(bench.platform, config, LayersOf(backend))
            config.cache_config.num_gpu_blocks = 64  # type: ignore[attr-defined]

        return _again(bench, shape, _CHECK, loaded)

    running = bench.counterexample(while_running, _shapes(bench), examples=15)
    yield _told(bench, running, "running", _CHECK)


def defaults_idempotent(bench: Bench) -> Iterator[ExaminedCase]:
    """The defaults applied to a finished configuration change nothing; parsers come and go."""
    yield _parsers(bench)
    if not hasattr(type(bench.platform), _DEFAULTS):
        yield not_applicable(f"this vLLM has no {_DEFAULTS}()", "defaults")
    elif (missing := _unmade(bench, "defaults")) is not None:
        yield missing
    else:
        found = bench.counterexample(
            lambda shape: _again(bench, shape, _DEFAULTS), _shapes(bench), examples=20
        )
        yield _told(bench, found, "defaults", _DEFAULTS)


def config_keeps_user(bench: Bench) -> Iterator[ExaminedCase]:
    """A worker class that the user named stays."""
    if (missing := _unmade(bench)) is not None:
        yield missing
        return

    def check(shape: Shape) -> str | None:
        result = made(shape, bench.attribution)
        if result.config is None:
            return None
        worker = result.config.parallel_config.worker_cls  # type: ignore[attr-defined]
        if worker == _USERS_WORKER:
            return None
        return f"the user's worker_cls {_USERS_WORKER!r} becomes {worker!r}"

    shapes = _shapes(bench).map(lambda shape: replace(shape, worker=_USERS_WORKER))
    yield _told(bench, bench.counterexample(check, shapes, examples=15), "", _CHECK)


def config_picklable(bench: Bench) -> Iterator[ExaminedCase]:
    """The configuration survives the way to another process."""
    if (missing := _unmade(bench)) is not None:
        yield missing
        return
    tools = {"pickle": pickle, "cloudpickle": import_module("cloudpickle")}
    for name, tool in tools.items():

        def check(shape: Shape, tool: object = tool) -> str | None:
            config = made(shape, bench.attribution).config
            if config is None:
                return None
            try:
                copied = tool.loads(tool.dumps(config))  # type: ignore[attr-defined]
            except Exception as error:
                return f"after {_CHECK}(): {type(error).__name__}: {error}"
            if copied.parallel_config.worker_cls != config.parallel_config.worker_cls:  # type: ignore[attr-defined]
                return "worker_cls does not survive the copy"
            return None

        yield _told(bench, bench.counterexample(check, _shapes(bench), examples=12), name, _CHECK)


def _shapes(bench: Bench) -> SearchStrategy[Shape]:
    return shapes_of(bench.host_version)


def _unmade(bench: Bench, name: str = "") -> ExaminedCase | None:
    result = made(Shape(), bench.attribution)
    if result.config is not None:
        return None
    if result.crash is not None:
        return not_measured("no configuration can be made", name, blocked_by=_REFUSAL)
    if result.absence is not None:
        return not_measured(result.absence, name, needs_device=True)
    return not_measured(f"it refuses hwcheck's tiny Llama: {result.refusal}", name)


def _again(
    bench: Bench,
    shape: Shape,
    hook: str,
    between: Callable[[object], None] = lambda config: None,
) -> str | None:
    """Call a hook once more; say what changed and stays so when vLLM goes through all again."""
    config, other = (made(shape, bench.attribution).config for _ in range(2))
    if config is None or other is None:
        return None
    between(config)
    before = snapshot(config)
    getattr(bench.platform, hook)(config)
    changed = differences(before, snapshot(config))
    if not changed:
        return None
    # What the rest of vLLM's own second pass would set right does no harm.
    between(other)
    before = snapshot(other)
    other.__post_init__()  # type: ignore[attr-defined]
    lasting = {item.path for item in differences(before, snapshot(other))}
    return _changes([item for item in changed if item.path in lasting], hook)


def _changes(changed: list[Difference], hook: str) -> str | None:
    if not changed:
        return None
    told = "; ".join(item.text for item in changed[:_MOST_TOLD])
    return f"a second {hook}() on its own result changes {told}"


def _told(
    bench: Bench, found: Counterexample[Shape] | None, name: str, member: str
) -> ExaminedCase:
    if found is None:
        return kept(name)
    if not found.in_plugin:
        return not_measured(f"vLLM itself {found.fault} for {found.text}", name)
    place: Place | None = found.place or bench.place_of(member)
    return broken(found.fault, name, example=found.text, place=place)


def _parsers(bench: Bench) -> ExaminedCase:
    try:
        arguments = import_module("vllm.engine.arg_utils").EngineArgs
        parser = _parser_class()
        given = [None, *(arguments.add_cli_args(parser()) for _ in range(2)), parser(), None]
    except (ImportError, AttributeError) as error:
        return not_measured(f"no parser of vLLM's can be made: {error}", "parsers")
    for number, item in enumerate(given, 1):
        told = "no parser" if item is None else "a parser"
        try:
            bench.platform.pre_register_and_update(*([] if item is None else [item]))  # type: ignore[attr-defined]
        except BaseException as error:
            return failed(
                bench, error, f"call {number} of pre_register_and_update(), with {told},", "parsers"
            )
    return kept("parsers")


def _parser_class() -> Callable[[], object]:
    for module in ("vllm.utils.argparse_utils", "vllm.utils"):
        try:
            cls: Callable[[], object] = import_module(module).FlexibleArgumentParser
        except (ImportError, AttributeError):
            continue
        return cls
    raise ImportError("this vLLM has no FlexibleArgumentParser where it is looked for")


EXAMINATIONS: dict[str, Examination] = {
    "platform.config-refusal": config_refusal,
    "platform.config-idempotent": config_idempotent,
    "platform.config-keeps-user": config_keeps_user,
    "platform.config-picklable": config_picklable,
    "platform.defaults-idempotent": defaults_idempotent,
}
