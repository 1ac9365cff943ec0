"""Which findings are asked for, by prefixes of rule ids."""

from collections.abc import Callable, Collection
from difflib import get_close_matches

from hwcheck.errors import UsageError
from hwcheck.model.check import Selection
from hwcheck.model.finding import Finding

__all__ = ["check_prefixes", "is_selected", "keeper"]


def check_prefixes(selection: Selection, ids: Collection[str]) -> None:
    """Refuse prefixes that no rule's id starts with.

    Raises UsageError.
    """
    for option, prefixes in (("--select", selection.select), ("--ignore", selection.ignore)):
        for prefix in prefixes:
            if not prefix or not any(id_.startswith(prefix) for id_ in ids):
                raise UsageError(_explain(option, prefix, ids))


def is_selected(rule: str, selection: Selection) -> bool:
    """Tell whether findings of a rule are asked for; the longer of two prefixes decides."""
    chosen = _longest(rule, selection.select) if selection.select else 0
    if chosen is None:
        return False
    ignored = _longest(rule, selection.ignore)
    return ignored is None or ignored < chosen


def keeper(selection: Selection) -> Callable[[Finding], bool]:
    """Make a filter of findings."""
    return lambda finding: is_selected(finding.rule, selection)


def _longest(rule: str, prefixes: Collection[str]) -> int | None:
    return max((len(prefix) for prefix in prefixes if rule.startswith(prefix)), default=None)


def _explain(option: str, prefix: str, ids: Collection[str]) -> str:
    known = sorted(ids)
    near = get_close_matches(prefix.upper(), known, n=3, cutoff=0.5)
    return (
        f"{option}: no rule's id starts with {prefix!r}\n  known: {', '.join(known) or 'none'}"
        + (f"\n  nearest: {', '.join(near)}" if near else "")
    )
