"""Whom a call of vLLM goes to: seen through HW302."""

import pytest

DRAFTERS = (
    "class Drafter:\n    def propose(self, n=0): ...\n\n\n"
    "class Other:\n    def propose(self, n=0): ...\n"
)
RUNNER = "from vllm.drafters import Drafter, Other\nimport vllm.drafters as module\n\n\n{code}\n"
PLUGIN = (
    "from vllm.drafters import Drafter\n\n\n"
    "class Mine(Drafter):\n    def propose(self): ...\n\n\ndef register(): ...\n"
)


def severities(find, code):
    host = {"vllm/drafters.py": DRAFTERS, "vllm/runner.py": RUNNER.format(code=code)}
    return [item.severity for item in find("HW302", PLUGIN, host)]


@pytest.mark.parametrize(
    "code",
    [
        "def run(x: Drafter):\n    x.propose(n=1)",
        "def run(x: Drafter | Other):\n    x.propose(n=1)",
        "class R:\n    x: Drafter | Other | None\n    def run(self):\n        self.x.propose(n=1)",
        (
            "class R:\n    def __init__(self):\n        self.x = Other()\n"
            "        self.x = Drafter()\n"
            "    def run(self):\n        self.x.propose(n=1)"
        ),
        "def run(kind: type[Drafter]):\n    kind.propose(n=1)",
        "def run(holder):\n    holder.drafter.propose(n=1)",
        "def run(holder, name):\n    holder.drafters[name].propose(n=1)",
    ],
    ids=["typed", "union", "annotated-attribute", "assigned", "class", "named-so", "one-of-many"],
)
def test_call_that_may_reach_the_override_is_evidence(find, code):
    """
    HW302: by type, by one of several types, or by name.
    """
    assert severities(find, code) == ["error"]


@pytest.mark.parametrize(
    "code",
    [
        "def run(x: Other):\n    x.propose(n=1)",
        "class R(Drafter):\n    def run(self):\n        super().propose(n=1)",
        "class R:\n    def run(self):\n        self.propose(n=1)",
        "module.propose(n=1)",
        "def run(x):\n    x.y.propose(n=1)",
        (
            "class R:\n    def __init__(self):\n        self.x = Other()\n"
            "    def run(self):\n        self.x.propose(n=1)"
        ),
        "propose(n=1)",
        "def run(x):\n    x().propose(n=1)",
    ],
    ids=["other", "super", "own", "module", "unknown", "attribute", "function", "result"],
)
def test_call_that_goes_elsewhere_or_nobody_knows_where_is_not(find, code):
    """
    HW302: to say nothing is better than to accuse.
    """
    assert severities(find, code) == []


def test_call_that_shares_many_keywords_is_evidence(find):
    """
    HW302: no other method is called so.
    """
    host = {
        "vllm/drafters.py": "class Drafter:\n    def propose(self, a=0, b=0, c=0, d=0): ...\n",
        "vllm/runner.py": "def run(x):\n    x.y.propose(a=1, b=1, c=1)\n",
    }
    plugin = PLUGIN.replace("self)", "self, a=0, b=0)")

    (finding,) = find("HW302", plugin, host)

    assert (finding.detail, finding.severity) == ("c", "error")


def test_caller_that_all_classes_of_the_plugin_override_makes_it_a_warning(find):
    """
    HW302: the method of vLLM that makes the call does not run.
    """
    host = {
        "vllm/drafters.py": DRAFTERS,
        "vllm/runner.py": RUNNER.format(
            code="class Runner:\n    x: Drafter\n    def run(self):\n        self.x.propose(n=1)"
        ),
    }
    plugin = (
        PLUGIN + "from vllm.runner import Runner\n\n\nclass R(Runner):\n    def run(self): ...\n"
    )

    (finding,) = find("HW302", plugin, host)

    assert finding.severity == "warning"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("async def go(self)", "async def go(self)"), ("def go(self)", "@property\n    def go(self)")],
)
def test_kinds_are_left_to_their_own_rules(find, theirs, ours):
    """
    HW303: same colour, or a property.
    """
    host = {"vllm/drafters.py": f"class Drafter:\n    {theirs}: ...\n"}
    plugin = PLUGIN.replace("def propose(self)", ours)

    assert find("HW303", plugin, host) == []
