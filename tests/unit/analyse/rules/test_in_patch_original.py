"""Originals that changed under a patch: HW404."""

import pytest

from hwcheck.model.finding import Severity

OLD = {
    "vllm/ops.py": "def run():\n    return 1\n\n\nclass Op:\n    def go(self):\n        return 1\n"
}
NEW = {path: text.replace("return 1", "return 2") for path, text in OLD.items()}
PLUGIN = (
    "import vllm.ops\nfrom vllm.ops import Op\n\n\ndef mine(*rest): ...\n\n\n"
    "{patch}\n\n\ndef register(): ...\n"
)


@pytest.mark.parametrize(
    ("patch", "symbol"),
    [("vllm.ops.run = mine", "vllm.ops.run"), ("Op.go = mine", "vllm.ops.Op.go")],
    ids=["function", "method"],
)
def test_patch_of_a_changed_original_is_a_note(find, patch, symbol):
    """
    HW404: one for each original.
    """
    (finding,) = find("HW404", PLUGIN.format(patch=patch), NEW, OLD)

    assert (finding.rule, finding.symbol) == ("HW404", symbol)
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize(
    ("patch", "new"),
    [("vllm.ops.run = mine", OLD), ("vllm.ops.run = 1", NEW), ("vllm.ops.more = mine", NEW)],
    ids=["unchanged", "no-code", "mark"],
)
def test_patch_that_nothing_changed_under_is_fine(find, patch, new):
    """
    HW404: the same body, a value, or a name of the plugin's own.
    """
    assert find("HW404", PLUGIN.format(patch=patch), new, OLD) == []
