"""Whether what examples are held to can fail, on pages with one fault each."""

import pytest
from page_examples.pages import problems_of_page


def problems(page, tmp_path):
    return list(problems_of_page(page, tmp_path, {"HWCHECK_CACHE": ""}))


def fenced(language, *lines):
    return "\n".join((f"```{language}", *lines, "```", ""))


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (fenced("sh", "hwcheck check . --hots 0.33.0"), "unrecognized arguments: --hots 0.33.0"),
        (fenced("sh", "hwcheck chek ."), "invalid choice: 'chek'"),
        (fenced("sh", "hwcheck run my_plugin --profile P9"), "invalid choice: 'P9'"),
        (fenced("sh", "cat x | hwcheck report --from x"), "hwcheck report --from x: "),
        (fenced("console", "$ hwcheck explain no.such.contract"), "exit code 2"),
        (fenced("sh", "hwcheck report missing.json"), "cannot read the run document"),
        (fenced("sh", "pytest --pyargs hwcheck_conformance --hwcheck-plattform x"), "unrecognized"),
        (fenced("sh", 'pip install "hwcheck[matrx]"'), "hwcheck has no extra ['matrx']"),
        (
            fenced("sh", "pip install sample_plugins/nothing"),
            "there is no 'sample_plugins/nothing'",
        ),
        (fenced("sh", "tox run -e lint,lnt"), "no environment ['lnt']"),
        (fenced("sh", "python scripts/build_facts.py x --form-folder"), "no option"),
        (fenced("sh", "python scripts/missing.py"), "there is no 'scripts/missing.py'"),
        (fenced("sh", "hwchek list"), "nothing here knows the program 'hwchek'"),
        (fenced("toml", "[[plugins]]", "release = ['.']"), "unknown field `release`"),
        (fenced("toml", "[[waiver]]", 'id = "load.call"'), "missing required field"),
        (fenced("toml", "[[waver]]"), "nothing here knows the tables ['waver']"),
        (fenced("toml", "title = "), "no TOML"),
        (fenced("yaml", "- run: hwcheck check . --hots x"), "unrecognized arguments"),
        (fenced("yaml", "- rum: hwcheck check ."), "no step"),
        (fenced("yaml", "- run: [", ""), "no YAML"),
        (fenced("python", "from hwcheck.hooks import Reportr"), "has no 'Reportr'"),
        (fenced("python", "def x(:"), "no Python"),
        (fenced("text", "hwcheck check ."), "a block that nobody runs"),
        ("x\n\n    hwcheck check .\n", "a block that nobody runs"),
        (fenced("ruby", "puts 1"), "a block of 'ruby'"),
        (fenced("", "x"), "a block of no language"),
        ("Say `hwcheck check --hots x` then.", "hwcheck check has no option '--hots'"),
        ("Say `hwcheck matrx build`.", "hwcheck has no command 'matrx'"),
        ("| a |\n|---|\n| `--rerun N` |\n", "no command has the option '--rerun'"),
    ],
)
def test_fault_of_an_example_is_found(tmp_path, page, told):
    """
    Each fault is one problem, with its line and in words.
    """
    (found,) = problems(page, tmp_path)

    assert found.startswith("line ")
    assert told in found


def test_right_examples_have_no_problem(tmp_path):
    """
    What is right passes, whatever its language, and a later command finds what an earlier left.
    """
    page = (
        "Say `hwcheck check . --host X`, `hwcheck matrix build`, `--reruns N` or `hwcheck COMMAND`."
        "\n\n"
        + fenced("sh", "hwcheck schema run > schema.json  # comment", "cp schema.json other.json")
        + fenced("toml", "[[plugins]]", "releases = ['.']", "name = 'a'")
        + fenced("sh", "hwcheck matrix plan matrix.toml && \\", "  X=1 hwcheck explain HW302")
        + fenced("yaml", "- run: |", "    for x in *; do", "      hwcheck check $x", "    done")
        + fenced("python", "from hwcheck.hooks import hookimpl")
        + fenced("text", "hwcheck: interrupted")
    )

    assert problems(page, tmp_path) == []
    assert (tmp_path / "repository/other.json").read_text().startswith("{")
    assert "name = 'a'" in (tmp_path / "repository/matrix.toml").read_text()
