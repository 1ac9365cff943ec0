"""The calls of a module grouped by name, so that those of a few names are read without the rest."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from hwcheck.codec import pack, unpack
from hwcheck.hosts.host_facts import LocatedCall
from hwcheck.model.facts import Calls, CallSite

__all__ = ["CalledName", "ModuleCalls", "calls_among", "group_calls", "is_class_variable"]

#: What variables that hold a class are called.
_CLASS_VARIABLE = re.compile(r"(?i)(?:.*_)?(?:cls|klass|clazz|class|type|ctor|impl|factory)_?")


class CalledName(NamedTuple):
    """The calls of one name in one module."""

    name: str
    step: int
    """From the first line of the name before, so that moved code changes one number."""
    sites: bytes
    """The lines and calls, packed by themselves."""


class ModuleCalls(NamedTuple):
    """The calls of one module."""

    names: tuple[CalledName, ...] = ()
    """In the order of their first calls."""


class _Sites(NamedTuple):
    steps: tuple[int, ...]
    """Lines since the call before."""
    calls: tuple[CallSite, ...]


def group_calls(calls: Calls, kept: Collection[str] | None = None) -> ModuleCalls:
    """Group the calls of a module by name, in the order of the first calls.

    With `kept`, other names are left out, but for variables that seem to hold a class.
    """
    groups: dict[str, list[tuple[int, CallSite]]] = {}
    line = 0
    for site in calls.sites:
        line += site.step
        if kept is None or site.name in kept or is_class_variable(site.name):
            groups.setdefault(site.name, []).append((line, site._replace(step=0)))
    return ModuleCalls(tuple(_named_groups(groups)))


def is_class_variable(name: str) -> bool:
    """Whether a name looks like a variable that holds a class: ``cls``, ``backend_class``."""
    return _CLASS_VARIABLE.fullmatch(name) is not None


def calls_among(
    calls: ModuleCalls, wanted: Collection[str], module: str, path: str
) -> Iterator[LocatedCall]:
    """Read the calls of some names, by name."""
    line = 0
    for name, step, packed in calls.names:
        line += step
        if name in wanted:
            here = line
            for further, site in zip(*unpack(packed, _Sites, module), strict=True):
                here += further
                yield LocatedCall(module, path, here, site)


def _named_groups(groups: dict[str, list[tuple[int, CallSite]]]) -> Iterator[CalledName]:
    before = 0
    for name, found in groups.items():
        lines = [line for line, _ in found]
        steps = [here - last for last, here in zip([lines[0], *lines], lines, strict=False)]
        sites = pack(_Sites(tuple(steps), tuple(site for _, site in found)))
        yield CalledName(name, lines[0] - before, sites)
        before = lines[0]
