"""What the plugin does to a host, and what of the plugin is reached."""

import pytest

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.entities import Instance, Missing, Unknown
from hwcheck.model.finding import Reach
from hwcheck.model.plugin import EntryPoint, Group

POINT = EntryPoint(group=Group.PLATFORM, name="x", value="vllm_x:register")


def test_modules_are_reached_from_the_entry_point(make_world):
    """
    Imports, class paths and imports in functions lead on; what a gate closes does not.
    """
    plugin = {
        "vllm_x/__init__.py": "def register():\n    return 'vllm_x.platform.XPlatform'",
        "vllm_x/platform.py": """
            from vllm_x.gates import vllm_version_is
            def f():
                from vllm_x.sub import worker
            if vllm_version_is("0.1.0"):
                import vllm_x.old
        """,
        "vllm_x/sub/__init__.py": "",
        "vllm_x/sub/worker.py": "",
        "vllm_x/gates.py": "",
        "vllm_x/old.py": "",
        "vllm_x/unused.py": "",
    }
    world = make_world(plugin, points=(POINT,))

    assert sorted(world.reached_modules) == [
        "vllm_x",
        "vllm_x.gates",
        "vllm_x.platform",
        "vllm_x.sub",
        "vllm_x.sub.worker",
    ]
    assert world.reach(world.plugin.files["vllm_x.unused"]) == Reach.UNREACHED


def test_everything_is_reached_without_a_platform_entry_point(make_world):
    """
    A plugin that the host names by string is reached as a whole.
    """
    world = make_world({"vllm_x/a.py": ""})

    assert world.reached_modules == {"vllm_x", "vllm_x.a"}


HOST = {
    "vllm/a.py": "class C:\n    kept = 1\ndef f(): ...\nclass Base: ...\n"
    "class Gpu(Base): ...\nclass Other: ..."
}


@pytest.mark.parametrize(
    ("text", "is_stored"),
    [
        ("def f(c: C):\n    c.extra = 1", True),
        ("def f(c):\n    c.extra = 1", True),
        ("C.extra = 1", True),
        ("def f(c: Other):\n    c.extra = 1", False),
        ("import vllm.a\nvllm.a.extra = 1", False),
        ("def f(c: C):\n    del c.extra", False),
    ],
)
def test_stored_attributes_are_known_by_class(make_world, text, is_stored):
    """
    An attribute counts as stored on objects that may be of the class, and not on modules.
    """
    world = make_world(f"from vllm.a import C, Other\n{text}", HOST)

    assert world.is_stored("extra", world.lookup("vllm.a", "C")) == is_stored


def test_places_and_signatures_are_told(make_world):
    """
    Modules, classes and functions have lines; those of the plugin are not the host's.
    """
    world = make_world("class W:\n    def f(self, a, /): ...", HOST)
    own = world.lookup("vllm_x.code", "W")
    method = world.own_member(own, "f").entity
    host = world.lookup("vllm.a", "Gpu")

    assert world.line_of(method).line == 2
    assert world.host_line(own) is None
    assert world.host_line(host).line == 5
    assert world.host_line(Instance(host)).line == 5
    assert world.line_of(world.module("vllm.a")).path == "vllm/a.py"
    assert world.line_of(Unknown()) is None
    assert world.signature_text(method) == "(self, a, /)"
    assert world.class_of(world.plugin.files["vllm_x.code"], "W") is own
    assert repr(world) == "World('vllm-x', '0.26.0')"


@pytest.mark.parametrize(
    ("store", "is_excused"),
    [("    self.extra = 1", True), ("    pass", False)],
    ids=["set", "only-read"],
)
def test_attribute_that_a_function_stored_onto_the_class_sets_is_excused(
    make_world, store, is_excused
):
    """
    What becomes a method and sets an attribute gives it to the others, as the host's would.
    """
    text = f"from vllm.a import C\ndef g(self):\n{store}\n    self.extra\nC.g = g"
    text += "\ndef h(c: C):\n    c.extra = 2"
    new = make_world(text, HOST)
    old = make_world(text, {"vllm/a.py": "class C:\n    extra = 1"})
    step = read(new, "self.extra")

    assert isinstance(step.entity, Missing)
    assert Comparison(plugin=new.plugin, new=new, old=old).excused(step) == is_excused


def read(world, chain="c.extra"):
    """Give the last step of a chain in ``vllm_x.code``."""
    code = world.plugin.files["vllm_x.code"]
    access = next(item for item in code.uses.accesses if item.chain == chain)
    return world.walk(code, access.scope, chain, access.lines[0])[-1]


@pytest.mark.parametrize(("before", "is_excused"), [("pass", True), ("extra = 1", False)])
def test_stored_attribute_is_excused_unless_the_host_had_it(make_world, before, is_excused):
    """
    What the plugin stores itself is no break, unless the old host had stored it.
    """
    text = "from vllm.a import C\ndef f(c: C):\n    c.extra\ndef g(c: C):\n    c.extra = 1"
    new = make_world(text, HOST)
    old = make_world(text, {"vllm/a.py": f"class C:\n    {before}"})
    step = read(new)

    assert isinstance(step.entity, Missing)
    assert Comparison(plugin=new.plugin, new=new, old=old).excused(step) == is_excused
    assert Comparison(plugin=new.plugin, new=new).excused(step)


def test_attribute_that_is_stored_nowhere_is_not_excused(make_world):
    """
    A member that neither the host nor the plugin sets stays missing.
    """
    world = make_world("from vllm.a import C\ndef f(c: C):\n    c.extra", HOST)

    assert not Comparison(plugin=world.plugin, new=world).excused(read(world))


def test_patched_symbols_are_replaced(make_world):
    """
    What the plugin assigns onto the host's modules and classes is replaced, with all in it.
    """
    text = "import vllm.a\nfrom vllm.a import C\nvllm.a.f = 1\nC.kept = 2"
    world = make_world(text, HOST)

    assert world.replaced("vllm.a.f")
    assert world.replaced("vllm.a.C.kept")
    assert not world.replaced("vllm.a.Base")


def test_siblings_of_a_class_named_by_string_are_replaced(make_world):
    """
    Where the host makes the plugin's class by its path, the host's sibling is not made.
    """
    text = "from vllm.a import Base\nPATH = 'vllm_x.code.Own'\nclass Own(Base): ..."
    world = make_world(text, HOST)

    assert world.replaced("vllm.a.Gpu.run")
    assert not world.replaced("vllm.a.Base")
    assert not world.replaced("vllm.a.Other")


@pytest.mark.parametrize("version", ["0.1.0", "0.26.0"])
def test_module_behind_a_false_gate_only_is_dead(make_world, version):
    """
    So is what only that module imports; what is imported elsewhere too is not, nor are scripts.
    """
    plugin = {
        "vllm_x/__init__.py": """
            from vllm_x.gates import vllm_version_is
            if vllm_version_is("0.1.0"):
                import vllm_x.old
            def register(): ...
        """,
        "vllm_x/gates.py": "",
        "vllm_x/old.py": "import vllm_x.inner\nimport vllm_x.shared",
        "vllm_x/inner.py": "",
        "vllm_x/shared.py": "",
        "vllm_x/script.py": "import vllm_x.shared",
    }
    world = make_world(plugin, version=version, points=(POINT,))
    reach = {
        name: world.reach(world.plugin.files[f"vllm_x.{name}"])
        for name in ("old", "inner", "shared", "script")
    }

    if version == "0.1.0":
        assert set(reach.values()) == {Reach.REACHED, Reach.UNREACHED}
        assert reach["script"] == Reach.UNREACHED
    else:
        assert (reach["old"], reach["inner"]) == (None, None)
        assert (reach["shared"], reach["script"]) == (Reach.UNREACHED, Reach.UNREACHED)
