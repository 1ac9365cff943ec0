"""What is seen of a matrix: its tables, filters, colours and sizes."""

import re

import pytest
from made_matrix import HOSTILE_NAMES, make_matrix
from publishing import PHONE, publish

from hwcheck.report.escaping import visible
from hwcheck.report.matrix_words import CHECKS, RUNGS, STATES

VIEWS = ("releases", "capabilities", "plugin", "changes")
#: Boxes, and whether they stay where they are when the table is scrolled.
BOXES = """() => [".grid thead th:nth-child(3)", ".grid thead .corner", ".grid tbody th[scope=row]"]
  .map((one) => document.querySelector(one).getBoundingClientRect())
  .map((box) => [box.x, box.y])"""


def go(page, fragment: str) -> None:
    """Change the address, and wait for what it says to be drawn."""
    before = page.evaluate("document.body.dataset.drawn")
    page.evaluate("(to) => { location.hash = to; }", fragment)
    page.wait_for_function("(was) => document.body.dataset.drawn !== was", arg=before)


def texts(page, selector: str) -> list[str]:
    """The text of each match."""
    return page.locator(selector).all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_view_is_drawn_in_both_colour_schemes(published, open_page, shoot, view, scheme):
    """
    Every view has its table, in the colours that the reader's system asks for.
    """
    page = open_page(published, f"#view={view}", scheme=scheme)

    shoot(page, f"{view}-{scheme}")
    assert page.locator("main table tbody tr").count() > 5
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 20, 23)"
    assert dark == (scheme == "dark")


def test_colours_can_be_switched_and_are_kept(published, open_page):
    """
    The switch goes before the system, and outlives a reload.
    """
    page = open_page(published, scheme="dark")

    page.click("#theme")
    page.reload()
    page.wait_for_function("() => document.body.dataset.drawn")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(247, 247, 245)"
    assert page.get_attribute("#theme", "aria-label") == "Colours: light"


def test_every_cell_tells_state_and_rung_by_shape_and_text(published, open_page):
    """
    A cell has the words of its state and rung, and each state and each rung its own shape.
    """
    page = open_page(published, "#view=capabilities")

    told = {tuple(text.split("\n")[:2]) for text in texts(page, "td .tile")}
    shapes = page.evaluate(
        """(ids) => ids.map((id) => {
          const part = document.createElement("i");
          part.className = `shape shape-${id}`;
          document.body.append(part);
          const mask = getComputedStyle(part).maskImage;
          part.remove();
          return mask;
        })""",
        [word.id for word in (*STATES, *RUNGS)],
    )

    assert {state for state, _ in told} == {word.short for word in STATES}
    assert {rung for _, rung in told} <= {word.short for word in RUNGS}
    assert all(mask.startswith("url(") for mask in shapes)
    assert len(set(shapes)) == len(STATES) + len(RUNGS)


def test_only_declared_is_hollow_and_stale_is_marked(published, open_page):
    """
    A claim alone is an outline; stale evidence is hatched and says so.
    """
    page = open_page(published, "#view=capabilities")

    hollow = page.locator("td .tile.rung-1:not(.tone-none)").first
    full = page.locator("td .tile.rung-4").first
    stale = page.locator("td .tile.stale").first

    colour = "(one) => getComputedStyle(one).backgroundColor"
    assert hollow.evaluate(colour) == "rgba(0, 0, 0, 0)"
    assert full.evaluate(colour) != "rgba(0, 0, 0, 0)"
    assert "stale" in stale.inner_text()
    assert "gradient" in stale.evaluate("(one) => getComputedStyle(one).backgroundImage")


def test_heads_stay_in_sight(published, open_page):
    """
    However far the table is scrolled, its heads stand where they stood.
    """
    page = open_page(published, "#view=capabilities", size={"width": 800, "height": 500})

    before = page.evaluate(BOXES)
    page.evaluate("document.getElementById('place').scrollTo(400, 600)")
    after = page.evaluate(BOXES)

    assert page.evaluate("document.getElementById('place').scrollTop") == 600
    assert after[0][1] == before[0][1]
    assert after[1] == before[1]
    assert after[2][0] == before[2][0]


def test_releases_have_their_days(published, open_page):
    """
    Over the column that of vLLM's release, beside the plugin's that on which its wheel was built.
    """
    page = open_page(published, "#view=releases")

    heads = page.locator(".grid thead th time.day")
    assert heads.count() == page.locator(".grid thead th[scope=col]").count() - 1
    assert re.fullmatch(r"2026-\d\d-11", heads.first.get_attribute("datetime"))
    assert re.fullmatch(r"2026\s+\d\d-11", heads.first.inner_text())
    rows = page.locator(".grid tbody th[scope=row]")
    built = page.locator(".grid tbody th[scope=row] time.day")
    assert built.count() == rows.count() - 1
    assert re.fullmatch(r"2026-\d\d-05", built.first.inner_text())


def test_filters_narrow_the_table(published, open_page):
    """
    Vendor, release, capability, rung and state leave what they name, and say how much it is.
    """
    page = open_page(published)

    page.select_option("#control-vendor", "Acme")
    page.wait_for_function("() => location.hash.includes('vendor=Acme')")
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 2")
    go(page, "#view=releases&since=0.13")
    assert len(texts(page, "thead th .version")) == 3
    go(page, "#view=capabilities&host=0.13.0&c=number 1")
    assert all("number 1" in text for text in texts(page, "tbody th[scope=row]"))
    go(page, "#view=capabilities&state=broken&rung=E2")
    left = set(texts(page, "td .tile"))
    assert {"\n".join(text.split("\n")[:2]) for text in left} == {"broken\nE2"}
    assert page.inner_text("#said") == page.inner_text("#found")
    assert page.get_attribute(".chip:has(.shape-broken)", "aria-pressed") == "true"
    go(page, "#view=capabilities&q=no-such-plugin")
    assert "Clear the filters" in page.inner_text("#place")


def test_typing_keeps_focus_and_leaves_one_step_back(published, open_page):
    """
    While somebody types, the field stays, and the browser's history does not grow.
    """
    page = open_page(published)
    length = page.evaluate("history.length")

    page.click("#control-q")
    page.keyboard.type("made-03")
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")

    assert page.evaluate("document.activeElement.id") == "control-q"
    assert page.evaluate("history.length") == length


def test_change_shows_whom_it_breaks(published, open_page, shoot):
    """
    A change of vLLM stands by how many plugins it breaks, and names each with a place.

    What older releases lack is shown when it is asked for.
    """
    page = open_page(published, "#view=changes&side=both")
    both = page.locator(".list tbody tr").count()
    go(page, "#view=changes")

    assert 0 < page.locator(".list tbody tr").count() < both
    assert not [text for text in texts(page, ".list .at") if "≤" in text]
    counts = [int(re.match(r"\d+", text)[0]) for text in texts(page, ".radiuscell")]
    page.click("a.symbol >> nth=0")
    page.wait_for_selector("#panel:not([hidden]) h2")

    shoot(page, "change-opened")
    assert counts == sorted(counts, reverse=True)
    assert page.locator("#panel .plain li").count() == counts[0]
    assert "vllm_made/worker.py:13" in page.inner_text("#panel")


def test_hostile_names_stay_text(hostile, open_page, shoot):
    """
    Names that are markup, paths, addresses or properties are shown as they are, and open.
    """
    page = open_page(hostile)

    names = [
        page.locator("tbody tr").nth(row).locator(".name bdi").first.inner_text()
        for row in range(len(HOSTILE_NAMES))
    ]
    shoot(page, "hostile-names")
    assert names == [visible(name) for name in HOSTILE_NAMES]
    for row, name in enumerate(names):
        page.locator("tbody tr").nth(row).locator("td").first.click()
        page.wait_for_function(
            "(name) => document.querySelector('#panel h2 bdi')?.textContent === name", arg=name
        )
        page.keyboard.press("Escape")
        page.wait_for_selector("#panel", state="hidden")
    for name in names:
        page.evaluate(
            "(name) => { location.hash = new URLSearchParams({ view: 'plugin', plugin: name }); }",
            name,
        )
        page.wait_for_function(
            "(name) => document.getElementById('control-plugin')?.value === name", arg=name
        )
    assert page.title().endswith("vLLM hardware plugins")


def test_phone_has_no_sideways_scroll(published, hostile, open_page, shoot):
    """
    At 360 pixels only the table scrolls sideways; filters open on request, evidence covers all.
    """
    for view in VIEWS:
        page = open_page(published, f"#view={view}", size=PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not page.is_visible("#controls")
        shoot(page, f"phone-{view}")
    box = page.locator(".list .tag").first.bounding_box()
    assert box["x"] + box["width"] <= 360
    page = open_page(hostile, size=PHONE)
    page.click("#morefilters")
    assert page.is_visible("#controls")
    shoot(page, "phone-filters")
    page.click("#morefilters")
    page.locator("td").first.click()
    page.wait_for_selector("#panel:not([hidden]) h2")
    shoot(page, "phone-evidence")
    box = page.locator("#panel").bounding_box()
    assert (box["x"], box["y"], box["width"]) == (0, 0, 360)
    assert page.evaluate("document.getElementById('panel').scrollWidth") <= 360
    assert page.evaluate("document.getElementById('main').inert")


def test_missing_data_is_told_and_harms_nothing_else(open_page, tmp_path):
    """
    Where a file is gone the page says which, and goes on.
    """
    index = publish(make_matrix(), tmp_path)
    (tmp_path / "data/plugins/vllm-made-00.js").unlink()
    page = open_page(index, losses=True)

    page.locator("tbody tr").nth(0).locator("td").first.click()
    page.wait_for_selector("#panel:not([hidden]) h2")
    told = page.inner_text("#panel")
    page.locator("tbody tr").nth(1).locator("td").first.click()
    page.wait_for_function("() => document.querySelector('#panel h2 bdi')")

    assert "cannot read data/plugins/vllm-made-00.js" in told
    assert "vllm-made-01" in page.inner_text("#panel h2")


def test_legend_has_every_word(published, open_page, shoot):
    """
    The legend explains each state, rung and mark.
    """
    page = open_page(published)

    page.click("#legend")

    shoot(page, "legend")
    told = page.inner_text("#legenddialog")
    assert all(word.meaning in told for word in (*CHECKS, *STATES, *RUNGS))
