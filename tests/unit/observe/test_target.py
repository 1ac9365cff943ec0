"""Plugin and host, found in the environment that is tested."""

import sys

import pytest

from hwcheck.errors import DiscoveryError, HostError, UsageError
from hwcheck.observe.target import find_target, import_path

POINTS = "[vllm.platform_plugins]\nacme = acme:register\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """
    A folder on the path of the interpreters that we start.
    """
    root = tmp_path / "site"
    root.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(root))
    return root


def add(site, name, version="1.0", points=POINTS, host=False):
    info = site / f"{name}-{version}.dist-info"
    info.mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(text)
    (info / "entry_points.txt").write_text(points)
    if host:
        (site / "vllm").mkdir()
        (site / "vllm" / "__init__.py").write_text("")


def script(tmp_path, text):
    path = tmp_path / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_target_is_found_with_all_that_concerns_it(site):
    """
    Problems of the plugin are kept, those of others are not.
    """
    add(site, "acme")
    add(site, "other", points="[vllm.platform_plugins]\nacme = other:register\n")
    add(site, "stranger", points="[vllm.platform_plugins]\nno_colon = stranger\n")
    add(site, "vllm", "0.30.0", points="", host=True)

    target = find_target("other", sys.executable)

    assert (target.plugin.name, target.host.version) == ("other", "0.30.0")
    assert {problem.kind for problem in target.problems} == {"duplicate-name"}
    assert "device_type" in {member.name for member in target.members}
    assert str(site) in target.path


def test_installed_distribution_that_is_no_plugin_is_told(site):
    """
    The package is there, so nothing is to be installed: its entry points are missing.
    """
    add(site, "acme", points="")

    with pytest.raises(DiscoveryError, match=r"'acme' 1.0 is installed and is no plugin"):
        find_target("acme", sys.executable)


def test_missing_host_tells_what_the_plugin_asks_for(site):
    """
    The message says how to install one.
    """
    add(site, "acme")

    with pytest.raises(HostError, match=r"asks for: any vLLM\n.*pip install vllm"):
        find_target("acme", sys.executable)


def test_host_that_is_too_old_is_refused(site):
    """
    The oldest that is supported is named.
    """
    add(site, "acme")
    add(site, "vllm", "0.8.5", points="", host=True)

    with pytest.raises(HostError, match="oldest supported"):
        find_target("acme", sys.executable)


def test_unknown_plugin_is_refused(site):
    """
    Before a host is looked for.
    """
    with pytest.raises(DiscoveryError, match="no plugin 'acme'"):
        find_target("acme", sys.executable)


def test_import_path_is_that_of_the_children(site, monkeypatch, tmp_path):
    """
    The current folder, which `python -m` adds to our own path, is not on it.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    path = import_path(sys.executable)

    assert str(site) in path
    assert str(tmp_path) not in path


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("exit 0", "did not tell its import path"),
        ("echo '['", "did not tell its import path"),
        ("echo broken >&2; exit 3", "exit code 3: broken"),
        ("exit 3", "exit code 3: it said nothing"),
    ],
)
def test_program_that_is_no_python_is_refused(tmp_path, text, phrase):
    """
    What it did instead is in the message.
    """
    with pytest.raises(UsageError, match=phrase):
        import_path(script(tmp_path, text))


def test_file_that_cannot_be_run_is_refused(tmp_path):
    """
    A folder, or nothing at all.
    """
    with pytest.raises(UsageError, match="does not run as a Python interpreter"):
        import_path(str(tmp_path))


def test_chatter_before_the_answer_is_ignored(tmp_path):
    """
    What a site customisation prints does not harm.
    """
    assert import_path(script(tmp_path, 'echo hello; echo \'["", "/x"]\'')) == ["/x"]
