"""Rows of the window: what is joined, and where all reasons are kept."""

from hwcheck.report.window_rows import window_rows


def test_releases_alike_share_a_row(make):
    """
    Same verdict and reasons in a row are one row, with the span of the counts.
    """
    lines = [
        make.window_line("0.1", "a is gone", errors=5),
        make.window_line("0.2", "a is gone", errors=3),
        make.window_line("0.3"),
        make.window_line("0.4", "a is gone", errors=3),
    ]

    rows = window_rows(lines)

    assert [(row.name, row.fits, row.errors) for row in rows] == [
        ("0.1 to 0.2", False, "3 to 5"),
        ("0.3", True, "0"),
        ("0.4", False, "3"),
    ]


def test_all_reasons_are_kept_beside_a_fitting_release(make):
    """
    Elsewhere the first is enough.
    """
    lines = [
        make.window_line("0.1", "a", "b"),
        make.window_line("0.2", "c", "d"),
        make.window_line("0.3"),
        make.window_line("0.4", "e", "f"),
        make.window_line("0.5", "g", "h"),
    ]

    rows = window_rows(lines)

    assert [row.reasons for row in rows] == [("a",), ("c", "d"), (), ("e", "f"), ("g",)]
