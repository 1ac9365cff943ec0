"""The cases of parametrised contracts: one for each entry point, member or file of the target.

They come from metadata and from tables, never from an observation, so that all pytest-xdist
workers collect the same ones.
"""

from collections.abc import Callable, Sequence

import pytest

from hwcheck.discover.requirements import requirement_names
from hwcheck.hosts.members import Tier
from hwcheck.model.plugin import Group
from hwcheck.observe.observe import getters_of
from hwcheck.pytest_plugin.target import Target, session_target
from hwcheck.pytest_plugin.verdicts import not_applicable

__all__ = ["CASES", "NEEDED_BY_WORKERS", "NO_CASE", "pytest_generate_tests", "pytest_runtest_setup"]

#: The id of the case that stands for an empty set.
NO_CASE = "-"

#: Members whose inherited form only raises, and vLLM's workers that call them.
NEEDED_BY_WORKERS = {
    "manual_seed_all": (
        "vllm.v1.worker.gpu_worker.Worker",
        "vllm.v1.worker.cpu_worker.CPUWorker",
        "vllm.v1.worker.xpu_worker.XPUWorker",
    ),
}

_CALLABLE_KINDS = frozenset({"method", "classmethod", "staticmethod"})
_UNCHECKED = frozenset({Tier.DEAD, Tier.INTERNAL})


def _platform_points(target: Target) -> Sequence[str]:
    return [point.name for point in target.plugin.of_group(Group.PLATFORM)]


def _general_points(target: Target) -> Sequence[str]:
    return [point.name for point in target.plugin.of_group(Group.GENERAL)]


def _points(target: Target) -> Sequence[str]:
    return [*_platform_points(target), *_general_points(target)]


def _members(target: Target) -> Sequence[str]:
    return [member.name for member in target.members if member.tier not in _UNCHECKED]


def _methods(target: Target) -> Sequence[str]:
    return [
        member.name
        for member in target.members
        if member.tier not in _UNCHECKED and member.kind in _CALLABLE_KINDS
    ]


def _required_overrides(target: Target) -> Sequence[str]:
    return [
        member.name
        for member in target.members
        if member.must_override or member.name in NEEDED_BY_WORKERS
    ]


def _getters(target: Target) -> Sequence[str]:
    return getters_of(target.members)


def _classes(target: Target) -> Sequence[str]:
    parts = ("get_attn_backend_cls.get_impl_cls", "get_attn_backend_cls.get_builder_cls")
    return [*_getters(target), *parts]


def _requirements(target: Target) -> Sequence[str]:
    return requirement_names(target.plugin)


def _compiled(target: Target) -> Sequence[str]:
    return target.files.compiled


#: The name of the argument, how its values are found, and what it means that there are none.
CASES: dict[str, tuple[Callable[[Target], Sequence[str]], str]] = {
    "platform_point": (_platform_points, "the plugin declares no platform entry point"),
    "general_point": (_general_points, "the plugin declares no general entry point"),
    "point": (_points, "the plugin declares no entry point"),
    "member_name": (_members, "this host's members are not known"),
    "method_name": (_methods, "this host's members are not known"),
    "override_name": (_required_overrides, "this host's members are not known"),
    "getter": (_getters, "this host's members are not known"),
    "class_case": (_classes, "this host's members are not known"),
    "requirement_name": (_requirements, "the plugin declares no requirements besides vLLM"),
    "compiled_file": (_compiled, "the plugin has no compiled files"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that names one of `CASES` a case for each value."""
    for name in metafunc.fixturenames:
        if name in CASES and metafunc.definition.get_closest_marker("parametrize") is None:
            values = list(CASES[name][0](session_target(metafunc.config)))
            if values:
                metafunc.parametrize(name, values, ids=values)
            else:
                # An empty set would be skipped without a reason that anybody could act on.
                metafunc.parametrize(name, [None], ids=[NO_CASE])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """End a case that stands for an empty set."""
    callspec = getattr(item, "callspec", None)
    for name, value in callspec.params.items() if callspec is not None else ():
        if value is None and name in CASES:
            not_applicable(CASES[name][1])
