"""State that inherited methods read: HW309."""

import pytest

from hwcheck.model.finding import Severity

BASE = (
    "class Batch:\n"
    "    def __init__(self):\n        self.size = 1\n        self.order = []\n"
    "    def reset(self):\n        return self.size{more}\n"
)
OLD = {"vllm/base.py": BASE.format(more="")}
NEW = {"vllm/base.py": BASE.format(more=" + len(self.order)")}
PLUGIN = (
    "from vllm.base import Batch\n\n\nclass Mine(Batch):\n"
    "    def __init__(self):\n        {body}\n\n\ndef register(): ...\n"
)


def test_new_read_of_what_the_constructor_does_not_set_is_found(find):
    """
    HW309: the attribute is the detail.
    """
    (finding,) = find("HW309", PLUGIN.format(body="self.size = 1"), NEW, OLD)

    assert (finding.rule, finding.detail) == ("HW309", "order")
    assert (finding.severity, finding.symbol) == (Severity.WARNING, "vllm.base.Batch.order")


@pytest.mark.parametrize(
    "body",
    [
        "super().__init__()",
        "Batch.__init__(self)",
        "super(Mine, self).__init__()",
        "self.size, self.order = 1, []",
        "self.size = 1\n\n    def reset(self): ...",
        "self.size = 1\n    order = ()",
    ],
    ids=["super", "by-name", "own-super", "set", "overridden", "class-attribute"],
)
def test_class_that_has_the_state_is_fine(find, body):
    """
    HW309: set, or not read.
    """
    assert find("HW309", PLUGIN.format(body=body), NEW, OLD) == []


def test_read_that_is_not_new_is_not_told(find):
    """
    HW309: it works as it did.
    """
    assert find("HW309", PLUGIN.format(body="self.size = 1"), NEW, NEW) == []


def test_replaced_constructor_is_looked_at(find):
    """
    HW309: a function that takes the place of vLLM's constructor.
    """
    plugin = (
        "from vllm.base import Batch\n\n\n"
        "def start(self):\n    self.size = 1\n\n\n"
        "Batch.__init__ = start\n\n\ndef register(): ...\n"
    )

    (finding,) = find("HW309", plugin, NEW, OLD)

    assert (finding.detail, finding.where.line) == ("order", 8)


def test_constructor_of_a_foreign_base_runs_nothing_of_vllm(find):
    """
    HW309: ``nn.Module.__init__`` is not vLLM's.
    """
    plugin = PLUGIN.format(body="Module.__init__(self)\n        self.size = 1")
    plugin = "from torch.nn import Module\n" + plugin.replace("(Batch)", "(Batch, Module)")
    base = {path: text.replace("Batch:", "Batch:") for path, text in NEW.items()}

    (finding,) = find("HW309", plugin, base, OLD)

    assert finding.detail == "order"


@pytest.mark.parametrize(
    "patch",
    [
        "first_init = Batch.__init__\n\n\ndef start(self):\n    first_init(self)\n    self.a = 1\n",
        "def start(*rest): ...\n",
        "from other import start\n",
        "start = 1\n",
    ],
    ids=["calls-the-original", "sets-nothing", "unseen", "no-function"],
)
def test_replaced_constructor_that_cannot_be_judged_is_fine(find, patch):
    """
    HW309: it may set everything.
    """
    plugin = f"from vllm.base import Batch\n\n\n{patch}\n\nBatch.__init__ = start\n"

    assert find("HW309", plugin + "\n\ndef register(): ...\n", NEW, OLD) == []


def test_class_that_is_new_on_this_host_is_left_alone(find):
    """
    HW309: without an old counterpart nothing is known to be new.
    """
    plugin = PLUGIN.format(body="self.size = 1")
    gated = plugin.replace("class Mine", "if not vllm_version_is('0.1.0'):\n  class Mine", 1)
    gated = gated.replace("\n    def __init__", "\n      def __init__")

    assert find("HW309", gated.replace("\n        self", "\n        self"), NEW, OLD) == []
    assert find("HW309", plugin, NEW) == []


def test_attribute_that_the_method_sets_itself_is_fine(find):
    """
    HW309: it need not be there before.
    """
    new = {"vllm/base.py": NEW["vllm/base.py"].replace("return", "self.order = []; return")}

    assert find("HW309", PLUGIN.format(body="self.size = 1"), new, OLD) == []


def test_attribute_that_the_plugin_stores_from_outside_is_fine(find):
    """
    HW309: somewhere it is set.
    """
    plugin = PLUGIN.format(body="self.size = 1").replace("register(): ...", "register(batch):")

    assert find("HW309", plugin + "    batch.order = []\n", NEW, OLD) == []


def test_private_method_that_only_an_overridden_one_calls_is_a_note(find):
    """
    HW309: nothing that runs leads to it, unless the plugin calls it itself.
    """
    more = (
        "    def _order(self):\n        return self.{}\n    def go(self):\n        self._order()\n"
    )
    new = {"vllm/base.py": OLD["vllm/base.py"] + more.format("order")}
    old = {"vllm/base.py": OLD["vllm/base.py"] + more.format("size")}
    plugin = PLUGIN.format(body="self.size = 1\n\n    def go(self):\n        {}")

    (silent,) = find("HW309", plugin.format("return 1"), new, old)
    (called,) = find("HW309", plugin.format("self._order()"), new, old)

    assert (silent.severity, called.severity) == (Severity.NOTE, Severity.WARNING)


@pytest.mark.parametrize(("skipped", "count"), [("Nearer", 0), ("Batch", 1)])
def test_super_of_a_base_runs_those_behind_it(find, skipped, count):
    """
    HW309: ``super(Nearer, self)`` leaves one constructor out, not all.
    """
    more = "\n\nclass Nearer(Batch):\n    def __init__(self):\n        self.near = 1\n"
    plugin = (
        "from vllm.base import Batch, Nearer\n\n\nclass Mine(Nearer):\n"
        f"    def __init__(self):\n        super({skipped}, self).__init__()\n"
        "        self.size = 1\n\n\ndef register(): ...\n"
    )
    new, old = ({"vllm/base.py": side["vllm/base.py"] + more} for side in (NEW, OLD))

    assert len(find("HW309", plugin, new, old)) == count


@pytest.mark.parametrize(
    ("original", "count"),
    [("", 0), ("kept = Batch.reset\n", 1), ("kept = Batch.other\n", 0)],
    ids=["replaced", "kept", "other"],
)
def test_method_that_the_plugin_replaces_reads_nothing(find, original, count):
    """
    HW309: the plugin's own function runs instead, unless it has kept vLLM's to call it.
    """
    plugin = "from vllm.base import Batch\n\n\ndef start(self):\n    self.size = 1\n\n\n"
    plugin += f"def reset(self):\n    return self.size\n\n\n{original}Batch.__init__ = start\n"
    plugin += "Batch.reset = reset\n\n\ndef register(): ...\n"

    assert len(find("HW309", plugin, NEW, OLD)) == count
