"""Overrides that do not take what vLLM passes: HW302."""

import pytest

from hwcheck.model.finding import Location, Severity

SCHEDULER = "class Scheduler:\n    def schedule(self{parameters}): ...\n"
CORE = (
    "from vllm.sched import Scheduler\n\n\n"
    "class EngineCore:\n"
    "    scheduler: Scheduler\n\n"
    "    def step(self, other):\n"
    "        return {call}\n"
)
PLUGIN = (
    "from vllm.sched import Scheduler\n\n\n"
    "class Mine(Scheduler):\n"
    "    def schedule({parameters}): ...\n\n\n"
    "def register(): ...\n"
)


def host(parameters="", call="self.scheduler.schedule()"):
    return {
        "vllm/sched.py": SCHEDULER.format(parameters=parameters),
        "vllm/core.py": CORE.format(call=call),
    }


OLD = host()


@pytest.mark.parametrize(
    ("parameters", "call", "ours", "detail"),
    [
        (", throttle=False", "self.scheduler.schedule(True)", "self", "throttle"),
        (", throttle=False", "self.scheduler.schedule(throttle=True)", "self", "throttle"),
        ("", "self.scheduler.schedule()", "self, budget", "budget"),
        (", n, a", "self.scheduler.schedule(1, 2)", "self, a, b=1", "n"),
        (", a, *, n=1", "self.scheduler.schedule(1, n=2)", "self, a", "n"),
    ],
    ids=["by-position", "by-keyword", "dropped", "inserted", "keyword-only"],
)
def test_override_that_a_call_of_vllm_does_not_fit_is_an_error(
    find, parameters, call, ours, detail
):
    """
    HW302: the call is the evidence, the parameter the detail.
    """
    (finding,) = find(
        "HW302", PLUGIN.format(parameters=ours), host(parameters, call), host(parameters)
    )

    assert (finding.rule, finding.detail, finding.severity) == ("HW302", detail, Severity.ERROR)
    assert finding.evidence == Location(path="vllm/core.py", line=8)
    assert finding.where == Location(path="acme/__init__.py", line=5)
    assert finding.symbol == "vllm.sched.Scheduler.schedule"


@pytest.mark.parametrize(
    ("ours", "parameters", "call"),
    [
        ("self, throttle=False", ", throttle=False", "self.scheduler.schedule(throttle=True)"),
        ("self, **more", ", throttle=False", "self.scheduler.schedule(throttle=True)"),
        ("self, *rest", ", throttle=False", "self.scheduler.schedule(True)"),
        ("self, other_name", ", a", "self.scheduler.schedule(1)"),
        ("self, _a", ", a", "self.scheduler.schedule(1)"),
    ],
    ids=["taken", "keywords", "stars", "renamed", "unused"],
)
def test_override_that_takes_what_is_passed_is_fine(find, ours, parameters, call):
    """
    HW302: whatever Python accepts with the same meaning.
    """
    assert find("HW302", PLUGIN.format(parameters=ours), host(parameters, call), OLD) == []


def test_optional_parameter_that_nobody_passes_is_a_note(find):
    """
    HW302: it is only possible, and only told when it is new.
    """
    plugin = PLUGIN.format(parameters="self")
    new = host(", throttle=False")

    assert [item.severity for item in find("HW302", plugin, new, OLD)] == [Severity.NOTE]
    assert find("HW302", plugin, new, new) == []
    assert find("HW302", plugin, new) == []


@pytest.mark.parametrize(
    "call",
    ["other.schedule(True)", "Other().schedule(True)", "schedule(True)"],
    ids=["unknown", "other-class", "function"],
)
def test_call_on_something_else_proves_nothing(find, call):
    """
    HW302: methods of the same name of other objects.
    """
    new = host(", throttle=False", call)
    new["vllm/core.py"] += "\n\nclass Other:\n    def schedule(self, a): ...\n"

    found = find("HW302", PLUGIN.format(parameters="self"), new, OLD)

    assert [item.severity for item in found] == [Severity.NOTE]


def test_own_call_of_the_base_class_is_evidence_while_it_runs(find):
    """
    HW302: a method that the plugin replaces makes no calls any more.
    """
    base = (
        "class Scheduler:\n"
        "    def schedule(self, n=0): ...\n"
        "    def run(self):\n        return self.schedule(n=1)\n"
    )
    plugin = PLUGIN.format(parameters="self")
    replaced = plugin.replace("def register", "    def run(self): ...\n\n\ndef register", 1)

    (found,) = find("HW302", plugin, {"vllm/sched.py": base})
    (latent,) = find("HW302", replaced, {"vllm/sched.py": base})

    assert (found.severity, latent.severity) == (Severity.ERROR, Severity.WARNING)


def test_new_parameter_is_not_hidden_by_an_old_mismatch(find):
    """
    HW302: each parameter is a finding of its own.
    """
    plugin = PLUGIN.format(parameters="self")
    old = host(", a=1, b=1", "self.scheduler.schedule(a=1)")
    new = host(", a=1, b=1", "self.scheduler.schedule(a=1, b=2)")

    known = {finding.key for finding in find("HW302", plugin, old)}

    assert [f.detail for f in find("HW302", plugin, new, old) if f.key not in known] == ["b"]


def test_receiver_named_like_the_class_is_evidence(find):
    """
    HW302: variables of vLLM mostly have no annotation.
    """
    new = host(", throttle=False", "other.scheduler.schedule(True)")

    (finding,) = find("HW302", PLUGIN.format(parameters="self"), new)

    assert finding.severity is Severity.ERROR


def test_dead_class_is_not_looked_at(find):
    """
    HW302: a version gate that is closed on this host.
    """
    plugin = (
        "from vllm.sched import Scheduler\n\n\n"
        "if vllm_version_is('0.1.0'):\n"
        "    class Mine(Scheduler):\n"
        "        def schedule(self): ...\n"
        "else:\n"
        "    class Mine(Scheduler):\n"
        "        def schedule(self, throttle=False): ...\n"
    )
    new = host(", throttle=False", "self.scheduler.schedule(True)")

    assert find("HW302", plugin, new, OLD) == []


def test_method_of_vllm_that_takes_anything_expects_nothing(find):
    """
    HW302: a call that fits it proves nothing.
    """
    new = host(", *rest, **more", "self.scheduler.schedule(a=1)")

    assert find("HW302", PLUGIN.format(parameters="self"), new, OLD) == []


@pytest.mark.parametrize(
    ("put", "severity"),
    [("vllm.layer.Layer = Mine", Severity.ERROR), ("", Severity.NOTE)],
    ids=["in-place", "beside"],
)
def test_forward_in_place_of_a_layer_that_no_call_can_satisfy_is_an_error(find, put, severity):
    """
    HW302: where vLLM makes the plugin's layer instead of its own, it calls forward its way.
    """
    text = "import torch\nclass Layer(torch.nn.Module):\n    def forward({}): ...\n"
    plugin = "import vllm.layer\nfrom vllm.layer import Layer\n\n\nclass Mine(Layer):\n"
    plugin += f"    def forward(self, x, out): ...\n\n\n{put}\n\n\ndef register(): ...\n"
    old = {"vllm/layer.py": text.format("self, x, out")}

    (finding,) = find("HW302", plugin, {"vllm/layer.py": text.format("self, x")}, old)

    assert (finding.detail, finding.severity) == ("out", severity)


OWN_CALL = (
    "class Manager:\n    def run(self, tokens): ...\n"
    "    def execute(self):\n        return self.run(1)\n"
)
PUT = (
    "import vllm.sched\nfrom vllm.sched import Manager\n\n\n"
    "class Mine(Manager):\n    def run(self, tokens, buffers): {body}\n\n\n"
    "vllm.sched.Manager = Mine\n\n\ndef register(): ...\n"
)


@pytest.mark.parametrize(
    ("body", "severity"),
    [("...", Severity.ERROR), ("raise NotImplementedError", Severity.NOTE)],
    ids=["runs", "only-raises"],
)
def test_class_in_the_place_of_its_own_base_inherits_the_call(find, body, severity):
    """
    HW302: the replaced class's methods are still run, unless the override only raises anyway.
    """
    (finding,) = find("HW302", PUT.format(body=body), {"vllm/sched.py": OWN_CALL})

    assert (finding.detail, finding.severity) == ("buffers", severity)


@pytest.mark.parametrize(
    ("bases", "severity"),
    [("Mixin", Severity.WARNING), ("GPUModelRunner", Severity.ERROR), ("", Severity.ERROR)],
    ids=["beside", "inherited", "unrelated"],
)
def test_call_in_class_that_the_plugin_has_another_in_place_of_is_latent(find, bases, severity):
    """
    HW302: of the same mixins and name, and nothing of the plugin inherits from vLLM's.
    """
    host = (
        "class Mixin: ...\n\n\nclass Drafter:\n    def run(self{more}): ...\n\n\n"
        "class GPUModelRunner(Mixin):\n    def __init__(self, drafter: Drafter):\n"
        "        self.drafter = drafter\n    def go(self):\n        self.drafter.run({passed})\n"
    )
    plugin = (
        "from vllm.run import Drafter, GPUModelRunner, Mixin\n\n\n"
        f"class XModelRunner({bases}): ...\n\n\n"
        "class Mine(Drafter):\n    def run(self): ...\n\n\n"
        "def register():\n    return 'acme.Mine'\n"
    )
    new = {"vllm/run.py": host.format(more=", size=1", passed="size=2")}
    old = {"vllm/run.py": host.format(more="", passed="")}

    (finding,) = find("HW302", plugin, new, old)

    assert finding.severity is severity


@pytest.mark.parametrize(
    ("tree", "details"),
    [
        ("output", []),
        ("self, job=None", ["job, output"]),
        ("", ["job, output"]),
    ],
    ids=["beside-it-fails-too", "beside-it-takes-it", "nothing-beside-it"],
)
def test_call_that_all_of_vllm_beside_the_class_fail_on_is_made_on_others(find, tree, details):
    """
    HW302: the former engine's base calls itself in a way that no present class of vLLM takes.
    """
    former = (
        "class Former:\n    def run(self, job=None): ...\n\n"
        "    def loop(self):\n        self.run(job=None)\n"
    )
    parameters = tree if tree.startswith("self") else f"self, {tree}"
    own = f"class Tree(Base):\n    def run({parameters}): ...\n" if tree else ""
    new = {
        "vllm/former.py": former,
        "vllm/present/base.py": "from vllm.former import Former\n\n\nclass Base(Former): ...\n",
        "vllm/present/tree.py": f"from vllm.present.base import Base\n\n\n{own}",
    }
    plugin = (
        "from vllm.present.base import Base\n\n\n"
        "class Mine(Base):\n    def run(self, output): ...\n\n\n"
        "def register(): ...\n"
    )

    assert [finding.detail for finding in find("HW302", plugin, new)] == details


@pytest.mark.parametrize(
    ("body", "details"),
    [("return 1", []), ("return kind", ["size"]), ("return locals()", ["kind, size"])],
    ids=["looks-at-nothing", "looks-at-one", "looks-at-all"],
)
def test_argument_at_another_place_matters_only_where_it_is_looked_at(find, body, details):
    """
    HW302: a function that takes anything and ignores it is no worse off.
    """
    plugin = (
        "from vllm.sched import Scheduler\n\n\n"
        "class Mine(Scheduler):\n    def schedule(self, kind=None, size=None):\n"
        f"        {body}\n\n\n"
        "def register(): ...\n"
    )
    new = host(", size, kind", "self.scheduler.schedule(1, 2)")

    assert [finding.detail for finding in find("HW302", plugin, new)] == details
