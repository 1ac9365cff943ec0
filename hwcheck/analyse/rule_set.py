"""All static rules: the built-in ones and those of extensions."""

from collections.abc import Sequence

from hwcheck.analyse.own_pages import SKIPPED, UNUSED
from hwcheck.analyse.pairs import HostShelf, Runner
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES
from hwcheck.analyse.running import PairRunner
from hwcheck.analyse.subject import PluginCode
from hwcheck.errors import ExtensionError
from hwcheck.model.rule import RulePage
from hwcheck.registry import Registry

__all__ = ["GivenRules", "pages", "rule_set"]


class GivenRules:
    """Rules that are there already."""

    def __init__(self, rules: Sequence[Rule], digest: str) -> None:
        """`digest` changes whenever what they find may change."""
        self._rules = tuple(rules)
        self._digest = digest

    def pages(self) -> tuple[RulePage, ...]:
        """Give the pages, by id."""
        return pages(self._rules)

    def digest(self) -> str:
        """Name the rules and their code."""
        return " ".join([self._digest, *(rule.id for rule in self._rules)])

    def runner(self, code: PluginCode, shelf: HostShelf, gates: frozenset[str]) -> Runner:
        """Make what runs them."""
        return PairRunner(self._rules, code, shelf, gates)


def rule_set(registry: Registry) -> tuple[Rule, ...]:
    """Collect the rules, sorted by id.

    Raises ExtensionError: a rule of an extension cannot be run, or has the id of another one.
    """
    rules = {rule.id: rule for rule in BUILT_IN_RULES}
    for item in registry.rules():
        if item.id in rules:
            if item is rules[item.id]:
                continue
            raise ExtensionError(f"an extension offers rule {item.id!r}, which hwcheck has itself")
        if not isinstance(item, Rule):
            raise ExtensionError(
                f"an extension offers rule {item.id!r}, which is no hwcheck.analyse.rule.Rule"
            )
        rules[item.id] = item
    return tuple(rules[id_] for id_ in sorted(rules))


def pages(rules: Sequence[Rule]) -> tuple[RulePage, ...]:
    """Give the pages of all rules, by id, and of what the check itself finds."""
    own = [
        RulePage(
            id=rule.id,
            title=rule.title,
            severity=rule.severity,
            explanation=rule.explanation,
            remedy=rule.remedy,
            bad=rule.bad,
            good=rule.good,
        )
        for rule in rules
    ]
    return tuple(sorted((*own, SKIPPED, UNUSED), key=lambda page: page.id))
