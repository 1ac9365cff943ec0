"""The host that a plugin was made for: asked for, declared, or with the fewest findings."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.version import InvalidVersion, Version

from hwcheck.analyse.evaluate import Evaluator
from hwcheck.analyse.pairs import Pair
from hwcheck.analyse.request import Progress, Stage
from hwcheck.model.check import Baseline, BaselineKind
from hwcheck.model.finding import Finding, Severity
from hwcheck.model.host_names import names_host
from hwcheck.model.plugin import Plugin

__all__ = ["choose_baseline", "declared_release", "fewest_findings"]

_WEIGHTS = {Severity.ERROR: 10, Severity.WARNING: 3, Severity.NOTE: 1}
_BOUNDED = frozenset(("==", "===", "~=", "<", "<="))
#: About how many releases are tried before looking closer at the best of them.
_FIRST_LOOK = 8
_LARGEST_LIST = 1_000_000
"""Bytes of a requirements file; larger ones are not read."""


def choose_baseline(
    evaluator: Evaluator,
    plugin: Plugin,
    *,
    asked: str | None,
    project: Path | None,
    keeps: Callable[[Finding], bool],
    progress: Progress,
) -> Baseline:
    """Choose the baseline, and say why.

    Raises HostError: the one that was asked for is no host.
    """
    if asked is not None:
        host = evaluator.called(asked)
        return Baseline(kind=BaselineKind.ASKED, host=host, reason=f"--from names {asked!r}")
    known = evaluator.shelf.known()
    requirements = (*plugin.host_requirements, *_listed(project))
    return (
        declared_release(requirements, known)
        or _same_version(plugin, requirements, known)
        or fewest_findings(evaluator, known, keeps=keeps, progress=progress)
    )


def declared_release(requirements: Sequence[str], known: Sequence[str]) -> Baseline | None:
    """Take the newest known release that bounded requirements allow.

    A requirement without an upper bound says only what is too old.
    """
    wanted = [item for text in requirements if (item := _requirement(text)) is not None]
    if not any(spec.operator in _BOUNDED for item in wanted for spec in item.specifier):
        return None
    allowed = [release for release in known if all(_allows(item, release) for item in wanted)]
    asked = ", ".join(dict.fromkeys(str(item) for item in wanted if item.specifier))
    if not allowed:
        # Several lists can contradict each other; the first is what installers go by.
        return declared_release(requirements[:1], known) if len(requirements) > 1 else None
    return Baseline(
        kind=BaselineKind.DECLARED,
        host=allowed[-1],
        reason=f"the newest known release that {asked!r} allows",
    )


def fewest_findings(
    evaluator: Evaluator,
    known: Sequence[str],
    *,
    keeps: Callable[[Finding], bool],
    progress: Progress,
) -> Baseline:
    """Take the release on which the fewest things are wrong, errors counting most.

    Not all releases are tried: the counts fall towards the release that a plugin was made for and
    rise after it, so a few are looked at first, and then those around the best of them.
    """
    if not known:
        return Baseline(
            kind=BaselineKind.NONE, host=None, reason="no release is known to compare with"
        )
    counts: dict[str, int] = {}
    step = max(1, len(known) // _FIRST_LOOK)
    first = sorted({*range(len(known) - 1, -1, -step)})
    _count(evaluator, [known[index] for index in first], counts, keeps, progress)
    while step > 1:
        best = known.index(_best(known, counts))
        wider = step
        step = max(1, step // 3)
        near = range(max(0, best - wider + 1), min(len(known), best + wider))
        looked = [known[index] for index in near if (index - best) % step == 0]
        _count(evaluator, looked, counts, keeps, progress)
    host = _best(known, counts)
    tried = ", ".join(f"{name}: {counts[name]}" for name in known if name in counts)
    return Baseline(
        kind=BaselineKind.FEWEST,
        host=host,
        reason=f"nothing is declared, and the fewest things are wrong with it (weighted: {tried})",
    )


def _count(
    evaluator: Evaluator,
    releases: Sequence[str],
    counts: dict[str, int],
    keeps: Callable[[Finding], bool],
    progress: Progress,
) -> None:
    new = [release for release in releases if release not in counts]
    answers = evaluator.answers([Pair(old=None, new=release) for release in new])
    for release, result in zip(new, answers, strict=True):
        counts[release] = sum(
            _WEIGHTS[finding.severity] for finding in result.findings if keeps(finding)
        )
        progress(Stage(name="baseline", done=len(counts), subject=release))


def _best(known: Sequence[str], counts: dict[str, int]) -> str:
    return min(
        reversed([release for release in known if release in counts]),
        key=lambda release: counts[release],
    )


def _same_version(
    plugin: Plugin, requirements: Sequence[str], known: Sequence[str]
) -> Baseline | None:
    try:
        release = Version(plugin.version or "").base_version
    except InvalidVersion:
        return None
    wanted = [item for text in requirements if (item := _requirement(text)) is not None]
    if release not in known or not all(_allows(item, release) for item in wanted):
        return None
    return Baseline(
        kind=BaselineKind.DECLARED,
        host=release,
        reason=f"the plugin's own version is {plugin.version}, and no requirement says otherwise",
    )


def _requirement(text: str) -> Requirement | None:
    try:
        item = Requirement(text)
    except InvalidRequirement:
        return None
    return item if names_host(item.name) and item.specifier else None


def _allows(item: Requirement, release: str) -> bool:
    return all(_admits(spec, release) for spec in item.specifier)


def _admits(spec: Specifier, release: str) -> bool:
    if spec.operator == "===":
        return spec.version.partition("+")[0] == release
    # A build such as 0.30.0+cpu is the release 0.30.0 to us.
    public = Specifier(f"{spec.operator}{spec.version.partition('+')[0]}")
    return public.contains(release, prereleases=True)


def _listed(project: Path | None) -> Iterator[str]:
    """Requirements on vLLM in the lists beside a project file: ``requirements*.txt``."""
    if project is None:
        return
    files = {*project.glob("requirements*.txt"), *project.glob("requirements/*.txt")}
    for file in sorted(files):
        yield from _host_lines(file)


def _host_lines(file: Path) -> Iterable[str]:
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST_LIST:
            return ()
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return tuple(line for line in lines if re.match(r"vllm\b", line) and _requirement(line))
