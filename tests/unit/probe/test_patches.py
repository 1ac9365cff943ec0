"""Tests of the inventory of patches, with modules in the place of vLLM's."""

import sys
from types import ModuleType

import pytest

from hwcheck.model.patch import Original, PatchKind
from hwcheck.probe.line_watch import LineWatch
from hwcheck.probe.patches import PatchWatch

HOST = """
    LIMIT = 1

    def area(width, height=1):
        return width * height

    class Engine:
        @classmethod
        def make(cls, kind):
            return cls()

        def run(self, steps):
            return steps

    def vLLM_itself(value):
        global LIMIT
        LIMIT = value
"""


@pytest.fixture
def host(write, monkeypatch):
    """A module of vLLM's, which is what plugins patch."""
    write({"vllm/__init__.py": "", "vllm/engine.py": HOST})
    for name in [name for name in sys.modules if name.partition(".")[0] == "vllm"]:
        monkeypatch.delitem(sys.modules, name)
    from vllm import engine

    return engine


@pytest.fixture
def patches(host, module, attribution):
    """Run the plugin's ``register`` as often as wanted, and tell the patches."""

    def run(source, times=1, *, again=False):
        acme = module(
            "acme", f"import vllm.engine as engine\nfrom vllm.engine import Engine\n{source}"
        )
        watch = PatchWatch(attribution)
        lines = LineWatch(attribution=attribution, before=watch.before, after=watch.after)
        for _ in range(times):
            watch.begin("call acme")
            lines.watching(acme.register)
            watch.end()
        return watch.inventory(again=again).patches

    return run


def test_patch_names_its_line_and_keeps_the_original(patches):
    """
    A wrapper is told with what it replaces, where, and that it leads to the original.
    """
    (patch,) = patches(
        """
def register():
    before = Engine.run
    def wrapper(self, steps):
        return before(self, steps)
    Engine.run = wrapper
"""
    )

    assert patch.target == "vllm.engine.Engine.run"
    assert (patch.kind, patch.original) == (PatchKind.FUNCTION, Original.KEPT)
    assert (patch.before, patch.after) == (
        "vllm.engine.Engine.run",
        "acme.register.<locals>.wrapper",
    )
    assert (patch.place.file, patch.place.line) == ("acme.py", 8)
    assert (patch.refused, patch.collision, patch.wrapped_again) == (None, None, False)


KEPT_AND_LOST = {
    "global": ("_area = engine.area\ndef new(width, height=1): return _area(width)", Original.KEPT),
    "dictionary": (
        "old = {'area': engine.area}\ndef new(width, height=1): return old['area'](width)",
        Original.KEPT,
    ),
    "wraps": (
        "import functools\n@functools.wraps(engine.area)\ndef new(width, height=1): return 0",
        Original.KEPT,
    ),
    "partial": (
        """
import functools
def with_it(function, width, height=1): return function(width)
new = functools.partial(with_it, engine.area)""",
        Original.KEPT,
    ),
    "nothing": ("def new(width, height=1): return 0", Original.LOST),
    "written in C": ("new = max", Original.UNKNOWN),
    "by name": ("def new(width, height=1): return globals()['x' + 'y']", Original.UNKNOWN),
}


@pytest.mark.parametrize("case", KEPT_AND_LOST)
def test_fate_of_the_original(patches, case):
    """
    What the replacement's code refers to decides, and where that cannot be seen it is unknown.
    """
    code, fate = KEPT_AND_LOST[case]

    (patch,) = patches(f"{code}\ndef register():\n    engine.area = new\n")

    assert (patch.target, patch.original) == ("vllm.engine.area", fate)


WAYS = {
    "setattr": "setattr(engine, 'area', new)",
    "a name that is put together": "setattr(engine, 'ar' + 'ea', new)",
    "dictionary": "engine.__dict__['area'] = new",
    "update": "vars(engine).update(area=new)",
}


@pytest.mark.parametrize("way", WAYS)
def test_patch_is_found_however_it_is_set(patches, way):
    """
    What no line is seen to do is found because the plugin defines it.
    """
    (patch,) = patches(f"def new(width, height=1): return 0\ndef register():\n    {WAYS[way]}\n")

    assert (patch.target, patch.after) == ("vllm.engine.area", "acme.new")
    assert patch.place.file == "acme.py"


def test_values_are_charged_only_to_the_line_that_sets_them(patches):
    """
    What vLLM changes by itself while the plugin calls it is no patch.
    """
    assert patches("def register():\n    engine.vLLM_itself(5)\n") == ()

    (patch,) = patches("def register():\n    engine.LIMIT = 7\n")

    assert (patch.target, patch.kind, patch.before, patch.after) == (
        "vllm.engine.LIMIT",
        PatchKind.VALUE,
        "5",
        "7",
    )
    assert patch.original is None


def test_new_and_removed_attributes(patches):
    """
    What was not there before is new, and what is gone is told as well.
    """
    seen = patches("def register():\n    engine.extra = 1\n    del engine.LIMIT\n")

    assert [(patch.target, patch.kind, patch.before) for patch in seen] == [
        ("vllm.engine.LIMIT", PatchKind.REMOVED, "1"),
        ("vllm.engine.extra", PatchKind.VALUE, None),
    ]


def test_patch_that_is_taken_back_is_none(patches):
    """
    Only what is in place at the end counts.
    """
    code = "    old = engine.area\n    engine.area = len\n    engine.area = old\n"

    assert patches(f"def register():\n{code}") == ()


def test_classes_of_the_plugin_are_its_own(patches):
    """
    The plugin may change its own subclasses as it likes.
    """
    assert patches("class Own(Engine): pass\ndef register():\n    Own.run = len\n") == ()


def test_second_patch_that_does_not_call_the_first(patches):
    """
    The first has no effect any more; a chain of two is fine.
    """
    first = "def first(width, height=1): return 0\n"
    lost = "def second(width, height=1): return 0\n"
    chain = "def second(width, height=1): return first(width)\n"
    register = "def register():\n    engine.area = first\n    engine.area = second\n"

    (patch,) = patches(first + lost + register)
    (chained,) = patches(first + chain + register)

    assert patch.collision == "acme.first of acme.py:6"
    assert chained.collision is None


def test_wrapper_around_its_own_kind(patches):
    """
    A plugin that patches again each time that it is called is told; one that looks is not.
    """
    wrap = (
        "def wrapper(old):\n    def new(width, height=1): return old(width)\n    return new\n"
        "saved = engine.area\n"
    )

    (patch,) = patches(wrap + "def register(): engine.area = wrapper(engine.area)\n", 2, again=True)
    anew = patches(wrap + "def register(): engine.area = wrapper(saved)\n", 2, again=True)

    assert patch.wrapped_again
    assert anew == ()


def test_replacement_that_refuses_a_call(patches):
    """
    How it is bound counts as well as what it takes.
    """
    seen = patches(
        """
def make(cls, kind): return cls()
def run(self): return 0
def register():
    Engine.make = make
    Engine.run = run
"""
    )

    assert [patch.refused for patch in seen] == [
        "a call on the class: it is a plain method",
        "'steps' as argument 1",
    ]


HOSTILE = """
class Meta(type):
    def __getattribute__(cls, name): raise SystemError
    def __eq__(cls, other): raise SystemError
    __hash__ = type.__hash__
class Worst(metaclass=Meta):
    def __getattr__(self, name): raise SystemExit
    def __eq__(self, other): raise SystemExit
    def __bool__(self): raise SystemExit
    def __repr__(self): raise SystemExit
    def __call__(self): raise SystemExit
    __hash__ = object.__hash__
class Name(str):
    def __eq__(self, other): raise SystemExit
    def __hash__(self): return 12345
"""


def test_hostile_objects_are_told_like_any_other(patches):
    """
    Objects that raise whatever is asked of them can be put anywhere.
    """
    seen = patches(
        HOSTILE + "def register():\n    engine.area = Worst()\n    engine.Engine = Worst\n"
    )

    assert [patch.kind for patch in seen] == [PatchKind.CLASS, PatchKind.VALUE]


def test_hostile_names_keep_nothing_else_from_being_seen(patches):
    """
    Keys that are no proper text, by the thousand, are passed over.
    """
    seen = patches(
        HOSTILE
        + """
def new(self, steps): pass
def register():
    engine.__dict__[Name('a')] = 1
    engine.__dict__.update((str(n), n) for n in range(50000))
    Engine.run = new
"""
    )

    assert "vllm.engine.Engine.run" in [patch.target for patch in seen]


def test_modules_that_are_no_modules(patches, monkeypatch):
    """
    Anything can stand in `sys.modules`, and a module may hold any number of things.
    """

    class Strange:
        def __getattribute__(self, name):
            raise SystemExit

    huge = ModuleType("vllm.huge")
    vars(huge).update((str(number), number) for number in range(30_000))
    with monkeypatch.context() as changed:
        changed.setitem(sys.modules, "vllm.strange", Strange())
        changed.setitem(sys.modules, "vllm.huge", huge)
        (patch,) = patches("def register():\n    engine.LIMIT = 7\n")

    assert patch.target == "vllm.engine.LIMIT"
