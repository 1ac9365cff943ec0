"""The rules of hwcheck and its extensions, imported only when something has to be worked out."""

import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from hwcheck.analyse.pairs import HostShelf, RuleSource, Runner
from hwcheck.analyse.subject import PluginCode
from hwcheck.codec import pack, unpack
from hwcheck.errors import CodecError
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.code_digest import EVERYTHING, digest_of_code
from hwcheck.model.rule import RulePage
from hwcheck.registry import BUILT_INS, Registry

__all__ = ["RuleBook"]


class RuleBook:
    """All rules that there are."""

    def __init__(self, registry: Registry, cache: ContentCache) -> None:
        self._registry = registry
        self._cache = cache

    def pages(self) -> tuple[RulePage, ...]:
        """Give the pages of all rules and of what the check itself finds, by id.

        Raises ExtensionError: a rule of an extension is wrong.
        """
        key = f"pages {self.digest()}"
        data = self._cache.get(key)
        if data is not None:
            with suppress(CodecError):
                return unpack(data, tuple[RulePage, ...])
        found = self._rules.pages()
        self._cache.put(key, pack(found))
        return found

    def digest(self) -> str:
        """Name the code that decides what is found."""
        return self._digest

    def runner(self, code: PluginCode, shelf: HostShelf, gates: frozenset[str]) -> Runner:
        """Make what runs the rules.

        Raises ExtensionError: a rule of an extension is wrong.
        """
        return self._rules.runner(code, shelf, gates)

    @cached_property
    def _digest(self) -> str:
        files: list[Path] = []
        ids: list[str] = []
        if self._has_extensions():
            for rule in self._registry.rules():
                ids.append(rule.id)
                module = (
                    sys.modules.get(type(rule).__module__),
                    sys.modules.get(getattr(getattr(rule, "find", None), "__module__", "")),
                )
                files += [Path(item.__file__) for item in module if item and item.__file__]
        return " ".join([digest_of_code(EVERYTHING, tuple(files)), *ids])

    def _has_extensions(self) -> bool:
        # To ask for the built-in ones would import them.
        hook = self._registry.manager.hook.hwcheck_rules
        return any(item.plugin_name not in BUILT_INS for item in hook.get_hookimpls())

    @cached_property
    def _rules(self) -> RuleSource:
        # Imported here: the rules are many modules, and most answers are kept.
        from hwcheck.analyse.rule_set import GivenRules, rule_set

        return GivenRules(rule_set(self._registry), self.digest())
