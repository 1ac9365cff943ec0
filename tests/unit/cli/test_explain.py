"""`hwcheck explain`: pages, the index, the reference, and ids that are none."""

from pathlib import Path

import pytest

from hwcheck.cli.main import main


def test_index_lists_rules_contracts_and_capabilities(capsys):
    """
    Without an id, all ids are listed.
    """
    assert main(["explain"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("HW  HW101 ") for line in lines)
    assert any(line.startswith("P0  load.call ") for line in lines)
    assert any(line.startswith("--  lora ") for line in lines)


@pytest.mark.parametrize("id", ["load.call", "load.call[acme]", "lora"])
def test_id_has_a_page(capsys, id):
    """
    A case of a contract has the contract's page.
    """
    assert main(["explain", id]) == 0

    assert id.partition("[")[0] in capsys.readouterr().out


@pytest.mark.parametrize("id", ["set_device", "get_attn_backend_cls", "current_stream"])
def test_member_has_a_page(capsys, id):
    """
    Members of the platform class, and names that vLLM asks for although it has none of them.
    """
    assert main(["explain", id]) == 0

    page = capsys.readouterr().out
    assert page.startswith(id)
    assert "relied on by:" in page


@pytest.mark.parametrize("id", ["HW101", "hw302"])
def test_rule_has_a_page_with_both_samples(capsys, id):
    """
    The page of a rule says what it finds, and shows what breaks it and what mends it.
    """
    assert main(["explain", id]) == 0

    page = capsys.readouterr().out
    assert page.startswith(f"{id.upper()}\n")
    assert "bad:" in page
    assert "good:" in page


def test_reference_of_the_rules_is_up_to_date(capsys):
    """
    The document is what the command writes: ``hwcheck explain --reference``.
    """
    assert main(["explain", "--reference"]) == 0

    document = Path(__file__).parents[3] / "docs" / "reference-rules.md"
    assert capsys.readouterr().out == document.read_text(encoding="utf-8")


def test_reference_of_the_members_is_up_to_date(capsys):
    """
    The document is what the command writes: ``hwcheck explain --reference members``.
    """
    assert main(["explain", "--reference", "members"]) == 0

    document = Path(__file__).parents[3] / "docs" / "reference-members.md"
    assert capsys.readouterr().out == document.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("id", "hint"), [("load.cal", "nearest: load.call"), ("", "all ids"), ("\x1b[2J", "all ids")]
)
def test_unknown_id_is_answered_with_what_is_near(capsys, id, hint):
    """
    Or with the way to see all.
    """
    assert main(["explain", id]) == 2

    errors = capsys.readouterr().err
    assert hint in errors
    assert "\x1b" not in errors
