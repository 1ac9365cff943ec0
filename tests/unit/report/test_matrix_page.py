"""The files of the page of a matrix."""

import json
import re

import pytest
from made_matrix import HOSTILE_NAMES, make_matrix

from hwcheck.model.matrix import Matrix
from hwcheck.report.matrix_page import make_page
from hwcheck.report.matrix_words import CHECKS, RUNGS, STATES


def files_of(matrix: Matrix) -> dict[str, str]:
    """The page, by path."""
    return {file.path: file.text for file in make_page(matrix)}


def data_of(text: str):
    """The value that a data file hands to the page."""
    path, value = re.fullmatch(r'hwcheckMatrix\.receive\(("[^"]+"), (.*)\);\n', text, re.S).groups()
    return json.loads(path), json.loads(value)


def test_page_names_every_file_that_it_needs():
    """
    What the document and the index point at is there, and nothing points out of the folder.
    """
    files = files_of(make_matrix())

    _, index = data_of(files["data/index.js"])
    asked = re.findall(r'(?:src|href)="([^"#][^":]*)"', files["index.html"])
    named = [plugin["file"] for plugin in index["plugins"]] + [index["changes"], index["newest"]]
    named += [host["file"] for host in index["hosts"] if host["file"]]
    assert {*asked, *named} <= {*files, "matrix.md", "matrix.json"}
    assert "http" not in files["index.html"].replace("http-equiv", "")


def test_each_data_file_hands_over_under_its_own_path():
    """
    The page finds what it loads by the path that it loaded.
    """
    files = files_of(make_matrix(names=HOSTILE_NAMES))

    data = {path: text for path, text in files.items() if path.startswith("data/")}
    assert len(data) == 3 + 6 + len(HOSTILE_NAMES)
    assert [data_of(text)[0] for text in data.values()] == list(data)


def test_hostile_names_neither_leave_their_strings_nor_the_folder():
    """
    No name becomes markup, ends a script or leads out of the folder.
    """
    files = files_of(make_matrix(names=HOSTILE_NAMES))

    for path, text in files.items():
        assert re.fullmatch(r"[a-z0-9][\w.-]*(/[a-z0-9][\w.-]*)*", path)
        assert ".." not in path.split("/")
        if path.startswith("data/"):
            assert not {"<", ">", "&", "\u2028", "\u202e"} & set(text)


def test_title_is_escaped():
    """
    The one text of a stranger's in the document is no markup there.
    """
    matrix = make_matrix()
    matrix = type(matrix)(title="<b>&\u202e", hwcheck="0.1.0", made="")

    document = files_of(matrix)["index.html"]

    assert "<title>&lt;b&gt;&amp;\\u202e</title>" in document


def test_same_matrix_gives_same_bytes():
    """
    Nothing of the clock or of chance is in the files.
    """
    assert files_of(make_matrix()) == files_of(make_matrix())


def test_empty_matrix_is_a_page():
    """
    A matrix of nothing can be published.
    """
    files = files_of(Matrix(title="", hwcheck="0.1.0", made=""))

    assert data_of(files["data/index.js"])[1]["plugins"] == []


def test_cells_of_unknown_hosts_are_left_out():
    """
    A cell about what the matrix does not have harms nothing.
    """
    matrix = make_matrix()
    fewer = Matrix(
        title="x",
        hwcheck="0.1.0",
        made="",
        plugins=matrix.plugins,
        hosts=matrix.hosts[:1],
        capabilities=matrix.capabilities[:1],
        checks=matrix.checks,
        cells=matrix.cells,
        runs=matrix.runs,
    )

    files = files_of(fewer)

    assert [path for path in files if path.startswith("data/hosts/")] == ["data/hosts/0.10.0.js"]


@pytest.mark.parametrize("words", [CHECKS, STATES, RUNGS])
def test_every_word_has_a_shape(words):
    """
    The styles draw a shape for each id.
    """
    styles = files_of(make_matrix())["page/shapes.css"]

    assert [word.id for word in words if f".shape-{word.id} {{" not in styles] == []


def test_run_without_check_is_shown():
    """
    A host that was run and whose source was not checked has a cell that says so.
    """
    matrix = make_matrix(plugins=1, hosts=1, releases=1)
    bare = Matrix(
        title="x",
        hwcheck="0.1.0",
        made="",
        plugins=matrix.plugins,
        hosts=matrix.hosts,
        runs=matrix.runs,
    )

    _, index = data_of(files_of(bare)["data/index.js"])

    assert index["plugins"][0]["releases"][0]["checks"] == [0, len(CHECKS) - 1, 0, 0, 0, 1, 0]


def test_scripts_make_elements_from_text_only():
    """
    No script of the page turns text into markup or code.
    """
    scripts = [text for path, text in files_of(make_matrix()).items() if path.startswith("page/")]

    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
    )
    assert [found for text in scripts for found in forbidden.findall(text)] == []
