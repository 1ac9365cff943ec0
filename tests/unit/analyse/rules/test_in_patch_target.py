"""Patches onto what is gone: HW401."""

import pytest

from hwcheck.model.finding import Severity

OLD = {
    "vllm/ops.py": "def run(): ...\n\n\nclass Op:\n    def go(self): ...\n    @staticmethod\n"
    "    def other(): ...\n"
}
NEW = {"vllm/ops.py": "class Op:\n    @staticmethod\n    def other(): ...\n"}
PLUGIN = (
    "import vllm.ops\nfrom vllm.ops import Op\n\n\ndef mine(): ...\n\n\n"
    "{patch}\n\n\ndef register(): ...\n"
)


@pytest.mark.parametrize(
    ("patch", "symbol"),
    [
        ("vllm.ops.run = mine", "vllm.ops.run"),
        ("setattr(vllm.ops, 'run', mine)", "vllm.ops.run"),
        ("Op.go = mine", "vllm.ops.Op.go"),
        ("vllm.ops.run = lambda: 1", "vllm.ops.run"),
    ],
    ids=["module", "setattr", "class", "lambda"],
)
def test_patch_onto_what_the_old_host_had_is_an_error(find, patch, symbol):
    """
    HW401: nothing uses the name any more.
    """
    (finding,) = find("HW401", PLUGIN.format(patch=patch), NEW, OLD)

    assert (finding.rule, finding.symbol) == ("HW401", symbol)
    assert finding.severity is Severity.ERROR
    assert finding.host_before is not None


@pytest.mark.parametrize(
    "patch",
    ["vllm.ops.PATCHED = True", "Op.mark = 1", "Op.other = mine", "mine.run = 1"],
    ids=["mark", "class-mark", "still-there", "own"],
)
def test_marks_and_living_targets_are_fine(find, patch):
    """
    HW401: names that vLLM never had are the plugin's own.
    """
    assert find("HW401", PLUGIN.format(patch=patch), NEW, OLD) == []


def test_class_that_became_a_function_cannot_be_patched(find):
    """
    HW401: its methods are no longer used.
    """
    new = {"vllm/ops.py": "def Op(): ...\n"}
    patch = "Op.__init__ = mine"
    old = {"vllm/ops.py": "class Op:\n    def __init__(self): ...\n"}

    (finding,) = find("HW401", PLUGIN.format(patch=patch), new, old)

    assert finding.symbol == "vllm.ops.Op.__init__"


def test_patch_without_an_old_host_is_a_warning(find):
    """
    HW401: only where a function takes the place of its namesake.
    """
    plugin = PLUGIN.format(patch="vllm.ops.mine = mine\nvllm.ops.run = mine")

    (finding,) = find("HW401", plugin, NEW)

    assert (finding.symbol, finding.severity) == ("vllm.ops.mine", Severity.WARNING)


def test_moved_target_is_named(find):
    """
    HW401: where it is now.
    """
    new = {**NEW, "vllm/moved.py": "def run(): ...\n"}

    (finding,) = find("HW401", PLUGIN.format(patch="vllm.ops.run = mine"), new, OLD)

    assert finding.fix == "patch what this gives: from vllm.moved import run"


def test_renamed_method_is_named(find):
    """
    HW401: the new name of the same body.
    """
    old = {"vllm/ops.py": "class Op:\n    def go(self):\n        return self.x + 1\n"}
    new = {"vllm/ops.py": "class Op:\n    def walk(self):\n        return self.x + 1\n"}

    (finding,) = find("HW401", PLUGIN.format(patch="Op.go = mine"), new, old)

    assert finding.fix == "patch 'walk' instead"


@pytest.mark.parametrize("patch", ["Op.__init__ = mine", "Op.__call__ = mine"])
def test_special_method_of_a_class_always_counts(find, patch):
    """
    HW401: Python looks it up on the class, whether vLLM defines it or not.
    """
    old = {"vllm/ops.py": "class Op:\n    def __init__(self): ...\n    def __call__(self): ...\n"}

    assert find("HW401", PLUGIN.format(patch=patch), {"vllm/ops.py": "class Op: ...\n"}, old) == []


def test_method_that_a_class_never_had_is_fine_without_an_old_host(find):
    """
    HW401: the plugin gives it one more.
    """
    assert find("HW401", PLUGIN.format(patch="Op.mine = mine"), NEW) == []


def test_patch_that_only_runs_on_the_new_host_is_a_warning(find):
    """
    HW401: the old host had the name, though the plugin did not patch it there.
    """
    patch = "if not vllm_version_is('0.1.0'):\n    vllm.ops.run = mine"
    plugin = "from acme.gates import vllm_version_is\n" + PLUGIN.format(patch=patch)

    (finding,) = find("HW401", plugin, NEW, OLD)

    assert (finding.symbol, finding.severity) == ("vllm.ops.run", Severity.WARNING)
