"""What a run leaves on the command line: files, messages, and its exit code."""

import json

import pytest

from hwcheck.cli.main import main


@pytest.fixture
def site(tmp_path, monkeypatch):
    """
    A plugin and a host whose import fails, so that a run is quick.
    """
    root = tmp_path / "site"
    files = {
        "vllm/__init__.py": "raise ImportError('not today')\n",
        "vllm-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 9.9\n",
        "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
        "acme-1.0.dist-info/entry_points.txt": "[vllm.platform_plugins]\nacme = acme:register\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(root))
    return root


def test_run_writes_what_was_asked_for(site, tmp_path, capsysbinary):
    """
    The three files, the form on standard output, and the working files.
    """
    code = main(
        [
            *("run", "acme", "--profile", "P0", "--format", "json"),
            *("--output", str(tmp_path / "a" / "out"), "--keep", str(tmp_path / "kept")),
        ]
    )

    output, errors = capsysbinary.readouterr()
    run = json.loads(output)["run"]
    assert code == 3
    assert run["command"] == "hwcheck run acme --profile P0"
    assert sorted(path.name for path in (tmp_path / "a" / "out").iterdir()) == [
        "junit.xml",
        "report.md",
        "run.json",
    ]
    assert b"acme 1.0 under vllm 9.9" in errors
    assert b"run.json" in errors
    assert len(list((tmp_path / "kept").glob("run-*/record.jsonl"))) == 1


def test_report_only_run_is_clean(site, capsys):
    """
    --report-only says nothing about what was found.
    """
    assert main(["run", "acme", "--profile", "P0", "--report-only"]) == 0


WAIVER = """
[[waiver]]
id = "{id}"
class = "hardware-limit"
reason = "no vLLM on this machine"
owner = "release"
expires = 2027-01-31
signature = {{state = "not-measured", message = "vLLM itself cannot be imported"}}
"""


def waived_run(folder, capsysbinary, today, *ids):
    config = folder / "waivers.toml"
    config.write_text("".join(WAIVER.format(id=id_) for id_ in ids))
    words = ("--config", str(config), "--today", today, "--format", "json")
    code = main(["run", "acme", "--contract", "load.callable", *words])
    return code, json.loads(capsysbinary.readouterr().out)["run"]


def test_waivers_are_applied_to_a_run(site, tmp_path, capsysbinary):
    """
    What is covered is waived, and the run is in order but for it.
    """
    code, run = waived_run(tmp_path, capsysbinary, "2026-12-01", "load.callable[acme]")

    assert [item["state"] for item in run["outcomes"]] == ["waived"]
    assert [item["standing"] for item in run["waivers"]] == ["used"]
    assert code == 0
    assert run["command"].endswith(f"--config {tmp_path / 'waivers.toml'}")


def test_wrong_waivers_fail_a_run(site, tmp_path, capsysbinary):
    """
    The end has come of one, and there is no contract of the other's name.
    """
    code, run = waived_run(tmp_path, capsysbinary, "2027-02-01", "load.*", "lode.callable")

    assert [item["standing"] for item in run["waivers"]] == ["expired", "expired"]
    assert code == 1

    code, run = waived_run(tmp_path, capsysbinary, "2027-01-01", "load.*", "load.callabel")

    assert [item["standing"] for item in run["waivers"]] == ["used", "matches-nothing"]
    assert code == 1


def test_configuration_that_cannot_be_read_stops_before_the_run(site, tmp_path, capsys):
    """
    It is wrong usage.
    """
    assert main(["run", "acme", "--config", str(tmp_path / "missing.toml")]) == 2
    assert "cannot read the configuration" in capsys.readouterr().err
