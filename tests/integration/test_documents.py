"""Every example in the documentation is run, or read by what it is written for."""

from pathlib import Path

import pytest
from page_examples.pages import problems_of_page

ROOT = Path(__file__).parents[2]
#: `hwcheck run` takes seconds even under the miniature host; this page's are run there.
WITH_RUNS = "docs/tutorial.md"


def pages() -> list[str]:
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("tests/*/README.md")]
    found += [ROOT / "conformance/README.md", ROOT / "sample_plugins/README.md"]
    return sorted(str(path.relative_to(ROOT)) for path in found)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("page", pages())
def test_examples_of_a_page_hold(page: str, tmp_path: Path, cache: Path):
    """
    No command, option, file or name in the page is one that does not exist or does not work.
    """
    text = (ROOT / page).read_text(encoding="utf-8")

    problems = problems_of_page(
        text, tmp_path, {"HWCHECK_CACHE": str(cache)}, with_runs=page == WITH_RUNS
    )

    assert list(problems) == []
