"""How vLLM gets hold of the plugin's classes: seen through HW306."""

import pytest

HOST = {
    "vllm/base.py": (
        "class Base:\n    def __init__(self, group, device=None, extra=0): ...\n\n\n"
        "def register(name, cls): ...\n\n\n"
        "def registered(name):\n    return lambda cls: cls\n\n\n"
        "class Holder:\n    base_cls = Base\n"
    ),
    "vllm/maker.py": (
        "def make(base_cls, group):\n    return base_cls(group=group, device=1, extra=2)\n"
    ),
}
MINE = "class Mine(Base):\n    def __init__(self, group, device=None): ...\n"
START = "from vllm.base import Base, Holder, register, registered\n\n\n"


@pytest.mark.parametrize(
    "code",
    [
        MINE + "\n\ndef get_cls():\n    return Mine\n",
        MINE + "\n\nregister('x', Mine)\n",
        MINE + "\n\nHolder.base_cls = Mine\n",
        MINE + "\n\nPATH = 'acme.Mine'\n",
        "@registered('x')\n" + MINE,
    ],
    ids=["returned", "passed", "stored", "named", "decorated"],
)
def test_class_that_vllm_gets_is_held_against_its_makers(find, code):
    """
    HW306: in each way of handing a class over.
    """
    (finding,) = find("HW306", START + code, HOST)

    assert (finding.detail, finding.subject) == ("extra", "acme.Mine.__init__")


@pytest.mark.parametrize(
    "code",
    [
        MINE,
        MINE + "\n\ndef get_cls(self):\n    return self.Mine, other.Mine\n",
        MINE + "\n\nprint(Mine, Unknown)\n",
        "if vllm_version_is('0.1.0'):\n    register('x', Base)\n" + MINE,
    ],
    ids=["kept", "others", "not-passed-to-vllm", "dead"],
)
def test_class_that_vllm_does_not_get_is_left_alone(find, code):
    """
    HW306: nothing of it reaches vLLM.
    """
    assert find("HW306", START + code, HOST) == []


def test_constructor_of_a_base_of_the_plugin_is_named(find):
    """
    HW306: the finding stands where the constructor is.
    """
    code = MINE + "\n\nclass More(Mine):\n    x = 1\n\n\nPATH = 'acme.More'\n"

    (finding,) = find("HW306", START + code, HOST)

    assert (finding.subject, finding.where.line) == ("acme.Mine.__init__", 5)


def test_caller_that_the_plugin_replaces_makes_it_a_warning(find):
    """
    HW306: what is replaced makes no objects.
    """
    code = "import vllm.maker\n" + MINE + "\n\nPATH = 'acme.Mine'\n"
    code += "def other(base_cls, group): ...\n\n\nvllm.maker.make = other\n"

    (finding,) = find("HW306", START + code, HOST)

    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "code",
    [
        "    def from_config(cls, raw):\n        return cls(group=raw, extra=1)\n",
        "    @classmethod\n    def other(cls, raw): ...\n",
    ],
    ids=["no-class-method", "no-call"],
)
def test_call_named_cls_elsewhere_makes_something_else(find, code):
    """
    HW306: ``cls`` of a plain method or of another class.
    """
    base = "class Base:\n    def __init__(self, group, extra=0): ...\n" + code
    other = "\n\nclass Far:\n    @classmethod\n    def f(cls):\n        return cls(1, extra=2)\n"
    plugin = "from vllm.base import Base\n\n\nclass Mine(Base):\n"
    plugin += "    def __init__(self, group): ...\n\n\nPATH = 'acme.Mine'\n"

    assert find("HW306", plugin, {"vllm/base.py": base + other}) == []


def test_class_method_that_the_plugin_overrides_does_not_run(find):
    """
    HW306: the plugin makes its objects itself.
    """
    base = "class Base:\n    def __init__(self, group): ...\n    @classmethod\n"
    base += "    def make(cls, raw):\n        return cls(group=raw)\n"
    plugin = "from vllm.base import Base\n\n\nclass Mine(Base):\n"
    plugin += "    def __init__(self, group, more): ...\n    @classmethod\n    def make(cls): ...\n"

    assert find("HW306", plugin + "\n\nPATH = 'acme.Mine'\n", {"vllm/base.py": base}) == []
