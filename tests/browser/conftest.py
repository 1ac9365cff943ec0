"""The published page of made matrices, opened from files in a real Chromium."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import FLAGS, find_chromium
from made_matrix import HOSTILE_NAMES, make_matrix
from publishing import DESK, publish

DRAWN = "() => document.body.dataset.drawn"


def pytest_collection_modifyitems(items):
    """Every test here needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A Chromium of its own, with an empty profile."""
    # Not at the top: collecting these tests must not need what only they need.
    from playwright.sync_api import sync_playwright

    program = find_chromium()
    if program is None:
        pytest.fail("no Chromium was found: run tests/browser/chromium.py as root, or install it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, headless=True, args=list(FLAGS)
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a matrix of common size, with three hosts that were run."""
    matrix = make_matrix(plugins=8, hosts=12, capabilities=30, measured=3)
    return publish(matrix, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a matrix whose plugins have names that want to be markup, paths or addresses."""
    return publish(make_matrix(names=HOSTILE_NAMES), tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the largest matrix that it is made for."""
    matrix = make_matrix(plugins=50, hosts=60, capabilities=100)
    return publish(matrix, tmp_path_factory.mktemp("large"))


@pytest.fixture
def open_page(browser) -> Iterator[Callable]:
    """Open a page at an address; whatever it logs or asks of elsewhere fails the test."""
    contexts, troubles = [], []

    def opening(index: Path, fragment="", *, size=DESK, scheme="light", losses=False):
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"raised: {error}"))
        if not losses:  # the browser itself logs a file that is gone
            page.on("console", lambda told: troubles.append(f"logged: {told.text}"))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.on("request", lambda asked: _judge(asked.url, troubles))
        page.goto(f"{index.as_uri()}{fragment}")
        page.wait_for_function(DRAWN)
        return page

    yield opening
    for context in contexts:
        context.close()
    assert troubles == []


def _judge(url: str, troubles: list[str]) -> None:
    if not url.startswith(("file:", "data:")):
        troubles.append(f"asked for {url}")


@pytest.fixture
def shoot() -> Callable:
    """Keep a picture of a page beside the other results of the run."""

    def shooting(page, name: str) -> None:
        page.screenshot(path=_results() / f"{name}.png")

    return shooting


@pytest.fixture
def keep() -> Callable:
    """Keep a text beside the pictures."""

    def keeping(name: str, text: str) -> None:
        (_results() / name).write_text(text, encoding="utf-8")

    return keeping


def _results() -> Path:
    folder = Path(os.environ.get("HWCHECK_SCREENSHOTS", "reports/page"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
