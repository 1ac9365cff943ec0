"""What no host makes a difference to is found without one, and nothing else is taken for it."""

import pytest

from hwcheck.analyse.rules.settled import settle

HOST = {"vllm/__init__.py": "class Base:\n    size = 1\ndef made():\n    return Base()\n"}
PLUGIN = """
import torch
from vllm import Base, made

class Own:
    size = 2

class Derived(Base):
    pass

def run(self, flag, vllm_config):
    torch.zeros(2).sum()
    own = Own()
    own.size
    own.gone
    derived = Derived()
    derived.size
    made().size
    mixed = Own() if flag else made()
    vllm_config.load
    Base.size = 3
    Own.size = 3
"""


@pytest.fixture
def settled(compare):
    """
    What is settled of a plugin that uses both itself and the host.
    """
    comparison = compare(PLUGIN, HOST)
    return settle(comparison.plugin, frozenset())


def test_what_leads_to_no_host_is_settled(settled):
    """
    Foreign libraries and the plugin's own classes are, the host and what inherits from it are not.
    """
    chains = {key[1] for key in settled.chains}

    assert {"torch.zeros().sum", "Own"} & chains
    assert {"own.size"} <= chains
    assert not {"derived.size", "made().size", "made()", "Base", "vllm_config.load"} & chains


def test_answers_after_a_refusal_are_not_spoilt_by_it(compare):
    """
    What was begun on the way to a question that is refused is forgotten, in whatever order.
    """
    turned = (
        "from vllm import made\n"
        "def a(): return b(1)\n"
        "def b(flag):\n    if flag:\n        return a()\n    return made()\n"
        "def use():\n    a().size\n    b(1).size\n    b(1).size\n    a().size\n"
    )
    plugin = compare(turned, HOST).plugin

    assert not {key[1] for key in settle(plugin, frozenset()).chains} & {"a().size", "b().size"}
