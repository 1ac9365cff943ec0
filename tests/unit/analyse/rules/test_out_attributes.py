"""Attributes of vLLM that are gone: HW103, HW104, HW105."""

import pytest

from hwcheck.model.finding import Severity

ENVS = "environment_variables = {'VLLM_KEPT': 1}\ndef __getattr__(name):\n"
ENVS += "    return environment_variables[name]\n"
WORKER = "class Worker:\n    def __init__(self):\n        self.rank = 0\n    def run(self): ...\n"
OPEN = "import torch\nclass Layer(torch.nn.Module):\n    def __init__(self):\n"


def test_attribute_of_module_that_is_gone_is_found(find):
    """
    HW103: reading what a module of vLLM no longer has, at every line in one finding.
    """
    plugin = "import vllm.envs as envs\n\ndef register():\n    a = envs.VLLM_GONE\n"
    plugin += "    b = envs.VLLM_GONE\n    return envs.VLLM_KEPT\n"

    (finding,) = find("HW103", plugin, {"vllm/envs.py": ENVS})

    assert finding.symbol == "vllm.envs.VLLM_GONE"
    assert (finding.where.line, finding.other_lines) == (4, (5,))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "body",
    [
        "return envs.VLLM_KEPT",
        "return getattr(envs, 'VLLM_GONE', None)",
        "return hasattr(envs, 'VLLM_GONE') and envs.VLLM_GONE",
        "if hasattr(envs, 'VLLM_GONE'):\n        return envs.VLLM_GONE",
        "if vllm_version_is('0.1.0'):\n        return envs.VLLM_GONE",
        "envs.VLLM_GONE = 1\n    return envs.VLLM_GONE",
    ],
    ids=["there", "default", "tested", "guarded", "gated", "stored"],
)
def test_attribute_of_module_that_is_looked_at_first_is_fine(find, body):
    """
    HW103: tests, gates and what the plugin itself stores are understood.
    """
    plugin = f"import vllm.envs as envs\n\ndef register():\n    {body}\n"

    assert find("HW103", plugin, {"vllm/envs.py": ENVS}) == []


def test_inherited_attribute_that_is_gone_is_found(find):
    """
    HW104: an attribute that only the old base's constructor set, read through self.
    """
    plugin = "from vllm.worker import Worker\n\nclass Mine(Worker):\n"
    plugin += "    def go(self):\n        return self.rank + self.size\n"
    old = {"vllm/worker.py": WORKER.replace("self.rank = 0", "self.rank = self.size = 0")}

    (finding,) = find("HW104", plugin, {"vllm/worker.py": WORKER}, old)

    assert finding.symbol == "vllm.worker.Worker.size"
    assert (finding.where.line, finding.severity) == (5, Severity.ERROR)


def test_method_that_super_no_longer_has_is_found_with_its_new_name(find):
    """
    HW104: a method with the same body and parameters under another name is what it became.
    """
    plugin = "from vllm.worker import Worker\n\nclass Mine(Worker):\n"
    plugin += "    def go(self):\n        return super().run()\n"
    new = WORKER.replace("run(self): ...", "execute(self):\n        return self.rank")
    old = WORKER.replace("run(self): ...", "run(self):\n        return self.rank")

    (finding,) = find("HW104", plugin, {"vllm/worker.py": new}, {"vllm/worker.py": old})

    assert (finding.symbol, finding.fix) == ("vllm.worker.Worker.run", "execute")


def test_member_of_enumeration_that_is_gone_is_found(find):
    """
    HW104: an enumeration's member, by its class.
    """
    enum = "import enum\nclass Status(enum.IntEnum):\n    WAITING = enum.auto()\n"
    plugin = "from vllm.status import Status\n\ndef register():\n"
    plugin += "    return Status.WAITING, Status.GONE\n"

    (finding,) = find(
        "HW104",
        plugin,
        {"vllm/status.py": enum + "    NOW = enum.auto()\n"},
        {"vllm/status.py": enum + "    GONE = enum.auto()\n"},
    )

    assert (finding.symbol, finding.fix) == ("vllm.status.Status.GONE", "NOW")


@pytest.mark.parametrize(
    "code",
    [
        "def go(worker: Worker):\n    return worker.gone\n",
        "def go():\n    worker = Worker()\n    return worker.gone\n",
        "def go():\n    return make().gone\n",
    ],
    ids=["annotated", "constructed", "returned"],
)
def test_attribute_of_typed_object_that_is_gone_is_found(find, code):
    """
    HW104: objects whose class is known by annotation, constructor or returned annotation.
    """
    new = {"vllm/worker.py": f"{WORKER}\ndef make() -> Worker: ...\n"}
    plugin = f"from vllm.worker import Worker, make\n\n{code}"

    (finding,) = find("HW104", plugin, new)

    assert finding.symbol == "vllm.worker.Worker.gone"


def test_member_of_open_class_counts_where_the_host_had_it(find):
    """
    HW104: of a class with unseen bases only what the old host defined is known to be gone.
    """
    plugin = "from vllm.layer import Layer\n\nclass Mine(Layer):\n    def go(self):\n"
    plugin += "        return self.gone, self.register_buffer, self.kept\n"
    new = {"vllm/layer.py": OPEN + "        self.kept = 1\n"}
    old = {"vllm/layer.py": OPEN + "        self.kept = self.gone = 1\n"}

    (finding,) = find("HW104", plugin, new, old)

    assert finding.symbol == "vllm.layer.Layer.gone"


@pytest.mark.parametrize(
    "code",
    [
        "class Mine(Worker):\n    def go(self):\n        self.gone = 1\n        return self.gone\n",
        "class Mine(Worker):\n    gone = 1\n    def go(self):\n        return self.gone\n",
        "class Mine(Worker, Foreign):\n    def go(self):\n        return self.gone\n",
        "def go(worker: Worker):\n    return getattr(worker, 'gone', 0)\n",
        "def go(worker: Worker):\n    if hasattr(worker, 'gone'):\n        return worker.gone\n",
        "def go(worker: Worker):\n    worker.gone = 1\n    return worker.gone\n",
        "def go(worker):\n    return worker.gone\n",
        (
            "def go(worker: Worker):\n"
            "    if vllm_version_is('0.1.0'):\n        return worker.gone\n    return worker.rank\n"
        ),
    ],
    ids=["own", "class", "open", "default", "tested", "stored", "untyped", "gated"],
)
def test_attribute_that_may_be_there_is_fine(find, code):
    """
    HW104: what the plugin sets, tests for or gates, and objects of unknown classes.
    """
    plugin = f"from vllm.worker import Worker\nfrom elsewhere import Foreign\n\n{code}"

    assert find("HW104", plugin, {"vllm/worker.py": WORKER}) == []


def test_base_class_taken_from_module_that_is_gone_is_found(find):
    """
    HW105: the class statement fails; reading the attribute is not reported again.
    """
    plugin = "from vllm import worker\n\nclass Mine(worker.Gone):\n    pass\n"

    (finding,) = find("HW105", plugin, {"vllm/worker.py": WORKER})

    assert (finding.symbol, finding.where.line) == ("vllm.worker.Gone", 3)
    assert find("HW103", plugin, {"vllm/worker.py": WORKER}) == []


def test_base_class_that_is_there_is_fine(find):
    """
    HW105: a base that the module has.
    """
    plugin = "from vllm import worker\n\nclass Mine(worker.Worker):\n    pass\n"

    assert find("HW105", plugin, {"vllm/worker.py": WORKER}) == []


RUNNER = "class Runner:\n    def forward(self):\n        return self._pad_rows()\n"


def test_method_of_untyped_object_that_the_host_lost_is_a_warning(find):
    """
    HW104: the host called the method on itself, and has neither the call nor the method now.
    """
    plugin = "def forward(self, x):\n    return self._pad_rows(), self._others(), x._pad_rows\n"
    old = {"vllm/runner.py": RUNNER + "    def _pad_rows(self): ...\n"}
    new = {"vllm/runner.py": "class Runner:\n    def forward(self): ...\n"}

    (finding,) = find("HW104", plugin, new, old)

    assert finding.symbol == "vllm.runner.Runner._pad_rows"
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("plugin", "more"),
    [
        ("def forward(self):\n    return self._pad_rows()\n", "    def _pad_rows(self): ...\n"),
        ("def _pad_rows(): ...\ndef forward(self):\n    return self._pad_rows()\n", ""),
        ("def forward(self):\n    return self.pad()\n", ""),
    ],
    ids=["still-there", "own", "common-name"],
)
def test_method_of_untyped_object_that_may_be_there_is_fine(find, plugin, more):
    """
    HW104: the class still has it, the plugin has one of that name, or the name says nothing.
    """
    old = {"vllm/runner.py": RUNNER + "    def _pad_rows(self): ...\n    def pad(self): ...\n"}
    new = {"vllm/runner.py": "class Runner:\n    def forward(self): ...\n" + more}

    assert find("HW104", plugin, new, old) == []
