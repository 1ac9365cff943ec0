"""The configuration in a plugin's repository."""

from pathlib import Path

import pytest

from hwcheck.config import find_config, read_config
from hwcheck.errors import ConfigError
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.waiver import Scope, Signature, WaiverClass

WAIVER = """\
[[waiver]]
id = "lora.swap[two]"
class = "plugin-bug"
reason = "the second adapter is not loaded"
owner = "kernels"
issue = "https://example.org/1"
created = 2026-11-01
expires = 2027-01-31
scope = {host = ">=0.30,<0.34", device = "cpu"}
signature = {exception = "RuntimeError", message = "no kernel for *", state = "broken"}
"""


@pytest.fixture
def wrong(tmp_path):
    """
    Give what is said of a configuration in which a piece of text is another.
    """

    def message(old, new):
        assert old in WAIVER
        path = tmp_path / "hwcheck.toml"
        path.write_text(WAIVER.replace(old, new))
        with pytest.raises(ConfigError) as caught:
            read_config(path)
        return str(caught.value)

    return message


def test_every_field_of_a_waiver_is_read(tmp_path):
    """
    Nothing that the file says is lost.
    """
    (tmp_path / "hwcheck.toml").write_text(WAIVER)

    (waiver,) = find_config(tmp_path).waivers

    assert (waiver.id, waiver.kind) == ("lora.swap[two]", WaiverClass.PLUGIN_BUG)
    assert (waiver.created, waiver.expires) == ("2026-11-01", "2027-01-31")
    assert waiver.scope == Scope(host=">=0.30,<0.34", device="cpu")
    assert waiver.signature == Signature(
        state=OutcomeState.BROKEN, exception="RuntimeError", message="no kernel for *"
    )
    assert waiver.told == (
        "plugin-bug: the second adapter is not loaded "
        "(kernels, https://example.org/1; until 2027-01-31)"
    )


def test_table_of_pyproject_is_as_good(tmp_path):
    """
    The same waiver under `tool.hwcheck` is the same waiver.
    """
    own = tmp_path / "own.toml"
    own.write_text(WAIVER)
    shared = tmp_path / "pyproject.toml"
    shared.write_text(
        "[project]\nname = 'x'\n" + WAIVER.replace("[[waiver", "[[tool.hwcheck.waiver")
    )

    assert find_config(tmp_path).waivers == read_config(own).waivers


@pytest.mark.parametrize("text", [None, "[project]\nname = 'x'\n", "[tool.other]\n"])
def test_folder_without_configuration_has_no_waivers(tmp_path, text):
    """
    Most repositories say nothing to hwcheck.
    """
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)

    assert find_config(tmp_path).waivers == ()


def test_two_configurations_are_refused(tmp_path):
    """
    Neither file quietly wins.
    """
    (tmp_path / "hwcheck.toml").write_text("")
    (tmp_path / "pyproject.toml").write_text("[tool.hwcheck]\n")

    with pytest.raises(ConfigError, match="keep one of them"):
        find_config(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "phrases"),
    [
        ("[[waiver", "[[waivers", ("unknown key 'waivers'", "`$`", "did you mean 'waiver'?")),
        ("owner", "onwer", ("unknown key 'onwer'", "`$.waiver[0]`", "did you mean 'owner'?")),
        ("device =", "devise =", ("`$.waiver[0].scope`", "did you mean 'device'?")),
        ("issue =", "ticket =", ("unknown key 'ticket'", "known: class, created")),
        ('class = "plugin-bug"\n', "", ("missing required field `class`", "`$.waiver[0]`")),
        ('"plugin-bug"', '"bug"', ("'bug'", "`$.waiver[0].class`")),
        ('"kernels"', '" "', ("empty", "`$.waiver[0].owner`")),
        ('"lora.swap[two]"', '"lora swap"', ("no contract", "`$.waiver[0].id`")),
        ("2027-01-31", '"soon"', ("neither a date nor", "`$.waiver[0].expires`")),
        ('">=0.30,<0.34"', '"0.30 on"', ("`$.waiver[0].scope.host`", ">=0.30,<0.33")),
        ('"broken"', '"passed"', ("cannot be waived", "known: broken, flaky, not-measured")),
        (
            '{exception = "RuntimeError", message = "no kernel for *", state = "broken"}',
            "{}",
            ("names no failure", 'message = "*"'),
        ),
        ("2027-01-31", "[1]", ("neither a date nor", "`$.waiver[0].expires`")),
        ("2026-11-01", '"yesterday"', ("date", "`$.waiver[0].created`")),
    ],
)
def test_wrong_value_is_told_with_its_place(wrong, old, new, phrases):
    """
    The message has the file, what is wrong, where, and what to write.
    """
    told = wrong(old, new)

    assert "hwcheck.toml" in told
    assert [phrase for phrase in phrases if phrase not in told] == []


@pytest.mark.parametrize(
    "data", [b"[[waiver", b"\xff\xfe", None], ids=["no TOML", "no UTF-8", "absent"]
)
def test_unreadable_file_is_refused(tmp_path, data):
    """
    The message names the file and the command that writes one.
    """
    path = tmp_path / "hwcheck.toml"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(ConfigError, match=r"(?s)cannot read the configuration .*hwcheck init"):
        read_config(path)


def test_table_that_is_none_is_refused(tmp_path):
    """
    `tool.hwcheck` holds keys.
    """
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool]\nhwcheck = 3\n")

    with pytest.raises(ConfigError, match="is no table"):
        read_config(path)


def test_release_is_an_end_as_well(tmp_path):
    """
    With the word vllm or without; a time of day is left out of a date.
    """
    path = tmp_path / "hwcheck.toml"
    for text, end in (
        ('"0.34.0"', "0.34.0"),
        ('"vllm 0.34.0"', "0.34.0"),
        ("0.34", "0.34"),
        ('"2027-01-31"', "2027-01-31"),
        ("2027-01-31T10:00:00Z", "2027-01-31"),
    ):
        path.write_text(WAIVER.replace("2027-01-31", text))

        assert read_config(path).waivers[0].expires == end


def test_example_of_the_documentation_is_read(tmp_path):
    """
    What the page shows is a configuration.
    """
    page = Path(__file__).parents[2] / "docs" / "how-to-waive-a-failure.md"
    example = page.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "hwcheck.toml").write_text(example)

    assert [item.id for item in find_config(tmp_path).waivers] == ["generate.greedy[gqa]"]
