"""Replacements that do not fit their callers: HW402 and HW403."""

import pytest

from hwcheck.model.finding import Severity

HOST = {
    "vllm/ops.py": (
        "def run(a, fast=False): ...\n\n\n"
        "def here():\n    return run(1, fast=True)\n\n\n"
        "class Op:\n"
        "    def __init__(self, size, eps=1): ...\n"
        "    def go(self, a, n=0): ...\n"
        "    def step(self):\n        return self.go(1, n=2)\n"
        "    @classmethod\n"
        "    def register_oot(cls, name=None): ...\n"
    ),
    "vllm/user.py": (
        "from vllm.ops import Op\n\n\n"
        "class Model:\n    def __init__(self):\n        self.op = Op(1, eps=2)\n"
    ),
}
PLUGIN = "import vllm.ops\nfrom vllm.ops import Op\n\n\n{code}\n\n\ndef register(): ...\n"


@pytest.mark.parametrize(
    ("code", "symbol", "detail"),
    [
        ("def mine(a): ...\nvllm.ops.run = mine", "vllm.ops.run", "fast"),
        ("vllm.ops.run = lambda a: a", "vllm.ops.run", "fast"),
        ("def mine(self, a): ...\nOp.go = mine", "vllm.ops.Op.go", "n"),
        ("setattr(Op, 'go', lambda self, a: a)", "vllm.ops.Op.go", "n"),
    ],
    ids=["function", "lambda", "method", "setattr"],
)
def test_replacement_that_a_call_does_not_fit_is_an_error(find, code, symbol, detail):
    """
    HW402: functions of modules and classes.
    """
    (finding,) = find("HW402", PLUGIN.format(code=code), HOST)

    assert (finding.rule, finding.symbol, finding.detail) == ("HW402", symbol, detail)
    assert finding.severity is Severity.ERROR
    assert finding.evidence is not None
    assert finding.evidence.path == "vllm/ops.py"


@pytest.mark.parametrize(
    "code",
    [
        "def mine(a, fast=False): ...\nvllm.ops.run = mine",
        "def mine(*args, **kwargs): ...\nvllm.ops.run = mine",
        "def mine(self, a, n=0): ...\nOp.go = mine",
        "def mine(a): ...\nvllm.ops.other = mine",
        "vllm.ops.run = unknown()",
    ],
    ids=["same", "stars", "method", "new-name", "unknown"],
)
def test_replacement_that_takes_everything_is_fine(find, code):
    """
    HW402: whatever Python accepts, or what cannot be told.
    """
    assert find("HW402", PLUGIN.format(code=code), HOST) == []


@pytest.mark.parametrize("launch", ["[grid](a, n=1)", "[(1,)](a, n=1)"])
def test_replaced_kernel_is_held_against_its_launches(find, launch):
    """
    HW402: a launch is a call.
    """
    host = {
        "vllm/ops.py": (
            "import triton\n\n\n@triton.jit\ndef kernel(a, n): ...\n\n\n"
            f"def go(a, grid):\n    kernel{launch}\n"
        )
    }
    code = "import triton\n@triton.jit\ndef mine(a): ...\nvllm.ops.kernel = mine"
    plugin = PLUGIN.format(code=code).replace("from vllm.ops import Op\n", "")

    (finding,) = find("HW402", plugin, host)

    assert finding.detail == "n"


REGISTERED = "@Op.register_oot\nclass Mine(Op):\n    def __init__(self, {parameters}): ..."
ASSIGNED = "class Mine(Op):\n    def __init__(self, {parameters}): ...\n\n\nvllm.ops.Op = Mine"


@pytest.mark.parametrize("code", [REGISTERED, ASSIGNED], ids=["registered", "assigned"])
def test_constructor_of_a_replacement_class_is_held_against_its_makers(find, code):
    """
    HW403: vLLM makes objects by the name of its own class.
    """
    (finding,) = find("HW403", PLUGIN.format(code=code.format(parameters="size")), HOST)
    fine = find("HW403", PLUGIN.format(code=code.format(parameters="size, eps=1")), HOST)

    assert (finding.rule, finding.detail, finding.symbol) == ("HW403", "eps", "vllm.ops.Op")
    assert (finding.severity, fine) == (Severity.ERROR, [])


def test_static_method_is_replaced_by_a_plain_function(find):
    """
    HW402: there is no receiver to take off.
    """
    host = {
        "vllm/ops.py": (
            "class Op:\n    @staticmethod\n    def go(a, n=0): ...\n\n\n"
            "def use():\n    return Op.go(1)\n"
        )
    }

    assert find("HW402", PLUGIN.format(code="def mine(a): ...\nOp.go = mine"), host) == []


def test_call_that_fails_on_the_old_host_too_proves_less(find):
    """
    HW402: the plugin works there, so that the call is not made.
    """
    old = {"vllm/ops.py": "def run(a, b): ...\n\n\ndef here():\n    return run(1, b=2)\n"}
    new = {"vllm/ops.py": "def run(a, b, c): ...\n\n\ndef here():\n    return run(1, b=2, c=3)\n"}
    plugin = (
        "import vllm.ops\n\n\ndef mine(a): ...\n\n\nvllm.ops.run = mine\n\ndef register(): ...\n"
    )

    standing, fresh = sorted(find("HW402", plugin, new, old), key=lambda item: item.detail)

    assert (standing.detail, fresh.detail) == ("b", "c")
    assert (standing.severity, fresh.severity) == (Severity.ERROR, Severity.WARNING)
    assert [item.key for item in find("HW402", plugin, old)] == [standing.key]


@pytest.mark.parametrize(
    "code",
    [
        "@CustomOp.register_oot(name='Op')\nclass Mine(Op):\n    def __init__(self, size): ...",
        (
            "class Mine(Op):\n    def __init__(self, size): ...\n\n\n"
            "CustomOp.register_oot(_decorated_op_cls=Mine, name='Op')"
        ),
        (
            "class MineOp(Op):\n    def __init__(self, size): ...\n\n\n"
            "for name, cls in {'Op': MineOp}.items():\n"
            "    CustomOp.register_oot(_decorated_op_cls=cls, name=name)"
        ),
    ],
    ids=["decorated", "called", "in-a-loop"],
)
def test_registration_on_the_base_of_all_operators_is_understood(find, code):
    """
    HW403: the name says which class is meant.
    """
    host = {
        path: text.replace(
            "class Op:",
            "class CustomOp:\n    @classmethod\n    def register_oot(cls, name=None): ...\n\n\n"
            "class Op(CustomOp):",
        )
        for path, text in HOST.items()
    }
    code = "from vllm.ops import CustomOp\n" + code

    (finding,) = find("HW403", PLUGIN.format(code=code), host)

    assert (finding.detail, finding.symbol) == ("eps", "vllm.ops.Op")


@pytest.mark.parametrize(
    ("receiver", "count"),
    [("import vllm.ops as ops\n\n\ndef f():\n    ops", 1), ("def f(ops):\n    ops", 0)],
    ids=["module", "unknown"],
)
def test_call_through_the_module_finds_the_replacement(find, receiver, count):
    """
    HW402: the name is looked up in the module when the call is made.
    """
    host = {"vllm/ops.py": "def run(a, b=0): ...\n", "vllm/u.py": f"{receiver}.run(1, b=2)\n"}
    code = "def mine(a): ...\nvllm.ops.run = mine"
    code = PLUGIN.format(code=code).replace("from vllm.ops import Op\n", "")

    assert len(find("HW402", code, host)) == count


def test_name_that_was_imported_elsewhere_keeps_the_original(find):
    """
    HW402: a module that took the name from another module does not see the patch.
    """
    host = {
        "vllm/home.py": "def run(a, b=0): ...\n",
        "vllm/ops.py": "from vllm.home import run\n",
        "vllm/user.py": "from vllm.home import run\n\n\ndef f():\n    run(1, b=2)\n",
    }
    code = PLUGIN.format(code="def mine(a): ...\nvllm.ops.run = mine")

    assert find("HW402", code.replace("from vllm.ops import Op\n", ""), host) == []


@pytest.mark.parametrize(
    "code",
    [
        "@property\ndef mine(self): ...\nOp.go = mine",
        "def mine(): ...\nvllm.ops.Op = mine",
        "def mine(*rest, **more): ...\nOp.go = mine",
        "class Own:\n    @staticmethod\n    def mine(self, a, n=0): ...\nOp.go = Own.mine",
        "del vllm.ops.run",
    ],
    ids=["property", "function-for-class", "stars", "static", "deleted"],
)
def test_replacement_of_another_kind_is_not_bound(find, code):
    """
    HW402: nothing is known of how it would be called.
    """
    assert find("HW402", PLUGIN.format(code=code), HOST) == []
    assert find("HW403", PLUGIN.format(code=code), HOST) == []


LAYER = {
    "vllm/layer.py": "import torch\nclass Layer(torch.nn.Module):\n    def forward({now}): ...\n"
}


def layer(parameters):
    return {path: text.format(now=parameters) for path, text in LAYER.items()}


@pytest.mark.parametrize(
    ("now", "ours", "count"),
    [
        ("self, x", "self, x, out", 1),
        ("self, x, out", "self, x, out", 0),
        ("self, x", "self, x, out=None", 0),
        ("self, *args", "self, x, out", 0),
        ("self, y", "self, x", 0),
    ],
    ids=["dropped", "kept", "optional", "open", "renamed"],
)
def test_forward_of_a_layer_that_no_call_can_satisfy_is_an_error(find, now, ours, count):
    """
    HW402: layers are called as objects; what asks for more than vLLM's forward takes fails.
    """
    plugin = "from vllm.layer import Layer\n\n\n"
    plugin += f"def mine({ours}): ...\nLayer.forward = mine\n\n\ndef register(): ...\n"

    found = find("HW402", plugin, layer(now), layer("self, x, out"))

    assert [(item.detail, item.severity) for item in found] == [("out", Severity.ERROR)] * count


LOWER = {
    **HOST,
    "vllm/lower.py": "from vllm.ops import Op\n\n\nclass Lower(Op): ...\n",
}


@pytest.mark.parametrize(
    ("more", "severities"),
    [
        ("", [Severity.ERROR]),
        ("def step(self): ...\nLower.step = step\n", []),
        (
            "kept = Op.step\ndef step(self): return kept(self)\nLower.step = step\n",
            [Severity.WARNING],
        ),
    ],
    ids=["calls", "replaced-too", "goes-on"],
)
def test_call_in_a_method_that_is_replaced_on_the_class_is_no_proof(find, more, severities):
    """
    HW402: the host's method that makes the call is not run by objects of that class.
    """
    code = f"from vllm.lower import Lower\n{more}def mine(self, a): ...\nLower.go = mine"

    found = find("HW402", PLUGIN.format(code=code), LOWER)

    assert [finding.severity for finding in found] == severities
