"""Calls of vLLM that do not fit: HW201 to HW205."""

import pytest

from hwcheck.model.finding import Severity

FUNCTION = {"vllm/a.py": "def start(config, device=None): ...\n"}
RUNNER = "class Runner:\n    def prepare(self, batch, sizes): ...\n"
RECORD = (
    "from dataclasses import dataclass\n@dataclass\nclass Record:\n    a: int\n    b: int = 0\n"
)


def _calling(arguments: str, name: str = "start") -> str:
    start = f"from vllm.a import {name}\n\ndef register(x, *more, **options):\n"
    return f"{start}    {name}({arguments})\n"


def test_argument_that_is_not_taken_is_found(find):
    """
    HW201: all arguments of a call that do not fit are one finding.
    """
    (finding,) = find("HW201", _calling("x, gone=1, lost=2"), FUNCTION)

    assert (finding.symbol, finding.detail) == ("vllm.a.start", "gone,lost")
    assert finding.host_side == "vllm.a.start(config, device=...)"


def test_positional_arguments_too_many_are_found(find):
    """
    HW201: more positional arguments than parameters.
    """
    (finding,) = find("HW201", _calling("1, 2, 3"), FUNCTION)

    assert finding.detail == "+1"


def test_argument_that_was_renamed_is_named(find):
    """
    HW201: a parameter that is new and called nearly the same is proposed.
    """
    new = {"vllm/a.py": "def start(config, device_name=None): ...\n"}
    old = {"vllm/a.py": "def start(config, devicename=None): ...\n"}

    (finding,) = find("HW201", _calling("x, devicename=1"), new, old)

    assert finding.fix == "pass devicename -> device_name"


@pytest.mark.parametrize(
    "arguments", ["x", "x, 1", "config=x", "*more", "**options", "x, device=1"]
)
def test_call_that_fits_is_fine(find, arguments):
    """
    HW201, HW202: what Python would accept, and what stars may bring.
    """
    found = [find(rule, _calling(arguments), FUNCTION) for rule in ("HW201", "HW202")]

    assert found == [[], []]


def test_argument_that_is_needed_is_found(find):
    """
    HW202: an inherited method with a new required parameter.
    """
    plugin = "from vllm.a import Runner\n\nclass Mine(Runner):\n    def go(self):\n"
    plugin += "        self.prepare(1)\n"

    (finding,) = find("HW202", plugin, {"vllm/a.py": RUNNER})

    assert (finding.symbol, finding.detail) == ("vllm.a.Runner.prepare", "sizes")
    assert (finding.where.line, finding.severity) == (5, Severity.ERROR)


@pytest.mark.parametrize(
    "plugin",
    [
        (
            "from vllm.a import Runner\n\nclass Mine(Runner):\n"
            "    def prepare(self, batch): ...\n    def go(self):\n        self.prepare(1)\n"
        ),
        (
            "from vllm.a import Runner\n\ndef go(runner: Runner):\n"
            "    if vllm_version_is('0.1.0'):\n        runner.prepare(1)\n"
        ),
        (
            "from vllm import a\n\ndef mine(batch): ...\n\na.Runner.prepare = mine\n\n"
            "def go(runner: a.Runner):\n    runner.prepare(1)\n"
        ),
    ],
    ids=["overridden", "gated", "patched"],
)
def test_call_of_what_is_not_the_hosts_is_fine(find, plugin):
    """
    HW202: the plugin's own method, a dead gate, a method that the plugin has replaced.
    """
    assert find("HW202", plugin, {"vllm/a.py": RUNNER}) == []


def test_positional_argument_that_lands_elsewhere_is_found(find):
    """
    HW203: a parameter was put in front of the one that the argument is for.
    """
    old = {"vllm/a.py": "def start(config, device=None): ...\n"}
    new = {"vllm/a.py": "def start(config, rank=0, device=None): ...\n"}

    (finding,) = find("HW203", _calling("x, 'cpu'"), new, old)

    assert (finding.detail, finding.severity) == ("device>rank", Severity.ERROR)
    assert finding.fix == "pass 'device' by keyword"


def test_positional_argument_of_renamed_parameter_is_fine(find):
    """
    HW203: another name alone changes nothing; another annotation too is a note.
    """
    old = {"vllm/a.py": "def start(config: int): ...\n"}
    new = {"vllm/a.py": "def start(settings: int): ...\n"}
    retyped = {"vllm/a.py": "def start(settings: str): ...\n"}

    (finding,) = find("HW203", _calling("x"), retyped, old)

    assert finding.severity is Severity.NOTE
    assert find("HW203", _calling("x"), new, old) == []
    assert find("HW203", _calling("x"), new) == []


def test_constructor_argument_that_is_gone_is_found(find):
    """
    HW204: a field that the dataclass no longer has.
    """
    (finding,) = find("HW204", _calling("a=1, c=2", "Record"), {"vllm/a.py": RECORD})

    assert finding.detail == "c"
    assert find("HW201", _calling("a=1, c=2", "Record"), {"vllm/a.py": RECORD}) == []


def test_constructor_argument_that_is_needed_is_found(find):
    """
    HW205: a field without a default, and the base's constructor through super().
    """
    base = {"vllm/a.py": "class Base:\n    def __init__(self, config): ...\n"}
    plugin = "from vllm.a import Base\n\nclass Mine(Base):\n    def __init__(self):\n"
    plugin += "        super().__init__()\n"

    (field,) = find("HW205", _calling("b=1", "Record"), {"vllm/a.py": RECORD})
    (parameter,) = find("HW205", plugin, base)

    assert (field.detail, parameter.detail) == ("a", "config")


def test_constructor_call_that_fits_is_fine(find):
    """
    HW204, HW205: fields by position and by keyword.
    """
    plugin = _calling("1, b=2", "Record")

    found = [find(rule, plugin, {"vllm/a.py": RECORD}) for rule in ("HW204", "HW205")]

    assert found == [[], []]


def test_call_that_is_renamed_and_missing_is_one_finding(find):
    """
    HW201: what is missing beside what is not taken is told with it, not by HW202.
    """
    plugin = _calling("conf=1")

    (finding,) = find("HW201", plugin, FUNCTION)

    assert finding.detail == "conf,-config"
    assert find("HW202", plugin, FUNCTION) == []


def test_call_through_a_class_that_the_plugin_overrides_is_a_warning(find):
    """
    HW202: the object may be one of the plugin's class, whose method takes less.
    """
    plugin = "from vllm.a import Runner\n\nclass Mine(Runner):\n    def prepare(self, batch): ...\n"
    plugin += "\ndef register(runner: Runner):\n    runner.prepare(1)\n"

    (finding,) = find("HW202", plugin, {"vllm/a.py": RUNNER})

    assert finding.severity is Severity.WARNING


def test_call_on_one_of_several_classes_that_fits_none_now_is_a_warning(find):
    """
    HW202: the attribute holds objects of two classes; the call fitted one of them before.
    """
    other = "class Other:\n    def propose(self, a, b, c): ...\nclass One:\n    def propose(self, "
    plugin = "from vllm.a import One, Other\n\nclass Mine:\n    def __init__(self, x):\n"
    plugin += "        if x:\n            self.drafter = One()\n        else:\n"
    plugin += "            self.drafter = Other()\n    def go(self):\n"
    plugin += "        self.drafter.propose(1)\n        self.drafter.propose(1, 2, 3)\n"
    new, old = ({"vllm/a.py": f"{other}{names}): ...\n"} for names in ("n, a", "a"))

    (finding,) = find("HW202", plugin, new, old)

    assert (finding.symbol, finding.detail) == ("vllm.a.One.propose", "a")
    assert (finding.where.line, finding.severity) == (10, Severity.WARNING)


@pytest.mark.parametrize(
    "plugin",
    [
        "class Mine(Record):\n    def __init__(self, c): ...\n\ndef go():\n    Record(c=1)\n",
        "def go():\n    Interface()\n",
    ],
    ids=["own-class-takes-it", "interface"],
)
def test_constructor_that_may_be_another_ones_is_a_warning(find, plugin):
    """
    HW204, HW205: a class of the plugin may be made instead, or one that fills an interface.
    """
    interface = "class Interface:\n    def __init__(self, config):\n"
    interface += "        raise NotImplementedError\n"
    host = {"vllm/a.py": RECORD + interface}

    found = [
        finding
        for rule in ("HW204", "HW205")
        for finding in find(rule, f"from vllm.a import Interface, Record\n\n{plugin}", host)
    ]

    assert [finding.severity for finding in found] == [Severity.WARNING]


def test_call_that_never_fitted_has_the_same_key_on_both_hosts(find):
    """
    HW202: what else is missing on the new host is no news.
    """
    plugin = _calling("")
    new = {"vllm/a.py": "def start(config, device): ...\n"}

    (finding,) = find("HW202", plugin, new, FUNCTION)
    (standing,) = find("HW202", plugin, FUNCTION)

    assert finding.key == standing.key


LAYERED = {
    "vllm/a.py": "class Base:\n    def begin(self, name{more}): ...\n\n\nclass Lower(Base): ...\n"
}


@pytest.mark.parametrize(
    ("patched", "count"), [("Lower", 0), ("Other", 1)], ids=["patched", "another"]
)
def test_call_of_a_method_that_is_patched_nearer_to_the_object_is_not_judged(find, patched, count):
    """
    HW202: the plugin's own takes the call.
    """
    plugin = (
        "from vllm.a import Lower\nfrom vllm.b import Other\n\n\n"
        "def begin(self, name): ...\n\n\ndef go(self: Lower):\n    self.begin('x')\n\n\n"
        f"{patched}.begin = begin\n\n\ndef register(): ...\n"
    )
    text = LAYERED["vllm/a.py"].format(more=", deltas")
    host = {"vllm/a.py": text, "vllm/b.py": "class Other:\n    def begin(self, name): ...\n"}

    assert len(find("HW202", plugin, host)) == count


def test_call_that_never_fitted_and_fits_an_own_override_is_a_note(find):
    """
    HW201: it was made for the plugin's own class, whatever the annotation says.
    """
    host = {"vllm/a.py": RUNNER}
    plugin = (
        "from vllm.a import Runner\n\n\nclass Mine(Runner):\n"
        "    def prepare(self, batch, sizes, more=1): ...\n\n\n"
        "def register(runner: Runner):\n    runner.prepare(1, 2, more=3)\n"
    )

    (finding,) = find("HW201", plugin, host, host)

    assert finding.severity is Severity.NOTE


def test_call_that_only_a_gate_of_the_new_host_runs_is_an_error(find):
    """
    HW201: it was not made on the old host, so that what it had there tells nothing.
    """
    plugin = (
        "from vllm.a import start\nfrom acme.gates import vllm_version_is\n\n\n"
        "def register():\n    if not vllm_version_is('0.1.0'):\n        start(1, 2, 3)\n"
    )

    (finding,) = find("HW201", plugin, FUNCTION, FUNCTION)

    assert (finding.severity, finding.host_before) == (Severity.ERROR, None)


def test_decorator_that_only_marks_a_class_hides_nothing(find):
    """
    HW204: the fields still make the constructor.
    """
    plugin = "from vllm.record import Record\n\ndef go():\n    return Record(a=1, c=2)\n"
    body = "@dataclass\nclass Record:\n    a: int\n    {field}: int = 0\n"
    head = "from dataclasses import dataclass\n"
    marked = head + "from vllm._bc_linter import bc_linter_include\n@bc_linter_include\n"
    new = {"vllm/record.py": marked + body.format(field="b"), "vllm/_bc_linter.py": ""}

    found = find("HW204", plugin, new, {"vllm/record.py": head + body.format(field="c")})

    assert [item.detail for item in found] == ["c"]
