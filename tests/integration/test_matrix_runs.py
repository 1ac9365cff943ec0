"""`hwcheck matrix run`: a real tox, on plugins and a host that are as small as can be."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

GENEROUS = 120.0
"""Seconds that a loaded machine may take for what should take a few."""
HOST = {
    "vllm/__init__.py": "__version__ = '9.9'\n",
    "vllm/platforms/__init__.py": (
        "_current_platform = None\ndef __getattr__(name):\n    raise AttributeError(name)\n"
    ),
    "vllm/platforms/interface.py": "class Platform:\n    pass\n",
    "vllm/plugins/__init__.py": "",
    "vllm-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 9.9\n",
}
PLUGIN = {
    "acme.py": (
        "import os, pathlib, time\n"
        "def register():\n"
        "    if 'VLLM_TEST_HANG' in os.environ:\n"
        "        pathlib.Path(os.environ['VLLM_TEST_HANG']).touch()\n"
        "        time.sleep(600)\n"
    ),
    "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    "acme-1.0.dist-info/entry_points.txt": "[vllm.platform_plugins]\nacme = acme:register\n",
}
SPECIFICATION = """
profiles = ["P0"]
[builds.here]
python = "{python}"
[builds.broken]
install = ["hwcheck-test-no-such-distribution==99"]
[[plugins]]
releases = ["acme"]
run-on = {run_on}
options = ["--contract", "load.entry-point", "--step-limit", "300"]
variables = {{ PYTHONPATH = "{site}"{variables} }}
[[plugins]]
name = "tree"
releases = ["tree"]
run-on = {tree_on}
"""


class Session:
    """`hwcheck matrix run` in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in (HOST | PLUGIN).items():
            self.write(f"site/{name}", text)
        self.write(
            "tree/pyproject.toml",
            '[project]\nname = "tree"\nversion = "2.0"\n'
            '[project.entry-points."vllm.platform_plugins"]\ntree = "tree:register"\n',
        )
        self.write("tree/tree.py", "import vllm\ndef register():\n    pass\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def specify(self, *, run_on='["here"]', tree_on='["broken"]', variables=""):
        """Write the specification."""
        self.write(
            "matrix.toml",
            SPECIFICATION.format(
                python=sys.executable,
                run_on=run_on,
                tree_on=tree_on,
                site=self.folder / "site",
                variables=variables,
            ),
        )

    def start(self, *options):
        """Start the command."""
        command = [sys.executable, "-m", "hwcheck", "matrix", "run", "matrix.toml"]
        return subprocess.Popen(
            [*command, "--output", "site-out", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "HWCHECK_CACHE": str(self.folder / "cache")},
        )

    def run(self, *options):
        """Run it to its end; the exit code and what it told."""
        process = self.start(*options)
        output, told = process.communicate(timeout=GENEROUS)
        assert output == ""
        return process.returncode, told

    def attempts(self):
        """What is kept of attempts that gave no run."""
        document = json.loads((self.folder / "site-out/attempts.json").read_text())
        return [(item["plugin"], item["host"], item["ending"]) for item in document["attempts"]]

    def runs(self):
        """The run documents."""
        return sorted((self.folder / "site-out/runs").glob("*.json"))


@pytest.fixture
def session(tmp_path):
    """
    A folder with a host, two plugins and the command.
    """
    return Session(tmp_path)


def test_failures_of_environments_are_told_apart_and_runs_are_kept(session):
    """
    A run is put into the matrix; an environment that cannot be made is no plugin's failure; with
    --resume what ran is not run again.
    """
    session.specify()

    code, told = session.run()

    assert code == 3, told
    assert len(session.runs()) == 1
    assert session.attempts() == [("tree", "broken", "environment")]
    assert "the environment could not be made: python -I -m pip install" in told
    assert "2 runs: 1 environment, 1 ran" in told

    code, told = session.run("--resume", "--only", "acme*")

    assert code == 0, told
    assert "kept from an earlier run" in told
    assert len(session.runs()) == 1


def test_interruption_ends_the_runs_and_keeps_what_is_done(session):
    """
    Ctrl-C while a plugin hangs: the command comes to its end, and no process is left behind.
    """
    hangs = session.folder / "hangs"
    session.specify(variables=f', VLLM_TEST_HANG = "{hangs}"')

    process = session.start("--only", "acme*")
    limit = time.monotonic() + GENEROUS
    while not hangs.exists() and process.poll() is None:
        assert time.monotonic() < limit
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=GENEROUS)

    assert process.returncode == 3, told
    assert session.attempts() == [("acme", "here", "interrupted")]
    assert left(str(session.folder)) == []


def left(token):
    """The processes that name the folder, or have it in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if token in " ".join([*process.cmdline(), *process.environ().values()]):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.pid != os.getpid()]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--only", "other*"], "--only other* leaves nothing to run"),
        (["--parallel", "0"], "'0' is not a number from 1 to 256"),
        (["--output", "matrix.toml/x"], "cannot write runs into"),
    ],
)
def test_wrong_use_is_told_before_anything_is_made(session, options, told):
    """
    What cannot be done as asked is said in a line, and no environment is made.
    """
    session.specify()

    code, said = session.run(*options)

    assert code in {2, 3}
    assert told in said
    assert "Traceback" not in said
    assert not (session.folder / ".hwcheck/environments").exists()
