"""State that a plugin's own model runner sets before a part of it computes anything."""

from types import ModuleType
from typing import Any

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.platforms.configurations import Shape, made

__all__ = ["may_be_set_by_runner"]


def may_be_set_by_runner(bench: Bench, part: object, error: AttributeError) -> bool:
    """Whether what a part lacks is the plugin's, outside of the part, and a runner may set it.

    It may where the worker is the plugin's, and where it cannot be told whose the worker is.
    """
    thing = error.obj
    if thing is None or isinstance(part, thing if isinstance(thing, type) else type(thing)):
        return False
    return bench.attribution.owns_module(_home_of(thing)) and _may_have_own_worker(bench)


def _home_of(thing: object) -> str:
    if isinstance(thing, ModuleType):
        return thing.__name__
    return (thing if isinstance(thing, type) else type(thing)).__module__


def _may_have_own_worker(bench: Bench) -> bool:
    config: Any = made(Shape(), bench.attribution).config
    if config is None:
        return True
    path = str(config.parallel_config.worker_cls)
    return bench.attribution.owns_module(path.replace(":", ".").rpartition(".")[0])
