"""Conditions, answered for one host."""

import pytest

from hwcheck.analyse.entities import ClassEntity, Missing
from hwcheck.model.finding import Reach


def reach_of(world, chain="vllm.a.x"):
    """Tell how the read of a chain in ``vllm_x.code`` is reached."""
    code = world.plugin.files["vllm_x.code"]
    access = next(item for item in code.uses.accesses if item.chain == chain)
    return world.reach(code, access.scope, access.guard)


def both(make_world, text):
    """Tell how it is reached on 0.25.1 and on 0.26.0."""
    host = {"vllm/a.py": "x = 1"}
    return tuple(
        reach_of(make_world(text, host, version=version)) for version in ("0.25.1", "0.26.0")
    )


OLD_ONLY = (Reach.REACHED, None)
NEW_ONLY = (None, Reach.REACHED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if vllm_version_is('0.25.1'):\n    vllm.a.x", OLD_ONLY),
        ("if not vllm_version_is('0.25.1'):\n    vllm.a.x", NEW_ONLY),
        ("if vllm_version_is('0.25.1'):\n    pass\nelse:\n    vllm.a.x", NEW_ONLY),
        ("if vllm_version_is('0.25.1') or vllm_version_is('0.25.0'):\n    vllm.a.x", OLD_ONLY),
        ("if vllm_version_is('0.26.0') and other():\n    vllm.a.x", NEW_ONLY),
        ("if vllm.__version__ >= '0.26.0':\n    vllm.a.x", NEW_ONLY),
        (
            "from packaging.version import Version\nif Version(vllm.__version__) < Version('0.26'):\n    vllm.a.x",  # noqa: E501 - one case, one line
            OLD_ONLY,
        ),
        ("def f():\n    if vllm_version_is('0.25.1'):\n        return\n    vllm.a.x", NEW_ONLY),
        ("OLD = vllm_version_is('0.25.1')\nif OLD:\n    vllm.a.x", OLD_ONLY),
        ("y = vllm.a.x if vllm_version_is('0.25.1') else 1", OLD_ONLY),
        ("vllm_version_is('0.25.1') and vllm.a.x", OLD_ONLY),
        ("def old():\n    return vllm_version_is('0.25.1')\nif old():\n    vllm.a.x", OLD_ONLY),
        ("x = hasattr(vllm.a, 'x')\nif x:\n    vllm.a.x", (Reach.REACHED, Reach.REACHED)),
        (
            "try:\n    from vllm.a import gone\nexcept ImportError:\n    gone = None\nif gone is not None:\n    vllm.a.x",  # noqa: E501 - one case, one line
            (None, None),
        ),
        ("from vllm.a import x\nif x is not None:\n    vllm.a.x", (Reach.REACHED,) * 2),
        ("if hasattr(odd, 'x'):\n    vllm.a.x", (Reach.REACHED,) * 2),
        ("if vllm.__version__ >= 'what':\n    vllm.a.x", (Reach.REACHED,) * 2),
        ("import torch\nif torch.__version__ >= '0.26.0':\n    vllm.a.x", (Reach.REACHED,) * 2),
        ("if other():\n    vllm.a.x", (Reach.REACHED, Reach.REACHED)),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    vllm.a.x", (Reach.TYPING,) * 2),
        ("try:\n    vllm.a.x\nexcept AttributeError:\n    pass", (Reach.TRIED,) * 2),
        ("if hasattr(vllm.a, 'gone'):\n    vllm.a.x", (None, None)),
        ("if hasattr(vllm.a, 'x'):\n    vllm.a.x", (Reach.REACHED, Reach.REACHED)),
    ],
)
def test_reach_follows_the_gates(make_world, text, expected):
    """
    Code under a gate runs on the releases that the gate names, and on no others.
    """
    text = f"import vllm.a\nfrom vllm_x.gates import vllm_version_is, other\n{text}\n"

    assert both(make_world, text) == expected


def test_flag_of_another_module_is_a_gate(make_world):
    """
    A flag assigned from a gate counts where it is imported.
    """
    plugin = {
        "vllm_x/flags.py": "from vllm_x.gates import vllm_version_is\nOLD = vllm_version_is('0.25.1')",  # noqa: E501 - one case, one line
        "vllm_x/code.py": "import vllm.a\nfrom vllm_x.flags import OLD\nif OLD:\n    vllm.a.x",
    }

    assert both(make_world, plugin) == OLD_ONLY


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("runs_on_version_is", "0.25.1", OLD_ONLY),
        ("version_ge", "0.26.0", NEW_ONLY),
        ("version_at_most", "0.25.1", OLD_ONLY),
        ("version_gt", "0.25.1", NEW_ONLY),
        ("version_lt", "0.26.0", OLD_ONLY),
        ("version_of", "0.26.0", (Reach.REACHED, Reach.REACHED)),
        ("other", "0.26.0", (Reach.REACHED, Reach.REACHED)),
    ],
)
def test_gate_of_the_plugin_is_known_by_its_name(make_world, name, value, expected):
    """
    A function of the plugin whose body does not tell compares as its name says.
    """
    plugin = {
        "vllm_x/own.py": f"def {name}(wanted):\n    return wanted in VERSIONS",
        "vllm_x/code.py": f"import vllm.a\nfrom vllm_x.own import {name}\n"
        f"if {name}({value!r}):\n    vllm.a.x",
    }

    assert both(make_world, plugin) == expected


def test_gate_ignores_local_parts_of_the_version(make_world):
    """
    A build of a release is that release.
    """
    text = "import vllm.a\nif vllm_version_is('0.26.0'):\n    vllm.a.x"
    world = make_world(text, {"vllm/a.py": "x = 1"}, version="0.26.0+cpu")

    assert reach_of(world) == Reach.REACHED


def test_gated_class_is_the_one_of_the_host(make_world):
    """
    Of two definitions under a gate, the one counts that runs on this host.
    """
    text = """
        from vllm_x.gates import vllm_version_is
        if vllm_version_is('0.25.1'):
            class C:
                old = 1
        else:
            class C:
                new = 1
    """
    world = make_world(text)

    found = world.lookup("vllm_x.code", "C")

    assert isinstance(found, ClassEntity)
    assert not isinstance(world.member(found, "new", instance=False), Missing)
    assert isinstance(world.member(found, "old", instance=False), Missing)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("'pool' in inspect.signature(C.capture).parameters", Reach.REACHED),
        ("'pool' not in inspect.signature(C.capture).parameters", None),
        ("'gone' in signature(C.capture).parameters", None),
        ("'size' in inspect.signature(C).parameters", Reach.REACHED),
        ("'pool' in inspect.signature(C.wrapped).parameters", Reach.REACHED),
        ("'pool' in inspect.signature(C.unknown).parameters", Reach.REACHED),
    ],
    ids=["there", "not-in", "gone", "class", "wrapped", "unknown"],
)
def test_parameter_that_is_asked_for_is_a_gate(make_world, asked, expected):
    """
    What a signature is asked for is answered with the host's; decorators leave it open.
    """
    host = {
        "vllm/a.py": """
            x = 1
            class C:
                def __init__(self, size): ...
                def capture(self, pool): ...
                @wrapping
                def wrapped(self): ...
        """
    }
    text = f"""
        import inspect
        from inspect import signature
        import vllm.a
        from vllm.a import C
        FLAG = {asked}
        def f():
            if FLAG:
                vllm.a.x
    """

    assert reach_of(make_world(text, host)) == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("self.new = vllm_version_is('0.1')", None),
        (
            "self.new = f()\n        if self.new and vllm_version_is('0.26.0'): self.new = False",
            1,
        ),
        ("self.new = False\n    def start(self):\n        self.new = True", 1),
        ("self.new = False", 1),
    ],
    ids=["gate", "conditional", "elsewhere", "constant"],
)
def test_flag_of_an_object_is_only_what_a_gate_says(make_world, setting, expected):
    """
    A constant that one method gives an attribute does not make code dead that asks for it.
    """
    text = (
        f"import vllm.a\nclass A:\n    def __init__(self):\n        {setting}\n"
        "    def f(self):\n        if self.new:\n            vllm.a.x\n"
    )
    world = make_world(text, {"vllm/a.py": "x = 1"})

    assert reach_of(world) == (Reach.REACHED if expected else None)
