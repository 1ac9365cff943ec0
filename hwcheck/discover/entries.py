"""Declared entry points: how they are written down, and what is wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from keyword import iskeyword

from hwcheck.model.plugin import EntryPoint, Group, Problem, ProblemKind

__all__ = [
    "BUILT_IN_PLATFORMS",
    "HOST_GROUPS",
    "Entry",
    "could_hold_plugin",
    "declared_point",
    "judge",
    "parse_sections",
]

#: Every entry-point group that some vLLM reads; hwcheck checks the first two.
HOST_GROUPS = (
    *Group,
    "vllm.endpoint_plugins",
    "vllm.io_processor_plugins",
    "vllm.logits_processors",
    "vllm.stat_logger_plugins",
)

#: The names of vLLM's own platform plugins, which need no entry point.
BUILT_IN_PLATFORMS = ("cpu", "cuda", "rocm", "tpu", "xpu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry point of any group, as declared."""

    group: str
    name: str
    value: str

    @property
    def concerns_host(self) -> bool:
        """Whether it is declared for vLLM."""
        return self.group.startswith("vllm.")


def could_hold_plugin(text: str) -> bool:
    """Whether a text that cannot be read in full could declare something for vLLM."""
    return "vllm." in text


def declared_point(group: str, line: str) -> Entry | None:
    """Read ``name = value``; ``None`` when there is no equals sign."""
    name, equals, value = line.partition("=")
    return Entry(group=group, name=name.strip(), value=value.strip()) if equals else None


def parse_sections(text: str) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Read the text of an ``entry_points.txt``; the second part tells which lines are no entries.

    Follows the reader that vLLM uses (importlib.metadata: no continuation lines, ``#`` comments
    only), but goes on where that one raises.
    """
    entries: list[Entry] = []
    faults: list[str] = []
    group: str | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]")
        elif group is None:
            faults.append(f"line {number} comes before any group: {line!r}")
        elif (entry := declared_point(group, line)) is None:
            faults.append(f"line {number} has no equals sign: {line!r}")
        else:
            entries.append(entry)
    return tuple(entries), tuple(faults)


def judge(
    entries: Iterable[Entry], *, distribution: str, where: str
) -> tuple[tuple[EntryPoint, ...], tuple[Problem, ...]]:
    """Keep what is declared in hwcheck's two groups, and say what is wrong with it.

    An entry point that is wrong is kept; of two with one name the later is, as vLLM does it.
    """
    points: dict[str, EntryPoint] = {}
    problems: dict[Problem, None] = {}
    for entry in entries:
        if entry.concerns_host and entry.group not in HOST_GROUPS:
            problems[_unknown_group(entry, distribution, where)] = None
        if entry.group not in tuple(Group):
            continue
        point = EntryPoint(group=Group(entry.group), name=entry.name, value=entry.value)
        problems.update((problem, None) for problem in _faults(point, distribution, where))
        if point.id in points:
            problems[_declared_twice(point, points[point.id], distribution, where)] = None
        points[point.id] = point
    return tuple(points.values()), tuple(problems)


def _unknown_group(entry: Entry, distribution: str, where: str) -> Problem:
    return Problem(
        kind=ProblemKind.UNKNOWN_GROUP,
        subject=distribution,
        detail=f"declares entry points in {entry.group!r}, which no vLLM reads ({where})",
        remedy=f"use one of {', '.join(sorted(HOST_GROUPS))}",
    )


def _declared_twice(
    point: EntryPoint, earlier: EntryPoint, distribution: str, where: str
) -> Problem:
    return Problem(
        kind=ProblemKind.DUPLICATE_NAME,
        subject=point.id,
        detail=f"{distribution} declares it twice, as {earlier.value!r} and as {point.value!r}; "
        f"vLLM uses the last ({where})",
        remedy="remove one of the two, or rename it",
    )


def _faults(point: EntryPoint, distribution: str, where: str) -> Iterable[Problem]:
    if fault := _value_fault(point):
        yield Problem(
            kind=ProblemKind.BAD_ENTRY_POINT,
            subject=point.id,
            detail=f"{distribution} gives it the value {point.value!r}, {fault} ({where})",
            remedy="write it as 'name = package.module:function'",
        )
    if not point.name or "," in point.name:
        fault = "has a comma in it" if point.name else "is empty"
        yield Problem(
            kind=ProblemKind.BAD_ENTRY_POINT,
            subject=point.id,
            detail=f"{distribution} gives it a name that {fault}, "
            f"which VLLM_PLUGINS cannot select ({where})",
            remedy="give the entry point a plain name",
        )
    if point.group == Group.PLATFORM and point.name in BUILT_IN_PLATFORMS:
        yield Problem(
            kind=ProblemKind.DUPLICATE_NAME,
            subject=point.id,
            detail=f"{distribution} uses the name of a platform that vLLM itself has ({where})",
            remedy=f"choose another name than {', '.join(BUILT_IN_PLATFORMS)}",
        )


def _value_fault(point: EntryPoint) -> str | None:
    module, colon, rest = point.value.partition(":")
    if not module.strip():
        return "which has no module"
    if not _is_dotted_name(module.strip()):
        return f"whose module {module.strip()!r} is not a dotted name"
    if not colon:
        return "which has no colon"
    if point.attribute is None:
        return "which names nothing after the colon"
    if not _is_dotted_name(point.attribute):
        return f"whose attribute {point.attribute!r} is not a dotted name"
    if "[" in rest and not rest.rstrip().endswith("]"):
        return "whose extras are not closed"
    return None


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() and not iskeyword(part) for part in text.split("."))
