"""A matrix from its specification to its folder; the survey of sources is given."""

import json
import os
from dataclasses import replace

import pytest

from hwcheck.codec_matrix import decode_matrix
from hwcheck.errors import DiscoveryError, ReportError, UsageError
from hwcheck.matrix.build import BuildSettings, build, write
from hwcheck.matrix.specification import read_specification
from hwcheck.model.matrix_cells import CellState
from hwcheck.model.matrix_static import StaticState
from hwcheck.model.outcome import OutcomeState

KNOWN = ("0.2.0", "0.3.0", "0.4.0")
SPECIFICATION = """
title = "Ours"
runs = ["documents"]
stale-after-days = 30

[[plugins]]
name = "Acme"
vendor = "Acme Inc."
device = "NPU"
releases = ["acme-vllm==1.2.3", "acme-vllm==1.0"]
no-hardware = { quant-fp8 = "no FP8 units", lora = "no" }

[[plugins]]
releases = ["missing==1.0", "burning-2.0-py3-none-any.whl", "./tree"]
"""


@pytest.fixture
def make(tmp_path, surveyed, finding, plugin):
    """Give a function that builds into a folder, from what stands beside the specification."""
    (tmp_path / "matrix.toml").write_text(SPECIFICATION)

    def look(target, baseline, gates):
        if target.startswith("acme"):
            version = target.partition("==")[2]
            breaks = [finding()] if version == "1.0" else []
            return surveyed(
                {"0.2.0": [], "0.3.0": [], "0.4.0": breaks},
                plugin=plugin(version=version),
                built="2026-08-17" if breaks else None,
            )
        if target.startswith("missing"):
            raise DiscoveryError(f"{target!r} cannot be fetched\n  check the network\n  or not")
        raise ZeroDivisionError("a bug")

    def make_it(*, date=None, **changes):
        specification = read_specification(tmp_path / "matrix.toml", KNOWN)
        settings = BuildSettings(
            specification=replace(specification, **changes), output=tmp_path / "site", date=date
        )
        return build(settings, look, capabilities=(), progress=lambda stage: None)

    return make_it


def cells_of(built):
    """The state of each cell, by release, host and capability."""
    return {(cell.version, cell.host, cell.capability): cell.state for cell in built.matrix.cells}


def test_releases_hosts_and_runs_become_one_matrix(make, keep, run):
    """
    Rows, columns, static cells and cells of runs are there, with what they rest on.
    """
    keep("a.json", run())

    matrix = make().matrix

    acme = matrix.plugins[0]
    assert (acme.name, acme.vendor, acme.device) == ("Acme", "Acme Inc.", "NPU")
    assert acme.entry_points == ("vllm.platform_plugins:acme",)
    assert [release.version for release in acme.releases] == ["1.0", "1.2.3"]
    assert [host.version for host in matrix.hosts] == list(KNOWN)
    assert matrix.hosts[0].minor == "0.2"
    assert matrix.made == "2026-11-20T18:00:00+00:00"
    broken = {(c.version, c.host) for c in matrix.checks if c.state is StaticState.BREAKS}
    assert broken == {("1.0", "0.4.0")}
    assert [item.plugins for item in matrix.breakages] == [("Acme",)]
    (kept,) = matrix.runs
    assert (kept.plugin, kept.host, kept.superseded) == ("Acme", "0.3.0", False)
    assert [contract.id for contract in matrix.contracts] == ["family.lora"]


def test_builds_stand_behind_the_releases(make, tmp_path):
    """
    A plugin that cannot be read has its place in their column, too.
    """
    (tmp_path / "matrix.toml").write_text(f'{SPECIFICATION}[builds."a build"]\nsource = "tree"\n')

    matrix = make().matrix

    assert [host.version for host in matrix.hosts] == [*KNOWN, "a build"]
    hosts = [check.host for check in matrix.checks if check.plugin == "missing"]
    assert hosts == [*KNOWN, "a build"]


def test_words_about_the_hardware_stand_where_nothing_was_shown(make, keep, run):
    """
    What the vendor says of the device fills blanks; what a run demonstrates stands.
    """
    keep("a.json", run())

    cells = cells_of(make())

    assert cells["1.2.3", "0.3.0", "lora"] is CellState.YES_NATIVE
    assert cells["1.2.3", "0.3.0", "quant-fp8"] is CellState.NO_HARDWARE
    assert cells["1.0", "0.3.0", "lora"] is CellState.NO_HARDWARE


def test_releases_have_their_days_where_they_are_known(make):
    """
    Of vLLM as hwcheck's facts tell, of a plugin as its wheel does.
    """
    matrix = make(hosts=("0.4.0", "0.33.0")).matrix

    assert [host.released for host in matrix.hosts] == [None, "2026-11-02"]
    assert [item.built for item in matrix.plugins[0].releases] == ["2026-08-17", None]


def test_what_fails_harms_no_other_cell(make):
    """
    A plugin that cannot be fetched, and a bug of hwcheck's on one, are problems beside the rest.
    """
    matrix = make().matrix

    told = {problem.subject: (problem.detail, problem.remedy) for problem in matrix.problems}
    assert told["missing==1.0"] == (
        "'missing==1.0' cannot be fetched",
        "check the network; or not",
    )
    assert told["burning-2.0-py3-none-any.whl"][0].endswith("ZeroDivisionError: a bug")
    unreadable = {(c.plugin, c.version) for c in matrix.checks if c.state is StaticState.UNREADABLE}
    assert unreadable == {("missing", "1.0"), ("burning", "2.0"), ("tree", "")}
    assert len([c for c in matrix.checks if c.plugin == "Acme"]) == 6


def test_runs_of_plugins_that_are_not_named_have_a_row(make, keep, run, plugin):
    """
    A run brings its plugin and its host with it.
    """
    other = plugin(name="Other_Plugin", version="7")
    host = replace(run().host, version="0.9.1.dev3+g12")
    keep("a.json", run(plugin=other, host=host))

    matrix = make().matrix

    row = next(item for item in matrix.plugins if item.name == "other-plugin")
    assert [(item.version, item.origin) for item in row.releases] == [("7", "run")]
    assert matrix.hosts[-1].version == "0.9.1.dev3"


def test_old_evidence_is_stale(make, keep, run):
    """
    Evidence of another hwcheck, and evidence that is too old beside the newest, is told as stale.
    """
    keep("new.json", run())
    keep("old.json", run(started="2026-09-01T00:00:00+00:00", host=run().host))
    other = replace(run().environment, hwcheck="0.0.9")
    keep("other.json", run(environment=other, started="2026-11-19T00:00:00+00:00"))

    stale = {item.started[:10]: item.stale for item in make().matrix.runs}

    assert stale["2026-11-20"] is None
    assert "80 days older" in stale["2026-09-01"]
    assert stale["2026-11-19"].startswith("made by hwcheck 0.0.9")


def test_date_that_is_given_is_told_and_measures_age(make, keep, run):
    """
    A day in place of the newest evidence's date makes all that is too old beside it stale.
    """
    keep("a.json", run())

    matrix = make(date="2027-01-01").matrix

    assert matrix.made == "2027-01-01"
    assert [item.stale for item in matrix.runs] == [
        "41 days older than 2027-01-01, and 30 are allowed"
    ]


def test_failures_are_kept_without_the_machines_folders(make, keep, run, outcome):
    """
    What broke is told in a line, without where plugin and vLLM stood.
    """
    reason = f"in /opt/site/vllm/engine.py:\n  {'x' * 500}"
    keep("a.json", run(outcome("family.lora", "two", OutcomeState.BROKEN, reason=reason)))

    ((failure,),) = (item.failures for item in make().matrix.runs)

    assert failure.id == "family.lora[two]"
    assert failure.reason.startswith("in vllm/engine.py: xxx")
    assert len(failure.reason) == 400


def test_same_evidence_gives_the_same_bytes(make, keep, run, tmp_path):
    """
    A second build writes nothing, and its history does not grow.
    """
    keep("a.json", run())

    first = tuple(write(make(), tmp_path / "site"))
    second = tuple(write(make(), tmp_path / "site"))

    assert first[-1] == "matrix.json"
    assert second == ()
    data = (tmp_path / "site/matrix.json").read_bytes()
    assert decode_matrix(data, "matrix.json") == make().matrix


def test_runs_in_the_folder_stay(make, keep, run, tmp_path):
    """
    A run that was added once is a part of the matrix after its document is gone elsewhere.
    """
    path = keep("a.json", run())
    tuple(write(make(), tmp_path / "site"))
    path.unlink()

    assert cells_of(make(runs=()))["1.2.3", "0.3.0", "lora"] is CellState.YES_NATIVE


def test_history_grows_by_a_line_for_each_change(make, keep, run, outcome, tmp_path):
    """
    A cell that changes has a line with what it was, dated by the evidence.
    """
    keep("a.json", run())
    tuple(write(make(), tmp_path / "site"))
    kept = (tmp_path / "site/history").glob("acme*.jsonl")
    (path,) = kept
    before = path.read_text()
    later = replace(run().environment, torch="2.14.0")
    keep(
        "b.json",
        run(
            outcome("family.lora", "two", OutcomeState.BROKEN),
            environment=later,
            started="2026-11-22T00:00:00+00:00",
        ),
    )

    built = make()
    tuple(write(built, tmp_path / "site"))

    text = path.read_text()
    assert text.startswith(before)
    (line,) = text.removeprefix(before).splitlines()
    change = json.loads(line)
    assert (change["before"], change["state"]) == ("yes-native", "broken")
    assert change["date"] == "2026-11-22T00:00:00+00:00"
    assert built.matrix.history[-1].capability == "lora"


def test_what_is_gone_has_become_unknown(make, keep, run, tmp_path):
    """
    A cell whose run was taken away is told as unknown, once.
    """
    path = keep("a.json", run())
    tuple(write(make(), tmp_path / "site"))
    path.unlink()
    for stored in (tmp_path / "site/runs").iterdir():
        stored.unlink()

    tuple(write(make(plugins=(), runs=()), tmp_path / "site"))
    told = make(plugins=(), runs=()).matrix.history

    gone = [item for item in told if item.state == "unknown"]
    assert {item.before for item in gone} >= {"yes-native", "fits"}
    places = {(item.plugin, item.version, item.host, item.capability) for item in gone}
    assert len(places) == len(gone)


def test_a_broken_history_is_not_continued(make, tmp_path):
    """
    A history that cannot be read stops the build with the line, and nothing is lost.
    """
    (tmp_path / "site/history").mkdir(parents=True)
    (tmp_path / "site/history/acme.jsonl").write_text('\n{"date": 1}\n')

    with pytest.raises(UsageError, match=r"history/acme\.jsonl, line 2"):
        make()


def test_a_full_disk_leaves_whole_files_only(make, keep, run, tmp_path, monkeypatch):
    """
    Where a write fails, what stood there stands, and nothing half written lies beside it.
    """
    keep("a.json", run())
    folder = tmp_path / "site"
    tuple(write(make(), folder))
    old = (folder / "matrix.json").read_bytes()
    keep("b.json", run(started="2026-11-21T00:00:00+00:00"))
    built = make()

    def full(*arguments, **words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(ReportError, match="No space left on device"):
        tuple(write(built, folder))
    monkeypatch.undo()

    assert (folder / "matrix.json").read_bytes() == old
    assert not list(folder.rglob(".*"))


def test_a_file_in_the_folders_place_is_told(make, tmp_path):
    """
    Where the folder cannot be made, the error names it.
    """
    built = make()
    (tmp_path / "site").write_text("")

    with pytest.raises(ReportError, match=r"cannot write into .*site"):
        tuple(write(built, tmp_path / "site"))
