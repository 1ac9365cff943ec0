"""What the scripts of the page read: the matrix in a form that is small and quick to draw."""

from dataclasses import dataclass

from hwcheck.report.matrix_words import CheckWord, MarkWord, Word

__all__ = [
    "CellsFile",
    "ChangesFile",
    "IndexFile",
    "PageChange",
    "PageCheck",
    "PageHistory",
    "PageHost",
    "PagePlugin",
    "PageRelease",
    "PageRun",
    "PageWindow",
    "PageWords",
    "PluginFile",
]

#: Numbers and texts whose places the scripts know; tens of thousands of them are sent.
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """Every state, rung and mark; cells name them by their place here."""

    checks: tuple[CheckWord, ...]
    states: tuple[Word, ...]
    rungs: tuple[Word, ...]
    marks: tuple[MarkWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHost:
    """A release of vLLM."""

    version: str
    minor: str
    released: str | None
    file: str | None
    """Where its capability cells are; ``None`` when it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWindow:
    """The releases that fit, and what stands on both sides of them."""

    first: str
    last: str
    before: str | None
    after: str | None
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRelease:
    """A release of a plugin."""

    version: str
    origin: str
    subject: str
    requires: tuple[str, ...]
    built: str | None
    baseline: str | None
    window: PageWindow | None
    broken_by: str | None
    checks: tuple[int, ...]
    """Seven numbers each: host, state, errors, warnings, notes, runs, what is declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlugin:
    """A plugin."""

    name: str
    vendor: str
    device: str
    entries: tuple[str, ...]
    file: str
    releases: tuple[PageRelease, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCapability:
    """A capability."""

    id: str
    title: str
    group: str
    gate: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProblem:
    """Something that is missing from the matrix."""

    subject: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """All that is needed before a cell is opened."""

    title: str
    hwcheck: str
    made: str
    words: PageWords
    hosts: tuple[PageHost, ...]
    plugins: tuple[PagePlugin, ...]
    capabilities: tuple[PageCapability, ...]
    newest: str
    """Where the newest cells of each plugin are."""
    changes: str
    """Where the changes of vLLM are."""
    problems: tuple[PageProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsFile:
    """Capability cells of one host, or the newest of each plugin."""

    cells: tuple[int, ...]
    """Seven numbers each: plugin, release, host, capability, state, rung, marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCheck:
    """What the index leaves out of a static cell."""

    release: int
    host: int
    rules: tuple[Row, ...]
    breakages: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailure:
    """An outcome that did not pass."""

    id: str
    state: str
    cause: str
    reason: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRun:
    """A run, and what it was measured with."""

    id: str
    version: str
    host: str
    started: str
    seconds: float
    complete: bool
    stubbed: bool
    stale: str | None
    device: str
    torch: str
    python: str
    system: str
    hwcheck: str
    profiles: tuple[Row, ...]
    command: str
    failures: tuple[PageFailure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHistory:
    """One change of a cell."""

    date: str
    version: str
    host: str
    capability: str
    state: str
    before: str | None
    rung: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFile:
    """All evidence about one plugin."""

    texts: tuple[str, ...]
    """What cells say, each text once; they name it by its place."""
    checks: tuple[PageCheck, ...]
    runs: tuple[PageRun, ...]
    cells: tuple[Row, ...]
    """Release, host, capability, state, rung, marks, run, why, outcomes, counts, disagreeing."""
    history: tuple[PageHistory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """One thing of vLLM's that breaks plugins."""

    id: str
    kind: str
    host: str
    rule: str
    severity: str
    symbol: str
    words: str
    before: str | None
    affected: tuple[Row, ...]
    """Plugin, version, place, what the plugin does, how many places, fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesFile:
    """What of vLLM breaks plugins."""

    changes: tuple[PageChange, ...]
