"""Imports from vLLM: HW101, HW102, HW106."""

import pytest

from hwcheck.model.finding import Reach, Severity

OLD = {"vllm/layers.py": "class Fused: ...\ndef helper(a): ...\n"}


def test_import_of_module_that_is_gone_is_one_finding(find):
    """
    HW101: all names of one statement belong to the module, with the place where they are now.
    """
    new = {"vllm/fused.py": OLD["vllm/layers.py"]}

    (finding,) = find("HW101", "from vllm.layers import Fused, helper\n", new, OLD)

    assert (finding.symbol, finding.where.line) == ("vllm.layers", 1)
    assert finding.severity is Severity.ERROR
    assert finding.fix == "from vllm.fused import Fused; from vllm.fused import helper"
    assert finding.host_before == "module vllm.layers"


def test_import_of_module_that_is_there_is_fine(find):
    """
    HW101: nothing is said of modules, packages and names from them that exist.
    """
    plugin = "import vllm.layers\nfrom vllm import layers\nfrom vllm.layers import Fused\n"

    assert find("HW101", plugin, OLD) == []


def test_name_that_is_gone_is_found_once_at_its_import(find):
    """
    HW102: what is done with the name is not reported by any other rule.
    """
    plugin = "from vllm.layers import helper\n\ndef register():\n    return helper.x(helper(1))\n"
    new = {"vllm/layers.py": "class Fused: ...\n", "vllm/other.py": "def helper(a): ...\n"}

    (finding,) = find("HW102", plugin, new, OLD)

    assert (finding.symbol, finding.where.line) == ("vllm.layers.helper", 1)
    assert finding.fix == "from vllm.other import helper"
    assert [find(rule, plugin, new, OLD) for rule in ("HW103", "HW104", "HW107")] == [[], [], []]


def test_name_that_was_renamed_is_named(find):
    """
    HW102: a class of the same module with the same methods is what the old one became.
    """
    old = {"vllm/a.py": "class Old:\n    def run(self): ...\n    def stop(self): ...\n"}
    new = {"vllm/a.py": "class Other:\n    def run(self): ...\n    def stop(self): ...\n"}

    (finding,) = find("HW102", "from vllm.a import Old\n", new, old)

    assert finding.fix == "from vllm.a import Other as Old"


@pytest.mark.parametrize(
    "plugin",
    [
        "from vllm.layers import Fused\n",
        'if vllm_version_is("0.1.0"):\n    from vllm.layers import helper\n',
        "from vllm.dynamic import whatever\n",
        "from vllm.reexport import Fused\n",
        "from vllm._C import ops\n",
    ],
    ids=["there", "gated", "dynamic", "re-exported", "compiled"],
)
def test_name_that_can_be_imported_is_fine(find, plugin):
    """
    HW102: no word on names that are there, may be there, or are imported under a dead gate.
    """
    new = {
        "vllm/layers.py": "class Fused: ...\n",
        "vllm/reexport.py": "from vllm.layers import *\n",
        "vllm/dynamic.py": "def __getattr__(name):\n    return load(name)\n",
        "vllm/_C.py": "def __getattr__(name): return 1\n",
    }

    assert find("HW102", plugin, new) == []


def test_caught_import_is_a_note(find):
    """
    HW102: an import whose failure the plugin catches is told at the lowest severity.
    """
    plugin = "try:\n    from vllm.layers import gone\nexcept ImportError:\n    gone = None\n"

    (finding,) = find("HW102", plugin, OLD)

    assert (finding.severity, finding.reach) == (Severity.NOTE, Reach.TRIED)


def test_import_in_unreached_module_is_a_warning(find):
    """
    HW102: code that no entry point leads to breaks nothing for sure.
    """
    plugin = {
        "acme/__init__.py": "def register(): ...\n",
        "acme/unused.py": "from vllm.layers import gone\n",
    }

    (finding,) = find("HW102", plugin, OLD)

    assert (finding.severity, finding.reach) == (Severity.WARNING, Reach.UNREACHED)


def test_name_bound_for_type_checkers_is_found(find):
    """
    HW106: what vLLM imports under TYPE_CHECKING is not there at run time.
    """
    new = {
        **OLD,
        "vllm/user.py": "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from vllm.layers import Fused\n",
    }

    (finding,) = find("HW106", "from vllm.user import Fused\n", new)

    assert (finding.symbol, finding.fix) == ("vllm.user.Fused", "from vllm.layers import Fused")


def test_type_checkers_may_import_what_is_for_them(find):
    """
    HW106: the plugin's own TYPE_CHECKING block is not run either.
    """
    new = {
        **OLD,
        "vllm/user.py": "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from vllm.layers import Fused\n",
    }
    plugin = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from vllm.user import Fused\n"
    )

    assert find("HW106", plugin, new) == []


@pytest.mark.parametrize(
    ("now", "fix"),
    [
        ("def read_the_layouts(layout): ...", "from vllm.a import read_the_layouts as "),
        ("def read_the_layouts(a, b, c): ...", None),
        ("class read_the_layouts: ...", None),
    ],
    ids=["alike", "other-parameters", "other-kind"],
)
def test_similar_name_is_proposed_where_it_takes_the_same(find, now, fix):
    """
    HW102: a name that is nearly the same is no reason to call something else.
    """
    plugin = "from vllm.a import read_the_layout\n"
    old = {"vllm/a.py": "def read_the_layout(layout): ...\n"}

    (finding,) = find("HW102", plugin, {"vllm/a.py": f"{now}\n"}, old)

    assert finding.fix == (f"{fix}read_the_layout" if fix else None)
