"""Things of vLLM that became another kind of thing: HW107."""

import pytest

from hwcheck.model.finding import Severity

CLASS = "class Fused:\n    def make(self): ...\n    @property\n    def rank(self) -> int: ...\n"
FACTORY = "def Fused(a=1): ...\n"
PREFIX = "from vllm.layers import Fused\n\n"


@pytest.mark.parametrize(
    "code",
    [
        "def register(layer):\n    return isinstance(layer, Fused)\n",
        "def register(layer):\n    return isinstance(layer, (Fused, int))\n",
        "class Mine(Fused): ...\n",
        "def register():\n    return Fused.make\n",
    ],
    ids=["tested", "tested-among-others", "inherited", "asked"],
)
def test_class_that_became_a_function_is_found(find, code):
    """
    HW107: what only a class can be used for.
    """
    (finding,) = find(
        "HW107", PREFIX + code, {"vllm/layers.py": FACTORY}, {"vllm/layers.py": CLASS}
    )

    assert (finding.symbol, finding.severity) == ("vllm.layers.Fused", Severity.ERROR)


def test_class_that_became_a_function_can_still_be_called(find):
    """
    HW107: a factory gives objects as the class did.
    """
    plugin = PREFIX + "def register():\n    return Fused()\n"

    assert find("HW107", plugin, {"vllm/layers.py": FACTORY}, {"vllm/layers.py": CLASS}) == []


@pytest.mark.parametrize(
    ("code", "fix"),
    [("fused.make()", "fused.make"), ("fused.rank + 1", "fused.rank()")],
    ids=["called", "read"],
)
def test_method_and_property_that_changed_places_are_found(find, code, fix):
    """
    HW107: calling what is a property now, and reading what is a method now.
    """
    new = "class Fused:\n    @property\n    def make(self) -> int: ...\n    def rank(self): ...\n"
    plugin = PREFIX + f"def register(fused: Fused):\n    return {code}\n"

    (finding,) = find("HW107", plugin, {"vllm/layers.py": new}, {"vllm/layers.py": CLASS})

    assert (finding.fix, finding.severity) == (fix, Severity.ERROR)


def test_members_that_are_used_as_they_are_now_are_fine(find):
    """
    HW107: the same use under a gate for the new host.
    """
    new = "class Fused:\n    def make(self): ...\n    def rank(self): ...\n"
    plugin = PREFIX + (
        "def register(fused: Fused):\n"
        "    if vllm_version_is('0.1.0'):\n        return fused.rank + 1\n"
        "    return fused.rank() + 1\n"
    )

    assert find("HW107", plugin, {"vllm/layers.py": new}, {"vllm/layers.py": CLASS}) == []


def test_attribute_that_holds_a_foreign_value_now_is_a_warning(find):
    """
    HW107: members of the host's class are taken from what is no object of it any more.
    """
    start = "import torch\nclass Buffer:\n    def __init__(self):\n        self.np = 1\n"
    start += "class Runner:\n    def __init__(self):\n        self.sizes = "
    plugin = "from vllm.runner import Runner\n\nclass Mine(Runner):\n    def go(self):\n"
    plugin += "        return self.sizes.np\n"

    (finding,) = find(
        "HW107",
        plugin,
        {"vllm/runner.py": start + "torch.zeros(3)\n"},
        {"vllm/runner.py": start + "Buffer()\n"},
    )

    assert (finding.symbol, finding.detail) == ("vllm.runner.Runner.sizes", "np")
    assert finding.severity is Severity.WARNING


def test_function_that_became_a_coroutine_is_a_warning(find):
    """
    HW107: its call is not awaited.
    """
    plugin = "from vllm.a import stop\n\ndef register():\n    stop()\n"

    (finding,) = find(
        "HW107",
        plugin,
        {"vllm/a.py": "async def stop(): ...\n"},
        {"vllm/a.py": "def stop(): ...\n"},
    )

    assert (finding.symbol, finding.severity) == ("vllm.a.stop", Severity.WARNING)


def test_kinds_are_not_compared_without_an_old_host(find):
    """
    HW107: there is nothing to compare with.
    """
    plugin = PREFIX + "class Mine(Fused): ...\n"

    assert find("HW107", plugin, {"vllm/layers.py": FACTORY}) == []
