"""Reading matrix.toml, and what is said of one that is wrong."""

from pathlib import Path

import pytest

from hwcheck.errors import UsageError
from hwcheck.matrix.specification import NoHardware, chosen_hosts, read_specification
from hwcheck.model.contract import Profile

KNOWN = ("0.9.0", "0.10.0", "0.20.0", "0.20.1", "0.28.0", "0.33.0")
WHOLE = """
title = "Ours"
hosts = ["0.9.0", ">=0.20,<=0.28"]
profiles = ["P2", "P0"]
devices = ["cpu"]
runs = ["runs/*.json"]
stale-after-days = 90

[[plugins]]
name = "acme"
vendor = "Acme"
device = "NPU"
releases = ["acme-vllm==1.2.3", "dist/acme.whl"]
baseline = "0.20.0"
run-on = ">=0.28"
gates = ["is_vllm"]
no-hardware = { quant-fp8 = "no FP8 units" }
"""


@pytest.fixture
def specify(tmp_path):
    """Give a function that reads the text of a specification."""

    def read(text):
        path = tmp_path / "matrix.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_specification(path, KNOWN)

    return read


def test_everything_that_can_be_said_is_read(specify):
    """
    All fields of a specification arrive.
    """
    found = specify(WHOLE)

    (entry,) = found.plugins
    assert found.title == "Ours"
    assert found.hosts == ("0.9.0", "0.20.0", "0.20.1", "0.28.0")
    assert found.profiles == (Profile.P0, Profile.P2)
    assert (found.devices, found.runs, found.stale_after_days) == (("cpu",), ("runs/*.json",), 90)
    assert (entry.name, entry.vendor, entry.device) == ("acme", "Acme", "NPU")
    assert entry.releases == ("acme-vllm==1.2.3", "dist/acme.whl")
    assert (entry.baseline, entry.run_on, entry.gates) == (
        "0.20.0",
        ("0.28.0", "0.33.0"),
        ("is_vllm",),
    )
    assert entry.no_hardware == (NoHardware(capability="quant-fp8", reason="no FP8 units"),)


def test_little_is_needed(specify):
    """
    A plugin with one release is enough; all known hosts are looked at.
    """
    found = specify('[[plugins]]\nreleases = ["acme"]')

    assert found.hosts == KNOWN
    assert found.plugins[0].name == ""


def test_paths_start_from_the_specification(specify, tmp_path):
    """
    A file beside the specification is found from anywhere; other words stay as they are.
    """
    found = specify(WHOLE)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/acme.whl").touch()

    assert found.target("dist/acme.whl") == str(tmp_path / "dist/acme.whl")
    assert found.target("acme-vllm==1.2.3") == "acme-vllm==1.2.3"
    assert found.target("installed") == "installed"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "missing required field `plugins`"),
        ("plugins = []", r"length >= 1 - at `\$\.plugins`"),
        ("[[plugins]]\nreleases = []", r"at `\$\.plugins\[0\]\.releases`"),
        ("[[plugins]]\nreleases = [1]", r"`str`, got `int` - at `\$\.plugins\[0\]\.releases\[0\]`"),
        ('[[plugins]]\nrelease = "x"', r"unknown field `release` - at `\$\.plugins\[0\]`"),
        (f'profiles = ["P9"]\n{WHOLE[30:]}', "cannot use|invalid|is no TOML"),
        (WHOLE.replace('"P2"', '"P9"'), r"invalid enum value 'P9' - at `\$\.profiles\[.*\]`"),
        (WHOLE.replace("90", "0"), r">= 1 - at `\$\.stale-after-days`"),
        (WHOLE.replace("0.9.0", "9.9"), r"'9\.9' names no known release"),
        (WHOLE.replace(">=0.28", ">=1"), r"'>=1' names no known release"),
        (WHOLE.replace("0.9.0", "newest ones"), r"'newest ones' names no known release"),
        (WHOLE + WHOLE[WHOLE.index("[[") :], "is named twice"),
        ("title = ", "it is no TOML: invalid value"),
        (b"title = '\xff'", "it is no UTF-8 text: byte 9"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(specify, text, told):
    """
    A wrong specification is refused with the file, the place in it, and what was found.
    """
    with pytest.raises(UsageError, match=told) as caught:
        specify(text)

    assert "matrix.toml'" in str(caught.value)


@pytest.mark.parametrize("path", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path, path):
    """
    A missing file, and a folder, are refused in one line.
    """
    with pytest.raises(UsageError, match=r"cannot read the specification"):
        read_specification(tmp_path / path, KNOWN)


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("all", KNOWN),
        ("0.28.0", ("0.28.0",)),
        ("==0.20.*", ("0.20.0", "0.20.1")),
        (["0.33.0", "0.9.0", "<0.10"], ("0.9.0", "0.33.0")),
    ],
)
def test_hosts_are_chosen_by_name_or_range(words, chosen):
    """
    Names, ranges and all of them, always oldest first.
    """
    assert chosen_hosts(words, KNOWN) == chosen


def test_shipped_example_can_be_read():
    """
    The example in the documentation fits the releases that are shipped.
    """
    from hwcheck.hosts.known import known_releases

    example = Path(__file__).parents[3] / "docs" / "examples" / "matrix.toml"

    assert len(read_specification(example, known_releases()).plugins) >= 12
