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


CONFIG = "from dataclasses import InitVar, dataclass\n\n\n@dataclass\nclass Config:\n    {body}\n"
READER = (
    "from vllm.config import Config\n\n\n"
    "def register(config: Config):\n    {before}\n    return config.length\n"
)


def _config(body):
    return {"vllm/config.py": CONFIG.format(body=body)}


@pytest.mark.parametrize(
    ("field", "severity"),
    [("length: InitVar[int] = 8", Severity.WARNING), ("length: InitVar[int]", Severity.ERROR)],
    ids=["default-is-read", "nothing-is-there"],
)
def test_field_that_became_an_argument_only_is_found(find, field, severity):
    """
    HW107: the object does not keep what was passed.
    """
    found = find("HW107", READER.format(before=""), _config(field), _config("length: int = 8"))

    assert [(item.symbol, item.severity) for item in found] == [
        ("vllm.config.Config.length", severity)
    ]


@pytest.mark.parametrize(
    ("before", "new", "old"),
    [
        (
            "",
            "length: InitVar[int] = 8\n    def __post_init__(self, n):\n        self.length = n",
            "length: int = 8",
        ),
        ("config.length = 4", "length: InitVar[int] = 8", "length: int = 8"),
        ("", "length: InitVar[int] = 8", "length: InitVar[int] = 8"),
        ("", "length: InitVar[int] = 8", "size: int = 8"),
    ],
    ids=["kept", "set-by-the-plugin", "known", "new"],
)
def test_argument_that_is_kept_or_always_was_one_is_fine(find, before, new, old):
    """
    HW107: the value is there, or the old host did not give it either.
    """
    assert find("HW107", READER.format(before=before), _config(new), _config(old)) == []


@pytest.mark.parametrize(
    ("value", "use", "symbols"),
    [
        ("(1,)", "NAMES.add(2)", ["vllm.names.NAMES"]),
        ("[1]", "NAMES.add(2)", ["vllm.names.NAMES"]),
        ("(1,)", "names.NAMES.add(2)", ["vllm.names.NAMES"]),
        ("{1, 2}", "NAMES.add(2)", []),
        ("[1]", "NAMES.copy()", []),
        ("make()", "NAMES.add(2)", []),
        ("[1]", "NAMES = set()\n    NAMES.add(2)", []),
    ],
    ids=["tuple", "list", "of-module", "same", "both-have-it", "unknown", "local"],
)
def test_container_of_another_type_lacks_the_methods_of_before(find, value, use, symbols):
    """
    HW107: what was a set is a tuple, and has nothing to add to.
    """
    plugin = "import vllm.names as names\nfrom vllm.names import NAMES\n\n\n"
    plugin += f"def register():\n    {use}\n"

    found = find(
        "HW107", plugin, {"vllm/names.py": f"NAMES = {value}\n"}, {"vllm/names.py": "NAMES = {1}\n"}
    )

    assert [item.symbol for item in found] == symbols


BUFFERS = (
    "import torch\n\n\nclass Buffer:\n    def __init__(self):\n        self.gpu = 1\n\n\n"
    "class Runner:\n    def __init__(self):\n        self.rows = {rows}\n"
    "    def buffer(self) -> Buffer: ...\n    def run(self):\n        return self.rows\n"
)
OWN_ROWS = (
    "from vllm.runner import Runner\n\n\nclass Mine(Runner):\n"
    "    def __init__(self, wide):\n        super().__init__()\n        if wide:\n"
    "            self.rows = self.buffer()\n"
    "    def go(self):\n        return self.rows.gpu\n{more}"
)


def test_value_that_the_plugin_makes_as_vllm_made_it_is_a_warning(find):
    """
    HW107: vLLM makes another thing of it now, and inherited code reads it.
    """
    old = {"vllm/runner.py": BUFFERS.format(rows="self.buffer()")}
    new = {"vllm/runner.py": BUFFERS.format(rows="torch.zeros(1)")}

    (finding,) = find("HW107", OWN_ROWS.format(more=""), new, old)

    assert (finding.symbol, finding.detail) == ("vllm.runner.Runner.rows", "gpu")
    assert finding.severity is Severity.WARNING
    assert find("HW107", OWN_ROWS.format(more=""), old, old) == []
    assert find("HW107", OWN_ROWS.format(more="    def run(self): ...\n"), new, old) == []


ITEMS = "class Item:\n    {body}\n\n\nclass Output:\n    items: {kind}\n"
LOOP = (
    "from vllm.output import Output\n\n\n"
    "def register(output: Output):\n    for item in output.items:\n        return item.x\n"
)


def _output(kind, body="x = 1"):
    return {"vllm/output.py": ITEMS.format(kind=kind, body=body)}


def test_loop_through_what_is_one_object_now_is_an_error(find):
    """
    HW107: an object without items, where there was a list of them.
    """
    (finding,) = find("HW107", LOOP, _output("Item"), _output("list[Item]"))

    assert (finding.symbol, finding.severity) == ("vllm.output.Item", Severity.ERROR)
    assert finding.where.line == 5


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (_output("Item", "def __iter__(self): ..."), _output("list[Item]")),
        (_output("tuple[Item, ...]"), _output("list[Item]")),
        (_output("Item"), _output("Item")),
    ],
    ids=["gives-items", "still-several", "always-one"],
)
def test_loop_through_what_gives_items_is_fine(find, new, old):
    """
    HW107: or what gave none before either.
    """
    assert find("HW107", LOOP, new, old) == []
