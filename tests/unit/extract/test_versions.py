"""Tests of functions that compare vLLM's version with what they are given."""

import pytest

START = """
import os
import torch
import vllm
from importlib.metadata import version
from packaging.version import Version, parse
from plug import envs
from plug.gates import vllm_version_is
"""


@pytest.fixture
def told(code, shown):
    """Write what the last function returns as a condition."""

    def find(source):
        condition = code(START + source).module.functions[-1].condition
        return shown(condition) if condition is not None else None

    return find


ASCEND = """
def gate(target):
    if envs.VLLM_VERSION is not None:
        own = envs.VLLM_VERSION
    else:
        import vllm

        own = vllm.__version__
    try:
        return Version(own) == Version(target)
    except InvalidVersion:
        raise ValueError(own)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def gate(t): return Version(vllm.__version__) == Version(t)", "== t"),
        ("def gate(t): return vllm.__version__ != t", "!= t"),
        ("def gate(t): return Version(t) <= Version(vllm.__version__)", ">= t"),
        ("def gate(t): return parse(vllm.__version__.split('+')[0]) > parse(t)", "> t"),
        ("def gate(t):\n  own = version('vllm')\n  return parse(own).release >= parse(t).release",
         ">= t"),
        (("def gate(t):\n  own = os.getenv('VLLM_VERSION', vllm.__version__)\n"
         "  return parse(own) < parse(t)"), "< t"),
        ("def gate(t):\n  own = envs.VLLM_VERSION or vllm.__version__\n  return own == t", "== t"),
        ("def gate(t):\n  own = envs.X if envs.X else vllm.__version__\n  return own == t", "== t"),
        (("def gate(t):\n  try:\n    own = version('vllm')\n  except Exception:\n    own = '0.0'\n"
         "  return Version(own) >= Version(t)"), ">= t"),
        (("def gate(t):\n  own = None\n  own = vllm.__version__\n  own = os.getenv('X')\n"
         "  return own == t"), "== t"),
        ("OWN = Version(version('vllm'))\ndef gate(t): return OWN >= Version(t)", ">= t"),
        ("OWN = None\nOWN = vllm.__version__\ndef gate(t): return OWN >= t", ">= t"),
        ("OWN = Version(version('vllm'))\ndef gate(): return OWN >= Version('0.11')", ">= 0.11"),
        (ASCEND, "== target"),
    ],
)  # fmt: skip
def test_comparison_with_a_parameter_is_told(told, source, expected):
    """
    The value is the parameter's name, and the chain is vLLM's version however it is got at.
    """
    assert told(source) == f"compare:vllm.__version__{expected}"


@pytest.mark.parametrize(
    "source",
    [
        "def gate(t): return Version(torch.__version__) == Version(t)",
        "def gate(t, u): return Version(t) == Version(u)",
        "def gate(own): return Version(own) >= Version('0.11')",
        "def gate(t):\n  own = torch.x\n  own = vllm.__version__\n  return Version(own) == t",
        "def gate(t):\n  own = vllm.__version__\n  own = torch.x\n  return Version(own) == t",
        "def gate(t, own):\n  own = own or vllm.__version__\n  return Version(own) == t",
        "def gate(t):\n  t = other(t)\n  return Version(vllm.__version__) == Version(t)",
        "def gate(v2): return Version(vllm.__version__) == Version(v2)",
        "def gate(t): return vllm.__version__.split('.')[0] == t",
        "OWN = vllm.__version__\ndef gate(t, OWN): return OWN == t",
    ],
)
def test_comparison_of_something_else_is_not_told(told, source):
    """
    What may be another version, or is compared with more than the argument, tells nothing.
    """
    assert told(source) is None


def test_gate_that_asks_another_gate_is_told(told):
    """
    The parameter is handed on.
    """
    source = "def gate(t): return not vllm_version_is(t)"

    assert told(source) == "not(call:vllm_version_is t)"
