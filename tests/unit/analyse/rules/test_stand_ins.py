"""Members that vLLM calls on an object which the plugin puts in an inherited attribute: HW308."""

import pytest

from hwcheck.model.finding import Severity

TABLE = "class Table:\n    def add(self, row): ...\n    def clear(self, row): ...\n\n\n"
BATCH = "class Batch:\n    def __init__(self):\n        self.table = Table()\n"
OLD = {"vllm/batch.py": f"{TABLE}{BATCH}    def drop(self, row):\n        self.table.add(row)\n"}
NEW = {"vllm/batch.py": f"{TABLE}{BATCH}    def drop(self, row):\n        self.table.clear(row)\n"}
PLUGIN = (
    "import torch\nfrom vllm.batch import Batch, Table\n\n\n"
    "class MyTable{bases}:\n    def add(self, row): ...\n{more}\n\n"
    "class MyBatch(Batch):\n    def __init__(self):\n        self.table = MyTable()\n{other}\n"
)


def test_method_that_inherited_code_calls_on_object_of_the_plugin_is_found(find):
    """
    HW308: the class that stands in for vLLM's lacks it.
    """
    (finding,) = find("HW308", PLUGIN.format(bases="", more="", other=""), NEW, OLD)

    assert (finding.symbol, finding.severity) == ("vllm.batch.Table.clear", Severity.WARNING)
    assert finding.where.line == 5
    assert finding.evidence is not None
    assert finding.fix == "define clear(self, row) in MyTable"


@pytest.mark.parametrize(
    ("bases", "more", "other", "host"),
    [
        ("", "", "", OLD),
        ("", "    def clear(self, row): ...", "", NEW),
        ("(Table)", "", "", NEW),
        ("(torch.Tensor)", "", "", NEW),
        ("", "", "    def drop(self, row): ...", NEW),
    ],
    ids=["not-called", "defined", "inherited", "unseen-base", "overridden"],
)
def test_object_that_has_what_is_called_is_fine(find, bases, more, other, host):
    """
    HW308: it has the method, may have it, or nothing calls it.
    """
    assert find("HW308", PLUGIN.format(bases=bases, more=more, other=other), host, OLD) == []
