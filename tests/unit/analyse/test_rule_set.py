"""The built-in rules together with those of extensions."""

from dataclasses import dataclass, replace

import pluggy
import pytest

from hwcheck import hooks
from hwcheck.analyse.rule_set import pages, rule_set
from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES
from hwcheck.errors import ExtensionError
from hwcheck.registry import Registry


@dataclass(frozen=True)
class Bare:
    """A rule that satisfies the hook's protocol and cannot be run."""

    id: str = "ACME2"
    title: str = "something"


class Extension:
    """An extension that offers rules."""

    def __init__(self, rules):
        self._rules = rules

    @hooks.hookimpl
    def hwcheck_rules(self):
        return self._rules


def registry(*rules):
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    manager.register(Extension(rules), name="acme")
    return Registry(manager)


def test_rules_of_extensions_stand_among_the_built_in_ones():
    """
    All rules are sorted by id; a built-in one that the registry has too counts once.
    """
    own = replace(BUILT_IN_RULES[0], id="ACME1")

    rules = rule_set(registry(own, BUILT_IN_RULES[0]))

    assert [rule.id for rule in rules] == sorted({own.id, *(rule.id for rule in BUILT_IN_RULES)})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (replace(BUILT_IN_RULES[0], title="another"), "which hwcheck has itself"),
        (Bare(), "is no hwcheck.analyse.rule.Rule"),
    ],
)
def test_rule_that_cannot_be_used_is_refused(rule, message):
    """
    An id that is taken and an object that cannot be run are the extension's mistake.
    """
    with pytest.raises(ExtensionError, match=message):
        rule_set(registry(rule))


def test_pages_tell_of_the_checks_own_findings_too():
    """
    What the check itself finds has pages as rules have.
    """
    found = [page.id for page in pages(BUILT_IN_RULES[:1])]

    assert found == [BUILT_IN_RULES[0].id, "HW901", "HW902"]
