"""The static rules that come with hwcheck."""

from collections.abc import Iterable

from hwcheck.hooks import Rule, hookimpl

__all__ = ["hwcheck_rules"]


@hookimpl
def hwcheck_rules() -> Iterable[Rule]:
    """Return the built-in rules, sorted by id."""
    # It stays out of the start-up: every command loads this module, few check.
    from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES

    return BUILT_IN_RULES
