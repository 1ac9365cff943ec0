"""Abstract members that are left open: HW305."""

import pytest

from hwcheck.model.finding import Severity

BASE = (
    "from abc import {imports}\n\n\nclass Backend{bases}:\n"
    "    @abstractmethod\n    def shape(self, n): ...\n"
)
HOST = {"vllm/base.py": BASE.format(imports="ABC, abstractmethod", bases="(ABC)")}
PLUGIN = "from vllm.base import Backend\n\n\nclass Mine(Backend):\n    {body}\n\n\n{use}\n"
BY_PATH = "def register():\n    return 'acme.Mine'\n"


def test_open_member_of_a_class_that_vllm_makes_is_an_error(find):
    """
    HW305: named by its path.
    """
    (finding,) = find("HW305", PLUGIN.format(body="x = 1", use=BY_PATH), HOST)

    assert (finding.rule, finding.detail) == ("HW305", "shape")
    assert finding.severity is Severity.ERROR
    assert finding.fix == "define shape(self, n) in Mine"


@pytest.mark.parametrize(
    "body",
    ["def shape(self, n): ...", "shape = other", "shape: int = 1"],
    ids=["defined", "assigned", "annotated"],
)
def test_filled_member_is_fine(find, body):
    """
    HW305: in whatever way the class body binds it.
    """
    assert find("HW305", PLUGIN.format(body=body, use=BY_PATH), HOST) == []


@pytest.mark.parametrize(
    ("use", "host"),
    [
        ("def register(): ...\n", HOST),
        (BY_PATH, {"vllm/base.py": BASE.format(imports="abstractmethod", bases="")}),
    ],
    ids=["only-a-base", "not-checked"],
)
def test_class_of_which_no_object_is_refused_is_fine(find, use, host):
    """
    HW305: nobody makes objects, or Python does not refuse them.
    """
    assert find("HW305", PLUGIN.format(body="x = 1", use=use), host) == []


def test_class_with_an_unseen_base_is_left_alone(find):
    """
    HW305: a base from elsewhere may fill the member.
    """
    plugin = "import other\n" + PLUGIN.format(body="x = 1", use=BY_PATH).replace(
        "(Backend)", "(other.Mixin, Backend)"
    )

    assert find("HW305", plugin, HOST) == []


def test_class_that_the_plugin_makes_is_looked_at(find):
    """
    HW305: also through a class of the plugin between.
    """
    use = "class More(Mine):\n    y = 1\n\n\ndef register():\n    return More()\n"

    (finding,) = find("HW305", PLUGIN.format(body="x = 1", use=use), HOST)

    assert finding.subject == "acme.More"


def test_open_static_method_of_a_class_that_is_handed_over_is_a_warning(find):
    """
    HW305: vLLM may ask the class and never make an object.
    """
    base = HOST["vllm/base.py"].replace("def shape(self, n)", "def shape(n)")
    host = {"vllm/base.py": base.replace("    @abs", "    @staticmethod\n    @abs")}

    (finding,) = find("HW305", PLUGIN.format(body="x = 1", use=BY_PATH), host)

    assert finding.severity is Severity.WARNING


REFUSING = (
    "class Platform:\n    @classmethod\n    def device(cls):\n        raise NotImplementedError\n"
)
NEW_REFUSING = (
    REFUSING + "    @classmethod\n    def seed(cls, n):\n        raise NotImplementedError\n"
)
CPU = "from vllm.platforms.interface import Platform\n\n\nclass Cpu(Platform):\n    {body}\n"
SEED = "def seed(cls, n): ..."
CALLER = "from vllm.platforms import current_platform\n\n\n{call}\n"
CALL = "def start(n):\n    current_platform.seed(n)\n    current_platform.device()"
OLD_PLATFORMS = {
    "vllm/platforms/__init__.py": "",
    "vllm/platforms/interface.py": REFUSING,
    "vllm/platforms/cpu.py": CPU.format(body="x = 1"),
}


def _platforms(*, body=SEED, call=CALL):
    return {
        **OLD_PLATFORMS,
        "vllm/platforms/interface.py": NEW_REFUSING,
        "vllm/platforms/cpu.py": CPU.format(body=body),
        "vllm/torch.py": CALLER.format(call=call),
    }


PLATFORM = (
    "from vllm.platforms.interface import Platform\n\n\n"
    "class MyPlatform(Platform):\n    {body}\n\n\n"
    "def register():\n    return 'acme.MyPlatform'\n"
)


def test_member_that_vllm_has_begun_to_call_and_refuses_is_a_warning(find):
    """
    HW305: not what it refused before.
    """
    (finding,) = find("HW305", PLATFORM.format(body="x = 1"), _platforms(), OLD_PLATFORMS)

    assert (finding.detail, finding.severity) == ("seed", Severity.WARNING)
    assert finding.evidence.path == "vllm/torch.py"


@pytest.mark.parametrize(
    ("body", "new", "old"),
    [
        (SEED, _platforms(), OLD_PLATFORMS),
        ("x = 1", _platforms(call=""), OLD_PLATFORMS),
        ("x = 1", _platforms(body="y = 1"), OLD_PLATFORMS),
        ("x = 1", _platforms(), _platforms()),
        ("x = 1", _platforms(), None),
    ],
    ids=["defined", "not-called", "not-by-all", "known", "nothing-to-compare"],
)
def test_member_that_need_not_answer_is_fine(find, body, new, old):
    """
    HW305: it is there, nobody asks, or only some hardware is asked.
    """
    assert find("HW305", PLATFORM.format(body=body), new, old) == []
