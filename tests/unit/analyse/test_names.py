"""Names of modules: who binds them."""

import pytest

from hwcheck.analyse.entities import (
    Absence,
    ClassEntity,
    External,
    FunctionEntity,
    Instance,
    Missing,
    ModuleEntity,
    Unknown,
    Value,
)


def test_name_is_followed_through_re_exports(make_world):
    """
    A name that a package imports is what the importing module defines.
    """
    world = make_world(
        host={"vllm/a/__init__.py": "from .b import C as D", "vllm/a/b.py": "class C: ..."}
    )

    found = world.lookup("vllm.a", "D")

    assert isinstance(found, ClassEntity)
    assert found.symbol == "vllm.a.b.C"


def test_name_that_nothing_binds_is_missing(make_world):
    """
    A name that no statement of a module binds is certainly not there.
    """
    world = make_world(host={"vllm/a.py": "def f(): ..."})

    found = world.lookup("vllm.a", "gone")

    assert isinstance(found, Missing)
    assert (found.absence, found.symbol) == (Absence.NAME, "vllm.a.gone")


def test_module_that_is_gone_names_the_nearest_package(make_world):
    """
    A missing module is missing from the nearest package that is there.
    """
    world = make_world(host={"vllm/a/__init__.py": ""})

    found = world.module("vllm.a.b.c")

    assert isinstance(found, Missing)
    assert isinstance(found.container, ModuleEntity)
    assert found.container.name == "vllm.a"


@pytest.mark.parametrize(
    "text",
    [
        "from torch import *",
        "def __getattr__(name):\n    return make(name)",
        "if flag:\n    gone = 1",
        "try:\n    from torch import gone\nexcept ImportError:\n    gone = None",
        "globals()['gone'] = 1",
        "for gone in range(3):\n    pass",
        "def f():\n    global gone\n    gone = 1",
    ],
)
def test_name_that_may_be_there_is_not_missing(make_world, text):
    """
    Star imports from elsewhere, dynamic modules and conditional bindings make no certainty.
    """
    world = make_world(host={"vllm/a.py": text})

    assert not isinstance(world.lookup("vllm.a", "gone"), Missing)


def test_name_bound_for_type_checkers_only_is_missing_at_run_time(make_world):
    """
    A name under TYPE_CHECKING is missing, in a way of its own, and there for annotations.
    """
    world = make_world(
        host={
            "vllm/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .b import C",  # noqa: E501 - one case, one line
            "vllm/b.py": "class C: ...",
        }
    )

    found = world.lookup("vllm.a", "C")

    assert isinstance(found, Missing)
    assert found.absence == Absence.TYPING_ONLY
    assert isinstance(world.find("vllm.a", "C", typing=True), ClassEntity)


def test_star_import_brings_public_names(make_world):
    """
    A star import from a module that is seen into brings what it exports and nothing else.
    """
    world = make_world(
        host={"vllm/a.py": "from vllm.b import *", "vllm/b.py": "def f(): ...\ndef _g(): ..."}
    )

    assert isinstance(world.lookup("vllm.a", "f"), FunctionEntity)
    assert isinstance(world.lookup("vllm.a", "_g"), Missing)
    assert world.star_names("vllm.b") == {"f"}


def test_submodule_is_a_name_of_its_package(make_world):
    """
    A submodule is found in its package, also when the package imports it from itself.
    """
    world = make_world(host={"vllm/a/__init__.py": "from . import b", "vllm/a/b.py": ""})

    assert isinstance(world.lookup("vllm.a", "b"), ModuleEntity)


def test_compiled_module_has_all_names(make_world):
    """
    What a compiled module has cannot be told.
    """
    world = make_world(compiled=("vllm._C",))

    assert isinstance(world.module("vllm._C"), ModuleEntity)
    assert isinstance(world.lookup("vllm._C", "anything"), Unknown)


def test_handler_counts_only_where_the_import_fails(make_world):
    """
    Of a caught import, the handler's name counts when the import is certain to fail.
    """
    text = """
        try:
            from vllm.a import C
        except ImportError:
            from vllm.b import D as C
    """
    failing = make_world(text, host={"vllm/a.py": "", "vllm/b.py": "class D: ..."})
    working = make_world(text, host={"vllm/a.py": "class C: ...", "vllm/b.py": ""})

    assert failing.lookup("vllm_x.code", "C").symbol == "vllm.b.D"
    assert working.lookup("vllm_x.code", "C").symbol == "vllm.a.C"


def test_failing_import_is_its_own_matter(make_world):
    """
    A name whose import fails is unknown, not missing, where it is used.
    """
    world = make_world("from vllm.a import C", host={"vllm/a.py": ""})

    assert isinstance(world.lookup("vllm_x.code", "C"), Unknown)


def test_value_is_what_its_expression_gives(make_world):
    """
    A name assigned at the top of a module is an instance, an alias or just there.
    """
    host = {"vllm/a.py": "class C: ...\nc = C()\nD = C\nn = unknowable[0]"}
    world = make_world(host=host)

    assert isinstance(world.lookup("vllm.a", "c"), Instance)
    assert isinstance(world.lookup("vllm.a", "D"), ClassEntity)
    assert isinstance(world.lookup("vllm.a", "n"), Value)


def test_other_distributions_are_external(make_world):
    """
    What neither side has is external and can be anything.
    """
    world = make_world("import torch.nn as nn")

    assert world.module("torch.nn") == External("torch.nn")
    assert world.lookup("vllm_x.code", "nn") == External("torch.nn")


@pytest.mark.parametrize("path", ["vllm.a.C.f", "vllm.a:C.f"])
def test_path_leads_to_members(make_world, path):
    """
    A dotted path is imported as far as it is a module, and then followed by attributes.
    """
    world = make_world(host={"vllm/a.py": "class C:\n    def f(self): ..."})

    found = world.resolve_path(path)

    assert isinstance(found, FunctionEntity)
    assert found.symbol == "vllm.a.C.f"


def test_path_of_nothing_is_missing(make_world):
    """
    A path whose module is gone, or whose class is, is missing.
    """
    world = make_world(host={"vllm/a.py": ""})

    assert world.resolve_path("vllm.b.C").symbol == "vllm.b"
    assert world.resolve_path("vllm.a.C").symbol == "vllm.a.C"


def test_environment_variables_are_names_of_their_module(make_world):
    """
    The keys of the table that a module's ``__getattr__`` looks in are there, and no others.
    """
    text = """
        variables = {"VLLM_A": lambda: 1}
        def __getattr__(name):
            if name in variables:
                return variables[name]()
            raise AttributeError(name)
    """
    world = make_world(host={"vllm/envs.py": text})

    assert isinstance(world.lookup("vllm.envs", "VLLM_A"), Value)
    assert isinstance(world.lookup("vllm.envs", "VLLM_B"), Missing)
