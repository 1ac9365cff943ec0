"""Copies of the platform object."""

import copy
import pickle
from collections.abc import Callable, Iterator
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.verdicts import broken, kept
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]


def pickling(bench: Bench) -> Iterator[ExaminedCase]:
    """Each way to copy the platform gives one of the same class."""
    cloudpickle = import_module("cloudpickle")
    ways: dict[str, Callable[[object], object]] = {
        "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
        "cloudpickle": lambda thing: cloudpickle.loads(cloudpickle.dumps(thing)),
        "copy": copy.copy,
        "deepcopy": copy.deepcopy,
    }
    for name, way in ways.items():
        try:
            copied = way(bench.platform)
        except (TypeError, pickle.PicklingError) as error:
            reason = f"{name} of the platform raises {type(error).__name__}: {error}"
            yield broken(reason, name, place=bench.place_of("__getattr__"))
            continue
        except BaseException as error:
            yield failed(bench, error, f"{name} of the platform", name)
            continue
        if type(copied) is not type(bench.platform):
            yield broken(f"{name} of the platform gives {copied!r}", name)
        else:
            yield kept(name)


EXAMINATIONS: dict[str, Examination] = {"platform.pickling": pickling}
