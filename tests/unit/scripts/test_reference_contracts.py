"""The page of the contracts, with what proves each of them."""

import importlib.util
import sys
from pathlib import Path

import pytest

from hwcheck.model.contract import Contract, Profile
from hwcheck_conformance.contracts import ALL

REPOSITORY = Path(__file__).parents[3]
SCRIPT = REPOSITORY / "scripts" / "reference_contracts.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("reference_contracts", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference_contracts"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["reference_contracts"]


def contract(**fields):
    known = {"title": "It holds", "relied_on_by": "f() in vllm/a.py", "remedy": "repair it"}
    return Contract(**{"id": "area.name", "profile": Profile.P1, **known, **fields})


def test_reference_of_the_contracts_is_up_to_date(script):
    """
    The document is what the script writes: ``python scripts/reference_contracts.py``.
    """
    document = REPOSITORY / "docs" / "reference-contracts.md"

    assert document.read_text(encoding="utf-8") == script.render(ALL, script.read_proofs())


def test_contract_is_shown_with_what_breaks_it(script):
    """
    A case that is broken is named; what breaks other contracts is left out.
    """
    proofs = (
        script.Proof(name="late", words="too late", breaks=("area.name",), folder="defects/late"),
        script.Proof(name="wrong", words="All wrong.", breaks=("area.name[a]", "area.other")),
        script.Proof(name="strange", words="Strange.", breaks=("area.named",)),
    )

    page = script.render(
        [contract(since="0.29.0", group="operators", checked="by __call__")], proofs
    )

    assert page.partition("### ")[2].splitlines() == [
        "`area.name`",
        "",
        "It holds.",
        "",
        "- group: operators, run on request",
        "- since: vLLM 0.29.0",
        "- checked: by \\_\\_call\\_\\_",
        "- relied on by: f() in vllm/a.py",
        "- remedy: repair it",
        "- proven by:",
        "  - [late](../defects/late): too late",
        "  - `wrong`: All wrong (`area.name[a]`)",
    ]


def test_profiles_are_counted(script):
    """
    The table tells how many contracts there are, and how many things prove them.
    """
    proofs = (script.Proof(name="late", words="too late", breaks=("area.name", "area.other")),)

    page = script.render([contract(), contract(id="area.other")], proofs)

    assert "| P1: Fits this vLLM | 2 | 0 | 1 |" in page
