"""The tables of a matrix in Markdown."""

import re
from dataclasses import replace

from made_matrix import HOSTILE_NAMES, make_matrix

from hwcheck.model.matrix import Matrix, MatrixCapability
from hwcheck.report.matrix_markdown import make_markdown
from hwcheck.report.matrix_words import STATES
from hwcheck.report.vllm_features import FEATURES, LEGEND


def text_of(matrix: Matrix) -> str:
    """The one file."""
    (file,) = make_markdown(matrix)
    return file.text


def with_features(matrix: Matrix) -> Matrix:
    """The same, its first capabilities being those of vLLM's table."""
    ids = [name for feature in FEATURES for name in feature.capabilities]
    renamed = dict(zip((item.id for item in matrix.capabilities), ids, strict=False))
    return replace(
        matrix,
        capabilities=tuple(
            MatrixCapability(id=renamed[item.id], title=item.title, group=item.group)
            for item in matrix.capabilities
            if item.id in renamed
        ),
        cells=tuple(
            replace(cell, capability=renamed[cell.capability])
            for cell in matrix.cells
            if cell.capability in renamed
        ),
    )


def rows_of(text: str) -> list[int]:
    """The number of columns of each line of each table."""
    return [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line[:1] == "|"]


def test_rows_are_those_of_vllms_table_in_its_order():
    """
    Each row of vLLM's that has a capability is there, by vLLM's name; the others are named.
    """
    text = text_of(with_features(make_matrix(capabilities=20)))

    table = text.partition("## Feature x hardware")[2].partition("##")[0]
    names = [line.split(" |")[0].strip("| ") for line in table.splitlines() if line[:1] == "|"][2:]
    expected = [feature.name for feature in FEATURES for _ in feature.capabilities]
    assert [name.partition(" (Capability")[0] for name in names] == expected
    assert "no capability here stands for: multi-step, best-of." in table


def test_states_are_told_by_symbol_and_word():
    """
    A cell has vLLM's symbol and the word of its state and rung; the legend explains both.
    """
    text = text_of(make_matrix(plugins=11))

    for word in STATES:
        assert re.search(rf"\| {word.symbol} {word.label}<br>", text)
    for symbol, meaning in LEGEND:
        assert f"{symbol} = {meaning}" in text
    assert "○ E1 declared" in text


def test_every_line_of_a_table_has_its_columns():
    """
    No hostile name ends a cell or a table.
    """
    text = text_of(make_matrix(names=HOSTILE_NAMES))

    counts = rows_of(text)
    assert len(set(counts)) <= 4
    assert "<script" not in text
    assert "<img" not in text


def test_stale_is_told():
    """
    Evidence that no longer holds says so in its cell.
    """
    assert "<br>stale" in text_of(make_matrix(plugins=4))


def test_changes_of_several_plugins_are_listed():
    """
    Only what breaks more than one plugin is in the table of changes.
    """
    matrix = make_matrix(plugins=5, hosts=3)

    table = text_of(matrix).partition("break several plugins")[2]

    several = [item for item in matrix.breakages if len(item.plugins) > 1]
    assert table.count("vllm.v1.worker.gpu_worker") == len(several)


def test_matrix_without_evidence_has_no_table_of_capabilities():
    """
    A static matrix has the table of sources alone, and an empty one its title.
    """
    matrix = replace(make_matrix(), cells=())

    text = text_of(matrix)
    empty = text_of(Matrix(title="x", hwcheck="0.1.0", made=""))

    assert "## Feature x hardware" not in text
    assert "## Which release" in text
    assert "|" not in empty
