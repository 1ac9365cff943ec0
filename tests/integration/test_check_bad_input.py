"""Wrong input of `hwcheck check`: one message that tells what to do, and never a silent result."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

PROJECT = """
[project]
name = "vllm-acme"
version = "1.0"

[project.entry-points."vllm.platform_plugins"]
acme = "acme:register"
"""
REGISTER = "from vllm.api import kept\n\ndef register():\n    return None\n"
USES_GONE = "from vllm.api import gone\n"
LARGE_MODULE = b"x = 1\n" * (50 * 2**20 // 6)
BOMB = b"#" * 200 * 2**20


@pytest.fixture
def write(tmp_path):
    """
    Write files below the temporary folder.
    """

    def make(folder, files):
        for name, content in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / folder

    return make


@pytest.fixture
def hosts(write):
    """
    Two vLLMs; the new one lacks a name.
    """
    for folder, names in (("old", "gone kept"), ("new", "kept")):
        text = "".join(f"def {name}(): ...\n" for name in names.split())
        write(folder, {"vllm/__init__.py": "", "vllm/api.py": text, "vllm/version.py": ""})
        write(folder, {"vllm/platforms/__init__.py": "", "vllm/config/__init__.py": ""})


@pytest.fixture
def check(tmp_path, hosts):
    """
    Check a target against the new vLLM, in the temporary folder.
    """

    def run(target, *words, host="./new", baseline="./old", **variables):
        sides = [*(("--host", host) if host else ()), *(("--from", baseline) if baseline else ())]
        done = subprocess.run(
            [sys.executable, "-m", "hwcheck", "check", str(target), *sides, *words],
            cwd=tmp_path,
            env={**os.environ, "HWCHECK_CACHE": str(tmp_path / "cache"), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    return run


def partial(done):
    """
    The document of a check that left files out: what it skipped, and what it found all the same.
    """
    assert done.returncode == 1, (done.stdout, done.stderr)
    document = json.loads(done.stdout)["run"]["check"]
    skipped = [(item["path"], item["kind"]) for item in document["skipped"]]
    symbols = [
        item["symbol"] for item in document["findings"] if not item["rule"].startswith("HW9")
    ]
    assert symbols == ["vllm.api.gone"]
    return skipped


def refused(done, *phrases):
    """
    Whether a check was refused with one message that holds all phrases.
    """
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("hwcheck: ") == 1
    assert [phrase for phrase in phrases if phrase not in done.stderr] == [], done.stderr
    return True


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("broken.py", "def f(:\n", "syntax"),
        ("newer.py", "x = " + "(" * 3000 + ")" * 3000, "syntax"),
        ("latin.py", b"name = 'caf\xe9'\n", "encoding"),
        ("wide.py", "a = 1\n".encode("utf-16"), "encoding"),
        ("null.py", b"a = 1\0\n", "encoding"),
        ("generated.py", LARGE_MODULE, "too-large"),
    ],
    ids=["syntax", "nested", "latin", "wide", "null", "large"],
)
def test_file_that_cannot_be_read_is_named_and_the_rest_goes_on(write, check, name, content, kind):
    """
    One bad file makes the check partial and hides nothing of the others.
    """
    files = {"pyproject.toml": PROJECT, "acme/__init__.py": REGISTER + USES_GONE}
    write("plugin", {**files, f"acme/{name}": content})

    assert partial(check("plugin", "--format", "json")) == [(f"acme/{name}", kind)]
    assert f"acme/{name}" in check("plugin").stdout


def test_partial_check_without_findings_is_not_clean(write, check):
    """
    Where nothing is found and a file was left out, nobody knows: the exit code is 3.
    """
    files = {"pyproject.toml": PROJECT, "acme/__init__.py": REGISTER, "acme/broken.py": "def f(:"}
    write("plugin", files)

    done = check("plugin")

    assert done.returncode == 3
    assert "acme/broken.py" in done.stdout


def test_link_loop_is_named(write, check):
    """
    A folder that contains itself is read once.
    """
    files = {"pyproject.toml": PROJECT, "acme/__init__.py": REGISTER + USES_GONE}
    folder = write("plugin", files)
    (folder / "acme/loop").symlink_to(folder / "acme")

    assert partial(check("plugin", "--format", "json")) == [("acme/loop", "outside")]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("../../evil.py", "x = 1\n", "outside"), ("acme/bomb.py", BOMB, "too-large")],
    ids=["outside", "bomb"],
)
def test_wheel_with_hostile_member_is_read_without_it(tmp_path, check, name, content, kind):
    """
    A member that leads out, or unpacks to hundreds of megabytes, is named and not read.
    """
    wheel = tmp_path / "vllm_acme-1.0-py3-none-any.whl"
    info = "vllm_acme-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("acme/__init__.py", REGISTER + USES_GONE)
        archive.writestr(name, content)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: vllm-acme\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/entry_points.txt", "[vllm.platform_plugins]\nacme = acme:register\n"
        )

    assert partial(check(wheel, "--format", "json")) == [(name, kind)]
    assert not (tmp_path.parent / "evil.py").exists()


def test_plugin_without_entry_points_is_checked_and_told(write, check):
    """
    Code for vLLM that declares no entry point is checked, and said not to be declared.
    """
    write("plugin", {"acme/__init__.py": USES_GONE})

    done = check("plugin", "--format", "json")

    run = json.loads(done.stdout)["run"]
    assert [item["subject"] for item in run["problems"]] == ["plugin"]
    assert [item["symbol"] for item in run["check"]["findings"]] == ["vllm.api.gone"]


def test_project_that_is_no_plugin_is_refused(write, check):
    """
    A project without an entry point that does not know vLLM is no plugin.
    """
    write("plugin", {"pyproject.toml": "[project]\nname = 'acme'\n", "acme/__init__.py": ""})

    assert refused(check("plugin"), "declares no vLLM plugin")


def test_host_path_that_is_no_vllm_is_refused(write, check):
    """
    A folder without vLLM, and one that is not there, are no hosts.
    """
    write("plugin", {"pyproject.toml": PROJECT, "acme/__init__.py": REGISTER})
    write("other", {"other/__init__.py": ""})

    assert refused(check("plugin", host="./other"), "other")
    assert refused(check("plugin", host="./nowhere"), "nowhere")


def test_unknown_release_is_answered_with_the_nearest(write, check):
    """
    A release that nothing is known of is refused, and the nearest is named.
    """
    write("plugin", {"pyproject.toml": PROJECT, "acme/__init__.py": REGISTER})

    assert refused(check("plugin", host="0.33.9"), "0.33.9", "nearest: 0.33.0")
    assert refused(check("plugin", baseline="0.33.9"), "0.33.9", "nearest: 0.33.0")


def test_prefix_of_no_rule_is_refused(write, check):
    """
    A misspelt id would otherwise select nothing, silently.
    """
    write("plugin", {"pyproject.toml": PROJECT, "acme/__init__.py": REGISTER})

    assert refused(check("plugin", "--select", "HV1"), "'HV1'", "nearest: ")


def test_release_is_not_fetched_without_network(check):
    """
    Without a network the message says what cannot be reached.
    """
    index = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull}
    others = {"PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_NO_INDEX": ""}

    assert refused(check("acme==1.0", **index, **others), "acme==1.0", "cannot be reached")


def test_nothing_of_that_name_is_refused(check):
    """
    A path that is not there and a name that is not installed are told apart.
    """
    assert refused(check("./nothing"), "there is nothing at './nothing'")
    assert refused(check("vllm-nothing"), "no plugin 'vllm-nothing'")
