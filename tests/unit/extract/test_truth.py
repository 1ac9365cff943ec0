"""Tests of conditions: which there are, and where they hold."""

import pytest


@pytest.fixture
def guard_of(code, shown):
    """Tell under which condition ``vllm.used`` is read."""

    def find(source):
        found = code("import vllm\nfrom plug.gates import gate, FLAG\n" + source)
        (access,) = [each for each in found.uses.accesses if each.chain.startswith("vllm.used")]
        return shown(found.uses.conditions[access.guard])

    return find


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('if gate("0.1"): vllm.used', "call:gate 0.1"),
        ('if not gate("0.1"): vllm.used', "not(call:gate 0.1)"),
        ('if gate("0.1"): pass\nelse: vllm.used', "not(call:gate 0.1)"),
        ('if not gate("0.1"): pass\nelse: vllm.used', "call:gate 0.1"),
        ('if gate("0.1"): pass\nelif gate("0.2"): vllm.used',
         "all(not(call:gate 0.1), call:gate 0.2)"),
        ('if gate("0.1") and FLAG: vllm.used', "all(call:gate 0.1, truth:FLAG)"),
        ('if gate("0.1") or FLAG: vllm.used', "any(call:gate 0.1, truth:FLAG)"),
        ('gate("0.1") and vllm.used', "call:gate 0.1"),
        ('gate("0.1") or vllm.used', "not(call:gate 0.1)"),
        ('x = vllm.used if gate("0.1") else 1', "call:gate 0.1"),
        ('x = 1 if gate("0.1") else vllm.used()', "not(call:gate 0.1)"),
        ('f(2 if gate("0.1") else vllm.used)', "not(call:gate 0.1)"),
        ('def f():\n  if gate("0.1"): return\n  vllm.used', "not(call:gate 0.1)"),
        ('def f():\n  if gate("0.1"):\n    raise X\n  vllm.used', "not(call:gate 0.1)"),
        ('def f():\n  if gate("0.1"): pass\n  else: return\n  vllm.used', "call:gate 0.1"),
        ('def f():\n  if gate("0.1"):\n    with x: return\n  vllm.used', "not(call:gate 0.1)"),
        ('def f():\n  if gate("0.1"):\n    if q: return\n    else: raise X\n  vllm.used',
         "not(call:gate 0.1)"),
        ('for x in y:\n  if gate("0.1"): continue\n  vllm.used', "not(call:gate 0.1)"),
        ('for x in y:\n  if gate("0.1"): break\nvllm.used', "all()"),
        ('import sys\nif gate("0.1"): sys.exit()\nvllm.used', "not(call:gate 0.1)"),
        ('while gate("0.1"): vllm.used', "call:gate 0.1"),
        ('NEW = gate("0.1")\nif NEW: vllm.used', "call:gate 0.1"),
        ('NEW = not gate("0.1")\nOLD = NEW\nif OLD: vllm.used', "not(call:gate 0.1)"),
        ('def f():\n  new = gate("0.1")\n  if new: vllm.used', "call:gate 0.1"),
        ('def f():\n  new = False\n  if gate("0.1"): new = True\n  if new: vllm.used',
         "call:gate 0.1"),
        ('def f(x):\n  new = x\n  new = gate("0.1")\n  if new: vllm.used', "all()"),
        ('if gate("0.1"):\n  N = True\nelse:\n  N = False\nif N: vllm.used', "call:gate 0.1"),
        ('N = gate("0.1")\nN += 1\nif N: vllm.used', "truth:N"),
        ("if True: vllm.used", "all()"),
        ("if False: vllm.used", "any()"),
        ('if bool(gate("0.1")): vllm.used', "call:gate 0.1"),
        ('if (gate("0.1") if FLAG else False): vllm.used', "all(truth:FLAG, call:gate 0.1)"),
        ("if gate(): vllm.used", "truth:gate()"),
        ("if gate(1): vllm.used", "unknown"),
        ("if -FLAG: vllm.used", "unknown"),
        ("if FLAG is FLAG: vllm.used", "unknown"),
        ("if FLAG is not None: vllm.used", "has:FLAG"),
        ("if FLAG is None: vllm.used", "not(has:FLAG)"),
        ("if FLAG.x is None: vllm.used", "unknown"),
        ("if FLAG.x: vllm.used", "truth:FLAG.x"),
        ("if FLAG().x: vllm.used", "unknown"),
        ("def f(p):\n  if p: vllm.used", "all()"),
        ("def f(p):\n  if p.x: vllm.used", "all()"),
        ("def f(p):\n  q = p\n  if q: vllm.used", "all()"),
        ("def f(p):\n  if p == '1': vllm.used", "all()"),
        ("def f():\n  q = FLAG.y\n  if q: vllm.used", "truth:FLAG.y"),
        ("import typing\nif typing.TYPE_CHECKING: vllm.used", "typing"),
        ("if TYPE_CHECKING: vllm.used", "typing"),
        ('if hasattr(vllm.a, "b"): vllm.used', "has:vllm.a b"),
        ('if getattr(vllm.a, "b", None): vllm.used', "all(has:vllm.a b, unknown)"),
        ('if getattr(vllm.a, "b", None) is not None: vllm.used', "all(has:vllm.a b, unknown)"),
        ("if getattr(vllm.a, FLAG, None): vllm.used", "unknown"),
        ('import importlib\nif importlib.util.find_spec("vllm.x") is not None: vllm.used',
         "call:importlib.util.find_spec vllm.x"),
        ('import os\nif os.getenv("X"): vllm.used', "unknown"),
        ("import os\nif os.x: vllm.used", "unknown"),
    ],
)  # fmt: skip
def test_guard_is_the_condition_of_the_place(guard_of, source, expected):
    """
    What is used stands under the conditions that decide whether it runs.
    """
    assert guard_of(source) == expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('Version(vllm.__version__) >= Version("0.11")', "compare:vllm.__version__>= 0.11"),
        ('Version("0.11") <= parse(vllm.__version__)', "compare:vllm.__version__>= 0.11"),
        ('"0.11" != vllm.version.__version__', "compare:vllm.__version__!= 0.11"),
        ('V < "1"', "compare:vllm.__version__< 1"),
        ('NUMBER == "1"', "compare:vllm.__version__== 1"),
        ("vllm.__version_tuple__ > (0, 11, 2)", "compare:vllm.__version__> 0.11.2"),
        ("vllm.__version_tuple__[:2] > (0, 11)", "compare:vllm.__version__> 0.11"),
        ("vllm.__version_tuple__ > (0, x)", "unknown"),
        ('Version(metadata.version("vllm")) < Version("1")', "compare:vllm.__version__< 1"),
        ('Version(metadata.version("torch")) < Version("1")', "unknown"),
        ('Version(v("vllm")).base_version == "1"', "compare:vllm.__version__== 1"),
        ('"1" <= V < "2"', "all(compare:vllm.__version__>= 1, compare:vllm.__version__< 2)"),
        ('V in ("1", "2")', "any(compare:vllm.__version__== 1, compare:vllm.__version__== 2)"),
        ('V not in ["1"]', "not(compare:vllm.__version__== 1)"),
        ("V in OTHER", "unknown"),
        ("V in ()", "unknown"),
        ('"1" in V', "unknown"),
        ('V.startswith("0.1")', "call:vllm.__version__.startswith 0.1"),
        ('vllm.name == "x"', "compare:vllm.name== x"),
        ("sys.version_info >= (3, 12)", "compare:sys.version_info>= 3.12"),
        ("vllm.name == 3", "unknown"),
    ],
)
def test_comparison_with_a_version_is_canonical(guard_of, test, expected):
    """
    The version of vLLM is written in one way, however it was come by.
    """
    source = f"""
import sys
from importlib import metadata
from importlib.metadata import version as v
from packaging.version import Version, parse
from vllm import __version__ as V
NUMBER = vllm.__version__
if {test}: vllm.used
"""
    expected = expected if 'v("vllm")' not in test else "unknown"

    assert guard_of(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("try: vllm.used\nexcept ImportError: pass", "tried: ImportError"),
        ("try: vllm.used\nexcept (ImportError, KeyError): pass", "tried: ImportError"),
        ("try: vllm.used\nexcept: pass", "tried: BaseException"),
        ("try: vllm.used\nexcept Exception as e: raise X from e", "all()"),
        ("try: vllm.used\nexcept KeyError: pass", "all()"),
        ("try: pass\nexcept AttributeError: vllm.used", "handler: AttributeError"),
        ("try: pass\nexcept KeyError: vllm.used", "unknown"),
        ("try: pass\nexcept ImportError: pass\nelse: vllm.used", "all()"),
        ("try: pass\nexcept ImportError: pass\nfinally: vllm.used", "all()"),
        ("with contextlib.suppress(ImportError, X): vllm.used", "tried: ImportError"),
        ("with suppress(KeyError): vllm.used", "all()"),
        ("try:\n  def f(): vllm.used\nexcept ImportError: pass", "all()"),
        ("try: pass\nexcept ImportError:\n  def f(): vllm.used", "handler: ImportError"),
        ("match FLAG:\n  case 1: vllm.used", "unknown"),
    ],
)
def test_tries_and_handlers_guard(guard_of, source, expected):
    """
    The body of a ``try`` that survives a missing name is marked, and so are its handlers.
    """
    found = guard_of(source)

    assert found.replace("tried: ", "tried: ") == expected


def test_flag_of_a_class_is_its_condition(code, shown):
    """
    A flag that a method sets on its receiver means its condition in other methods.
    """
    found = code(
        """
        import vllm
        from plug.gates import gate
        class A:
            def __init__(self): self.new = gate("0.1")
            def f(self):
                if self.new: vllm.used
                if self.other: vllm.plain
        """
    )
    guards = {x.chain: shown(found.uses.conditions[x.guard]) for x in found.uses.accesses}

    assert (guards["vllm.used"], guards["vllm.plain"]) == ("call:gate 0.1", "all()")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('return gate("0.1")', "call:gate 0.1"),
        ('if gate("0.1"): return True\n  return False', "call:gate 0.1"),
        ('if gate("0.1"): return False\n  return True', "not(call:gate 0.1)"),
        ('if gate("0.1"): return\n  return FLAG', "all(not(call:gate 0.1), truth:FLAG)"),
        ('return not gate("0.1")', "not(call:gate 0.1)"),
        ('return Version(vllm.__version__) >= Version("0.1")', "compare:vllm.__version__>= 0.1"),
        (
            "import vllm as w\n  v = w.__version__\n  return v == '1'",
            "compare:vllm.__version__== 1",
        ),
        ("return 1", None),
        ("return True", None),
        ('return "text" if gate("0.1") else ""', None),
        ("return x.y", None),
        ("pass", None),
    ],
)
def test_function_that_wraps_a_gate_has_its_condition(code, shown, body, expected):
    """
    A function whose answer is about versions or flags says when it is true.
    """
    source = f"import vllm\nfrom plug.gates import gate, FLAG\ndef f(x):\n  {body}\n"
    found = code(source).module.functions[0].condition

    assert (found and shown(found)) == expected


def test_flags_of_the_module_keep_their_conditions(code, shown):
    """
    Flags that other modules import say when they are true.
    """
    found = code('from plug.g import gate\nA = gate("1")\nB = True\nC = False\nD = 1\nE = x or y')
    flags = {b.name: b.condition and shown(b.condition) for b in found.module.bindings[1:]}

    assert flags == {"A": "call:gate 1", "B": "all()", "C": "any()", "D": None, "E": "any()"} | {
        "E": flags["E"]
    }


def test_conditional_value_binds_twice(code, shown):
    """
    A value that depends on a gate is bound once for each side of it.
    """
    found = code('import vllm\nfrom plug.g import gate\nBase = vllm.A if gate("1") else vllm.B')
    bound = [(b.target, shown(found.module.conditions[b.guard])) for b in found.module.bindings[2:]]

    assert bound == [("vllm.A", "call:gate 1"), ("vllm.B", "not(call:gate 1)")]
