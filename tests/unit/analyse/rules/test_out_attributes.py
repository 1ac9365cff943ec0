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


@pytest.mark.parametrize(
    ("test", "lines"),
    [
        ("hasattr(self, 'size')", []),
        ("flag and hasattr(self, 'size')", []),
        ("hasattr(self, 'size') or hasattr(self, 'weight')", []),
        ("not hasattr(self, 'size')", [6, 7]),
        ("hasattr(self, 'rank')", [6, 7]),
        ("hasattr(self, 'size') or flag", [6, 7]),
    ],
    ids=["gone", "and", "either", "not", "there", "or"],
)
def test_branch_that_asks_for_what_is_gone_does_not_run(find, test, lines):
    """
    HW104: with a base that cannot be seen into too; all of the branch, not only what is asked for.
    """
    gone = "        self.rank = self.size = self.weight = 0\n"
    plugin = "from vllm.layer import Layer\n\nclass Mine(Layer):\n    def go(self, flag):\n"
    plugin += f"        if {test}:\n            a = self.weight\n            b = self.weight()\n"
    new = {"vllm/layer.py": OPEN + "        self.rank = 0\n"}

    found = find("HW104", plugin, new, {"vllm/layer.py": OPEN + gone})

    assert sorted(line for item in found for line in (item.where.line, *item.other_lines)) == lines


def test_base_that_can_be_seen_into_hides_nothing(find):
    """
    HW104: a class that became abstract cannot have got from there what it lost.
    """
    plugin = (
        "from vllm.layer import Layer\n\n"
        "def go():\n    if hasattr(Layer, 'make'):\n        return Layer.make(1)\n"
    )
    body = OPEN + "        self.rank = 0\n"
    new = {"vllm/layer.py": "from abc import ABC\n" + body.replace("Module)", "Module, ABC)")}
    old = {"vllm/layer.py": body + "    def make(n): ...\n"}

    assert find("HW104", plugin, new, old) == []
    assert len(find("HW104", plugin.replace("'make'", "'other'"), new, old)) == 1


def test_members_of_class_whose_base_is_gone_belong_to_the_import(find):
    """
    HW104: what came from the base is not said to be missing one by one.
    """
    plugin = "from vllm.worker import Worker as Base\n\n\nclass Worker(Base):\n"
    plugin += "    def go(self):\n        return self.rank\n"

    assert find("HW104", plugin, {"vllm/other.py": ""}, {"vllm/worker.py": WORKER}) == []


@pytest.mark.parametrize(
    ("member", "severity"),
    [("self.scale = 1", Severity.WARNING), ("pass\n    def scale(self): ...", Severity.ERROR)],
    ids=["set", "method"],
)
def test_attribute_that_others_may_set_on_a_layer_is_a_warning(find, member, severity):
    """
    HW104: vLLM's functions set attributes on layers, but give them no methods.
    """
    plugin = "from vllm.layer import Layer\n\ndef go(layer: Layer):\n    return layer.scale\n"
    old = {"vllm/layer.py": f"{OPEN}        {member}\n"}

    (finding,) = find("HW104", plugin, {"vllm/layer.py": f"{OPEN}        pass\n"}, old)

    assert finding.severity is severity


def test_member_that_classes_of_the_plugin_have_is_fine(find):
    """
    HW104: what is annotated as vLLM's class is an object of the plugin's.
    """
    plugin = (
        "from vllm.backend import Backend\n\n\nclass Mine(Backend):\n    def shape(self): ...\n\n\n"
        "def go(backend: Backend):\n    return backend.shape()\n"
    )
    old = {"vllm/backend.py": "class Backend:\n    def shape(self): ...\n"}

    assert find("HW104", plugin, {"vllm/backend.py": "class Backend: ...\n"}, old) == []


@pytest.mark.parametrize(
    ("more", "count"),
    [("", 0), ("\ndef give(worker: Worker):\n    worker.gone = 1\n", 1)],
    ids=["asked", "stored-elsewhere"],
)
def test_branch_that_asks_for_what_no_base_hides_does_not_run(find, more, count):
    """
    HW104: unless the plugin stores what is asked for, so that the branch may run.
    """
    plugin = "from vllm.worker import Worker\n\ndef go(worker: Worker):\n"
    plugin += f"    if hasattr(worker, 'gone'):\n        return worker.size\n{more}"
    old = {"vllm/worker.py": WORKER.replace("self.rank = 0", "self.rank = self.size = 0")}

    assert len(find("HW104", plugin, {"vllm/worker.py": WORKER}, old)) == count


def test_member_that_the_plugin_sets_on_such_objects_too_is_a_warning(find):
    """
    HW104: whether it is set in time cannot be told.
    """
    plugin = (
        "from vllm.a import Result\n\n\ndef register(result: Result):\n    result.extra\n\n\n"
        "def give(result: Result):\n    result.extra = 1\n"
    )
    new, old = (
        {"vllm/a.py": f"class Result:\n    def __init__(self):\n        self.{name} = 0\n"}
        for name in ("kept", "extra")
    )

    (finding,) = find("HW104", plugin, new, old)

    assert (finding.symbol, finding.severity) == ("vllm.a.Result.extra", Severity.WARNING)
