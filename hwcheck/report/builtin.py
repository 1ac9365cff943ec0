"""The reporters that come with hwcheck."""

from collections.abc import Iterable
from dataclasses import dataclass

from hwcheck.hooks import Reporter, hookimpl
from hwcheck.model.run import Run

__all__ = [
    "JsonReporter",
    "JunitReporter",
    "MarkdownReporter",
    "TerminalReporter",
    "hwcheck_reporters",
]


@dataclass(frozen=True, slots=True)
class TerminalReporter:
    """Plain text for people, 100 columns wide."""

    name: str = "terminal"
    suffix: str = "txt"

    def render(self, run: Run) -> str:
        """Render a run as the terminal shows it, without colour."""
        # rich stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import terminal

        return terminal.render(run)


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
        """Render a run as JUnit XML, one suite a profile and one case an outcome."""
        # junitparser stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import junit

        return junit.render(run)


@dataclass(frozen=True, slots=True)
class MarkdownReporter:
    """Markdown for issues and pull requests."""

    name: str = "markdown"
    suffix: str = "md"

    def render(self, run: Run) -> str:
        """Render a run as GitHub-flavoured Markdown."""
        # jinja2 stays out of the start-up: every command loads this module, few render.
        from hwcheck.report import markdown

        return markdown.render(run)


@hookimpl
def hwcheck_reporters() -> Iterable[Reporter]:
    """Return the terminal, JSON, JUnit and Markdown reporters."""
    return (TerminalReporter(), JsonReporter(), JunitReporter(), MarkdownReporter())
