"""The check: everything that was learned about one plugin without importing it."""

from dataclasses import dataclass
from enum import StrEnum

from hwcheck.model.finding import Finding, Severity
from hwcheck.model.rule import RulePage

__all__ = [
    "Baseline",
    "BaselineKind",
    "Check",
    "Selection",
    "Skipped",
    "SkippedKind",
    "WindowLine",
]


class BaselineKind(StrEnum):
    """How the host that a plugin was made for is known."""

    ASKED = "asked"
    """``--from``."""
    DECLARED = "declared"
    """The newest known release that the plugin's requirements allow."""
    FEWEST = "fewest"
    """The release with the fewest findings; nothing is declared."""
    NONE = "none"
    """There is nothing to compare with: findings are absolute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The host that findings are held against."""

    kind: BaselineKind
    host: str | None
    reason: str
    """In words: the requirement, or the counts that decided."""


class SkippedKind(StrEnum):
    """Why a file was not read, or not wholly."""

    SYNTAX = "syntax"
    ENCODING = "encoding"
    TOO_LARGE = "too-large"
    OUTSIDE = "outside"
    """A member of an archive whose name leads out of it, or a link out of the tree."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Skipped:
    """A file that was left out; the check is partial."""

    path: str
    kind: SkippedKind
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLine:
    """How the plugin stands to one release."""

    host: str
    fits: bool
    """No new finding of severity error."""
    errors: int
    warnings: int
    notes: int
    reasons: tuple[str, ...]
    """The first new findings of the highest severity, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of the findings was asked for."""

    select: tuple[str, ...] = ()
    """Prefixes of rule ids; empty: all rules."""
    ignore: tuple[str, ...] = ()
    """Prefixes of rule ids that are left out."""
    lists: Severity = Severity.WARNING
    """Findings below are counted and not listed."""
    fails: Severity = Severity.ERROR
    """The lowest severity that makes the exit code 1."""
    standing: bool = False
    """Whether those that are on the baseline too are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Everything that was learned about one plugin without importing it."""

    host: str | None
    """``None`` when only the window was asked for."""
    baseline: Baseline
    findings: tuple[Finding, ...]
    """New ones: absent on the baseline; by path, line and rule."""
    standing: tuple[Finding, ...] = ()
    """Also on the baseline; never counted as breakage."""
    suppressed: tuple[Finding, ...] = ()
    """Those that a comment in the source ignores."""
    window: tuple[WindowLine, ...] = ()
    """Oldest release first."""
    skipped: tuple[Skipped, ...] = ()
    files: int = 0
    """Read ones."""
    unreached: tuple[str, ...] = ()
    """Modules that no entry point leads to, sorted."""
    uses: int = 0
    """Places that refer to the host: what findings could have been made of."""
    root: str = ""
    """Where the plugin's tree starts, seen from the folder that the check was started in."""
    selection: Selection = Selection()
    rules: tuple[RulePage, ...] = ()
    """The pages of the rules that findings are of, by id."""

    @property
    def is_complete(self) -> bool:
        """Whether all files were read."""
        return not self.skipped

    def of_severity(self, severity: Severity) -> tuple[Finding, ...]:
        """The new findings of one severity."""
        return tuple(item for item in self.findings if item.severity == severity)

    def page(self, rule: str) -> RulePage | None:
        """The page of the rule of that id, ``None`` when it is not known."""
        return next((item for item in self.rules if item.id == rule), None)
