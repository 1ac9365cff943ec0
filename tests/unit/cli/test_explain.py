"""`hwcheck explain`: pages, the index, and ids that are none."""

import pytest

from hwcheck.cli.main import main


def test_index_lists_contracts_and_capabilities(capsys):
    """
    Without an id, all ids are listed.
    """
    assert main(["explain"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("P0  load.call ") for line in lines)
    assert any(line.startswith("--  lora ") for line in lines)


@pytest.mark.parametrize("id", ["load.call", "load.call[acme]", "lora"])
def test_id_has_a_page(capsys, id):
    """
    A case of a contract has the contract's page.
    """
    assert main(["explain", id]) == 0

    assert id.partition("[")[0] in capsys.readouterr().out


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
