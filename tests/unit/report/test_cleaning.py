"""Logs without what only their machine or their owner should know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcheck.report.cleaning import cleaned

SECRETS = [
    "HF_TOKEN=hf_abcdefghijkl",
    "hf_abcdefghijkl",
    'export MY_API_KEY="s3 cr3t"',
    '{"password": "hunter22"}',
    "aws_secret_access_key: abc/def+ghi",
    "Authorization: Bearer abc.def-ghi",
    "authorization=Basic dXNlcjpwYXNz",
    "bearer abcdefghijk",
    "ghp_0123456789abcdef",
    "glpat-0123456789abcdef",
    "sk-0123456789abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "https://user:hunter2@example.org/simple",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMIIabc",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "connect to 10.11.12.13:8000",
]
VALUES = (
    *("abcdefghijkl", "s3 cr3t", "hunter2", "abc/def", "abc.def-ghi", "dXNlcjpwYXNz"),
    *("0123456789abcdef", "AKIAIOSFODNN7EXAMPLE", "MIIabc", "c2lnbmF0dXJl", "10.11.12.13"),
)


@pytest.mark.parametrize("text", SECRETS)
def test_secret_is_masked(text):
    """
    By the name before it, by its form, or by where it stands.
    """
    told = cleaned(f"before {text}\nafter")

    assert [value for value in VALUES if value in told] == []
    assert "***" in told
    assert told.startswith("before ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/jane/venv/lib/python3.11/site-packages/acme/x.py", "site-packages/acme/x.py"),
        ("/usr/lib/python3/dist-packages/acme.py", "dist-packages/acme.py"),
        ("/usr/lib/python3.11/asyncio/base.py", "python3.11/asyncio/base.py"),
        ('File "/opt/plugin/acme/x.py", line 3', 'File ".../x.py", line 3'),
        ("/tmp/hwcheck-abc123/probe/", ".../probe"),
        ("opened /dev/npu/0 and /proc/self/maps", "opened /dev/npu/0 and /proc/self/maps"),
        (r"C:\Users\jane\acme\x.py", r"...\x.py"),
        ("1/2 and a/b/c and 3 / 4", "1/2 and a/b/c and 3 / 4"),
        ("https://docs.vllm.ai/en/latest/x", "https://docs.vllm.ai/en/latest/x"),
        ("http://127.0.0.1:8000/v1/models", "http://127.0.0.1:8000/v1/models"),
        ("vLLM 0.32.0 with torch 2.13.0", "vLLM 0.32.0 with torch 2.13.0"),
    ],
)
def test_path_keeps_what_is_the_same_everywhere(text, expected):
    """
    The installed module, or the last part; what is no path of this machine stays.
    """
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://x.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2K\x1b[1Gline", "line"),
        ("\x1b(Bplain\x1b7", "plain"),
        (" 10%\r 50%\r100%\nend", "100%\nend"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
    ],
)
def test_control_of_terminals_is_removed(text, expected):
    """
    Colours, titles, links, cursors, and what a progress bar wrote over.
    """
    assert cleaned(text) == expected


def test_words_that_only_look_alike_stay():
    """
    Tokens are vLLM's daily bread.
    """
    text = "generated 7 tokens; max_num_batched_tokens 64; the token after the prompt"

    assert cleaned(text) == text


@given(st.text(alphabet="a/\\ \x1b[m]0;=:tokenTOKEN\r\n.-_", max_size=60))
def test_cleaning_twice_changes_nothing_and_leaves_no_home(text):
    """
    Whatever comes, in time and without harm.
    """
    once = cleaned(f"/home/jane/x {text}")

    assert "jane" not in once
    assert cleaned(once) == once


def test_registries_are_not_told():
    """
    What pip says of where it looks names its owner's servers and folders.
    """
    said = (
        "Looking in indexes: https://wheels.example/simple\n"
        "WARNING: Location 'file:///srv/mirror/simple/uvloop/' is ignored: it is no directory.\n"
        "ERROR: no matching distribution found"
    )

    assert cleaned(said) == (
        "Looking in indexes: ***\n"
        "WARNING: Location '.../uvloop' is ignored: it is no directory.\n"
        "ERROR: no matching distribution found"
    )
