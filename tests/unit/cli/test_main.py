"""The entry of the command line: arguments, errors and exit codes."""

import os
import subprocess
import sys

import pytest

import hwcheck
from hwcheck.cli import main as cli
from hwcheck.errors import ExtensionError, UsageError


@pytest.fixture
def command(monkeypatch):
    """
    Put a command of our own in the place of the others; it raises what it is given.
    """

    def install(error):
        class Command:
            @staticmethod
            def add_parser(commands, registry):
                def handler(arguments, registry):
                    raise error

                commands.add_parser("try").set_defaults(handler=handler)

        monkeypatch.setattr(cli, "_COMMANDS", (Command,))

    return install


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UsageError("no such thing\n  do that"), 2, "hwcheck: no such thing\n  do that\n"),
        (ExtensionError("bad\x1b[31m"), 3, "hwcheck: bad\\x1b[31m\n"),
        (KeyboardInterrupt(), 3, "hwcheck: interrupted\n"),
        (
            OSError(28, "No space left"),
            3,
            "hwcheck: the system refused: [Errno 28] No space left\n",
        ),
    ],
    ids=["usage", "other", "interrupt", "system"],
)
def test_error_becomes_a_message_and_an_exit_code(command, capsys, error, code, told):
    """
    One message on standard error, nothing on standard output, no traceback.
    """
    command(error)

    assert cli.main(["try"]) == code
    assert capsys.readouterr() == ("", told)


def test_fault_of_ours_is_not_hidden(command):
    """
    What nobody foresaw is shown as it is.
    """
    command(ZeroDivisionError("no"))

    with pytest.raises(ZeroDivisionError):
        cli.main(["try"])


def test_version_is_printed(capsys):
    """
    --version answers and exits with 0.
    """
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])

    assert capsys.readouterr().out == f"hwcheck {hwcheck.__version__}\n"


@pytest.mark.parametrize("words", [[], ["nothing"], ["--nothing"], ["run"]])
def test_wrong_words_are_wrong_usage(capsys, words):
    """
    argparse shows the usage and exits with 2.
    """
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)

    assert capsys.readouterr().err.startswith("usage: hwcheck")


def test_help_tells_the_exit_codes(capsys):
    """
    Whoever calls hwcheck from a script finds them in the help.
    """
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])

    assert "2 wrong usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "code"),
    [("raise BrokenPipeError", 3), ("print('x', flush=True)", 0)],
    ids=["in-the-command", "when-it-flushes"],
)
def test_reader_that_has_gone_is_no_fault(text, code):
    """
    A closed pipe ends the command without a word.
    """
    script = (
        "import sys\nfrom hwcheck.cli import main\n"
        "class Command:\n"
        "    @staticmethod\n"
        "    def add_parser(commands, registry):\n"
        "        commands.add_parser('try').set_defaults(handler=Command.handle)\n"
        "    @staticmethod\n"
        "    def handle(arguments, registry):\n"
        f"        {text}\n"
        "        return 0\n"
        "main._COMMANDS = (Command,)\nsys.argv = ['hwcheck', 'try']\nmain.run_and_exit()\n"
    )
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)

    assert done.stderr == b""
    assert done.returncode in (code, 3)
