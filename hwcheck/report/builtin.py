"""The reporters that come with hwcheck."""

from collections.abc import Iterable
from dataclasses import dataclass

from hwcheck.hooks import Reporter, hookimpl
from hwcheck.model.run import Run

__all__ = [
    "CHECK_ONLY",
    "GithubReporter",
    "JsonReporter",
    "JunitReporter",
    "MarkdownReporter",
    "SarifReporter",
    "TerminalReporter",
    "hwcheck_reporters",
]

#: Forms that show findings, and nothing of a run without a check.
CHECK_ONLY = frozenset({"sarif"})


@dataclass(frozen=True, slots=True)
class TerminalReporter:
    """Plain text for people, 100 columns wide."""

    name: str = "terminal"
    suffix: str = "txt"

    def render(self, run: Run) -> str:
        """Render a run as the terminal shows it, without colour."""
        # rich stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import check_terminal, terminal

        return terminal.render(run) if run.check is None else check_terminal.render(run)


@dataclass(frozen=True, slots=True)
class JsonReporter:
    """The run document itself."""

    name: str = "json"
    suffix: str = "json"

    def render(self, run: Run) -> str:
        """Render a run as the versioned document that `hwcheck report` reads."""
        # msgspec stays out of the start-up: every command loads this module, few render.
        from hwcheck.codec import encode_run

        return encode_run(run).decode()


@dataclass(frozen=True, slots=True)
class JunitReporter:
    """JUnit XML for continuous integration."""

    name: str = "junit"
    suffix: str = "xml"

    def render(self, run: Run) -> str:
        """Render a run as JUnit XML: one case an outcome, or one a finding of a check."""
        # junitparser stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import check_junit, junit

        return junit.render(run) if run.check is None else check_junit.render(run)


@dataclass(frozen=True, slots=True)
class MarkdownReporter:
    """Markdown for issues and pull requests."""

    name: str = "markdown"
    suffix: str = "md"

    def render(self, run: Run) -> str:
        """Render a run as GitHub-flavoured Markdown."""
        # jinja2 stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import check_markdown, markdown

        return markdown.render(run) if run.check is None else check_markdown.render(run)


@dataclass(frozen=True, slots=True)
class SarifReporter:
    """SARIF 2.1.0 for code-scanning services."""

    name: str = "sarif"
    suffix: str = "sarif"

    def render(self, run: Run) -> str:
        """Render the check of a run.

        Raises ValueError: the run has none.
        """
        # The codec stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import sarif

        return sarif.render(run)


@dataclass(frozen=True, slots=True)
class GithubReporter:
    """Workflow commands of GitHub Actions, which become annotations."""

    name: str = "github"
    suffix: str = "txt"

    def render(self, run: Run) -> str:
        """Render a run: a command an outcome that failed, or a finding of a check."""
        # Stays out of the start-up as its siblings do: every command loads this module.
        from hwcheck.report import github, github_run

        return github_run.render(run) if run.check is None else github.render(run)


@hookimpl
def hwcheck_reporters() -> Iterable[Reporter]:
    """Return the terminal, JSON, JUnit, Markdown, SARIF and GitHub reporters."""
    return (
        TerminalReporter(),
        JsonReporter(),
        JunitReporter(),
        MarkdownReporter(),
        SarifReporter(),
        GithubReporter(),
    )
