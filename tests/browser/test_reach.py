"""The page without a mouse: keys, address, screen readers, and how long it takes."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from publishing import PHONE

WHERE = """() => {
  const cell = document.activeElement.closest("td, th");
  return cell && [cell.parentElement.rowIndex, cell.cellIndex];
}"""
#: Megabytes that are read before the first table is drawn.
MOST_AT_THE_START = 0.5
OPENED = "#panel:not([hidden]) h2"
CELL = "%5B%22vllm-made-00%22%2C%220.1.0%22%2C%220.13.2%22"
#: The styles are read by the browser; axe would ask for their files again, which the page forbids.
AXE = {"preload": False}
LOOKED_AT = (
    "#view=releases",
    f"#view=releases&open={CELL}%5D",
    "#view=capabilities",
    f"#view=capabilities&open={CELL}%2C%22capability-00%22%5D",
    "#view=capabilities&compact=1",
    "#view=plugin",
    "#view=changes",
)


def keys(page, *names: str) -> None:
    """Press one key after another."""
    for name in names:
        page.keyboard.press(name)


def test_keys_walk_the_table_and_open_evidence(published, open_page):
    """
    Arrows, Home and End walk; Enter opens, Escape closes, and the focus is where it was.
    """
    page = open_page(published)
    page.evaluate("document.querySelector('table.grid').focusCell()")

    keys(page, "ArrowDown", "ArrowDown", "ArrowRight")
    assert page.evaluate(WHERE) == [3, 2]
    keys(page, "End")
    assert page.evaluate(WHERE) == [3, 12]
    keys(page, "Control+End", "ArrowDown", "ArrowRight")
    assert page.evaluate(WHERE) == [8, 12]
    keys(page, "Control+Home", "ArrowUp", "ArrowLeft")
    assert page.evaluate(WHERE) == [0, 0]
    keys(page, "ArrowDown", "ArrowRight", "Enter")
    page.wait_for_selector(OPENED)
    assert page.evaluate("document.activeElement.id") == "panel-title"
    assert page.get_attribute("td[aria-selected=true]", "aria-selected") == "true"
    keys(page, "Escape")
    page.wait_for_selector("#panel", state="hidden")
    assert page.evaluate(WHERE) == [1, 1]


def test_one_stop_of_tab_is_the_table(published, open_page):
    """
    The table is one stop of the Tab key, whatever its size, and heads can be opened too.
    """
    page = open_page(published)

    assert page.locator("table.grid [tabindex='0']").count() == 1
    page.evaluate("document.querySelector('table.grid').focusCell()")
    keys(page, "ArrowLeft", "Enter")
    page.wait_for_function("() => location.hash.includes('view=plugin')")
    assert "plugin=vllm-made-00" in page.url


def test_skip_link_leads_to_the_table(published, open_page):
    """
    The first stop of the Tab key leads past the filters.
    """
    page = open_page(published)

    keys(page, "Tab", "Enter")

    assert page.evaluate(WHERE) == [1, 1]


def test_address_holds_all_that_is_shown(published, open_page):
    """
    A second reader who opens the address sees the same view, filters and evidence.
    """
    page = open_page(published, "#view=capabilities")
    page.click(".chip:has(.shape-broken)")
    page.wait_for_function("() => location.hash.includes('state=broken')")
    page.locator("td:has(.tile)").first.click()
    page.wait_for_selector(OPENED)

    other = open_page(published, "#" + page.url.partition("#")[2])
    other.wait_for_selector(OPENED)

    for part in ("#found", "#panel", "main table"):
        assert other.inner_text(part) == page.inner_text(part)


def test_back_button_goes_back_through_views_and_evidence(published, open_page):
    """
    Back closes what was opened last, then shows the view before.
    """
    page = open_page(published)
    page.click("#tabs a[data-view=capabilities]")
    page.wait_for_selector("[data-view=capabilities] table")
    page.locator("td:has(.tile)").first.click()
    page.wait_for_selector(OPENED)

    page.go_back()
    page.wait_for_selector("#panel", state="hidden")
    assert page.get_attribute("#place", "data-view") == "capabilities"
    page.go_back()
    page.wait_for_selector("#place[data-view=releases] table")
    page.go_forward()
    page.wait_for_selector("#place[data-view=capabilities] table")


def test_address_that_was_cut_is_told(published, open_page):
    """
    A spoilt address says so in the panel, and the table is there.
    """
    for fragment in ("#open=%5B%22vllm", "#open=%5B%22gone%22%5D", "#view=changes&change=gone"):
        page = open_page(published, fragment)
        page.wait_for_selector(OPENED)

        assert "Nothing to show" in page.inner_text("#panel")
        assert page.locator("main table").count() == 1


def test_evidence_has_contracts_environment_command_and_history(published, open_page, shoot):
    """
    Behind a cell stand the outcomes, what they were measured with, and how the cell came to be.
    """
    page = open_page(
        published,
        "#view=capabilities&open=%5B%22vllm-made-00%22%2C%220.1.0%22%2C%220.13.2%22%2C"
        "%22capability-00%22%5D",
    )
    page.wait_for_selector(OPENED)

    shoot(page, "evidence")
    told = page.inner_text("#panel")
    for part in (
        "generate.greedy[batch]",
        "token 7 of the second request differs",
        "vllm_made/worker.py:120",
        "2.13.0",
        "hwcheck run made --profile P1",
        "broken → yes-native",
        "2026-11-12",
    ):
        assert part in told
    assert page.locator("#panel .strip li").count() == 3
    page.click("#panel .verdict a")
    page.wait_for_function("() => document.getElementById('panel').innerText.includes('Source')")
    assert "hwcheck check made_0-0.1.0-py3-none-any.whl --host 0.13.2" in page.inner_text("#panel")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", LOOKED_AT)
def test_nothing_stands_in_the_way_of_screen_readers(published, open_page, fragment, scheme):
    """
    axe finds nothing in any view, with and without evidence, in both colour schemes.
    """
    page = open_page(published, fragment, scheme=scheme)

    assert violations(page, fragment) == []


def test_nothing_stands_in_the_way_on_a_phone(published, open_page):
    """
    Evidence that covers the whole screen is as reachable as beside the table.
    """
    fragment = f"#view=releases&open={CELL}%5D"
    page = open_page(published, fragment, size=PHONE)

    assert violations(page, fragment) == []


def violations(page, fragment: str) -> list:
    """What axe finds on a page, with the first elements of each."""
    if "open" in fragment:
        page.wait_for_selector(OPENED)
    return [
        (violation["id"], [node["html"][:120] for node in violation["nodes"][:3]])
        for violation in Axe().run(page, options=AXE).response["violations"]
    ]


def test_large_matrix_is_drawn_piece_by_piece(large, open_page, shoot, keep):
    """
    Of 50 plugins x 60 releases x 100 capabilities little is read at the start; figures are kept.
    """
    figures = {}
    start = time.perf_counter()
    page = open_page(large)
    figures["load"] = time.perf_counter() - start
    for name, fragment in (
        ("all versions", "#view=releases&versions=1"),
        ("filter releases", "#view=releases&check=breaks&vendor=Acme"),
        ("capabilities", "#view=capabilities"),
        ("filter state", "#view=capabilities&state=broken"),
        ("filter text", "#view=capabilities&c=number 7"),
        ("plugin", "#view=plugin"),
        ("changes", "#view=changes"),
        ("releases", "#view=releases"),
    ):
        figures[name] = page.evaluate(
            """async (to) => {
              const was = document.body.dataset.drawn;
              const start = performance.now();
              location.hash = to;
              while (document.body.dataset.drawn === was) await new Promise((go) => setTimeout(go));
              await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
              return (performance.now() - start) / 1000;
            }""",
            fragment,
        )
    page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 50")
    shoot(page, "large")
    asked = page.evaluate(
        "() => [...document.scripts].map((one) => one.src).filter((src) => src.includes('/data/'))"
    )
    size = sum(file.stat().st_size for file in large.parent.rglob("data/**/*.js")) / 1e6
    first = (large.parent / "data/index.js").stat().st_size / 1e6
    told = [f"{name}: {seconds:.2f} s" for name, seconds in figures.items()]
    told.append(f"data: {size:.1f} MB, of which {first:.2f} MB are read at the start")
    keep("figures.txt", "\n".join(told) + "\n")

    assert first < MOST_AT_THE_START
    assert page.locator("table.grid tbody tr[role=row] td").count() == 50 * 60
    assert len(asked) == len({"index", "newest", "plugin", "changes"})
