"""The example that shows a breach, and what was measured on the way, in every report."""

import pytest

from hwcheck.model.outcome import Figure
from hwcheck.report import junit, markdown, terminal

EXAMPLE = "ACME_DEVICES=[1, 0]"
FIGURE = Figure(name="largest distance", value=0.25, limit=0.125)


@pytest.mark.parametrize(
    "render",
    [terminal.render, markdown.render, junit.render],
    ids=["terminal", "markdown", "junit"],
)
def test_example_and_figures_are_shown(make, render):
    """
    Both stand beside the reason, in the reader's own form.
    """
    run = make.run(
        outcomes=(make.broken(example=EXAMPLE, figures=(FIGURE,)),), contracts=(make.contract(),)
    )

    text = render(run).replace("\\", "")

    assert EXAMPLE in text
    assert "largest distance 0.25 (at most 0.125)" in text
