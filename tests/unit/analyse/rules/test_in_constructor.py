"""Constructors of classes that vLLM makes objects of: HW306."""

import pytest

from hwcheck.model.finding import Severity

BASE = (
    "class Communicator:\n"
    "    def __init__(self, group, device=None, name='', use_all2all=False): ...\n"
)
MAKER = (
    "def make(path, group):\n"
    "    communicator_cls = resolve(path)\n"
    "    return communicator_cls(group=group, device=1, {more})\n"
)
PLUGIN = (
    "from vllm.base import Communicator\n\n\n"
    "class Mine(Communicator):\n"
    "    def __init__(self, {parameters}): ...\n\n\n"
    "{use}\n"
)
HANDED = "def register():\n    return 'acme.Mine'\n"


def host(more):
    return {"vllm/base.py": BASE, "vllm/maker.py": MAKER.format(more=more)}


NEW = host("use_all2all=True")


def test_constructor_that_lacks_a_keyword_is_an_error(find):
    """
    HW306: by the call through a variable.
    """
    plugin = PLUGIN.format(parameters="group, device=None, name=''", use=HANDED)

    (finding,) = find("HW306", plugin, NEW)

    assert (finding.rule, finding.detail) == ("HW306", "use_all2all")
    assert (finding.severity, finding.subject) == (Severity.ERROR, "acme.Mine.__init__")
    assert finding.evidence is not None


@pytest.mark.parametrize(
    ("parameters", "use"),
    [
        ("group, device=None, **more", HANDED),
        ("group, device=None", "def register():\n    return Mine(1)\n"),
    ],
    ids=["takes-all", "made-by-the-plugin"],
)
def test_constructor_that_vllm_does_not_call_so_is_fine(find, parameters, use):
    """
    HW306: it takes everything, or only the plugin makes objects.
    """
    assert find("HW306", PLUGIN.format(parameters=parameters, use=use), NEW) == []


def test_calls_of_other_variables_prove_nothing(find):
    """
    HW306: keywords that only this constructor has must be shared.
    """
    plugin = PLUGIN.format(parameters="group", use=HANDED)
    other = {"vllm/base.py": BASE, "vllm/x.py": "def f(cls):\n    return cls(1, device=2)\n"}

    assert find("HW306", plugin, other) == []


def test_inherited_class_method_makes_the_object(find):
    """
    HW306: ``cls(...)`` of vLLM's class is the plugin's.
    """
    base = (
        "class Config:\n"
        "    def __init__(self, a): ...\n"
        "    @classmethod\n"
        "    def from_config(cls, raw):\n        return cls(a=raw)\n"
    )
    plugin = (
        "from vllm.base import Config\n\n\n"
        "class Mine(Config):\n"
        "    def __init__(self, a, scheme): ...\n\n\n"
        "def register():\n    return 'acme.Mine'\n"
    )

    (finding,) = find("HW306", plugin, {"vllm/base.py": base})

    assert (finding.detail, finding.severity) == ("scheme", Severity.ERROR)
