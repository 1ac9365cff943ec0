"""Rules run on a plugin and pairs of hosts."""

import gc
from collections.abc import Sequence
from dataclasses import replace

from hwcheck.analyse.comparison import Comparison
from hwcheck.analyse.pairs import HostShelf, Pair, PairResult, sorted_findings
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World

__all__ = ["PairRunner"]


class PairRunner:
    """Runs rules, and keeps the worlds that are asked for again."""

    def __init__(
        self, rules: Sequence[Rule], code: PluginCode, shelf: HostShelf, gates: frozenset[str]
    ) -> None:
        self._rules = tuple(rules)
        self._code = code
        self._shelf = shelf
        self._gates = gates
        self._worlds: dict[str, World] = {}

    def __call__(self, pair: Pair) -> PairResult:
        """Answer a pair."""
        old = self._world(pair.old) if pair.old is not None else None
        new = self._world(pair.new)
        rules, plugin = self._rules, self._code
        if pair.narrowed is not None:
            ids, modules = pair.narrowed
            rules = tuple(rule for rule in rules if rule.id in ids)
            plugin = replace(plugin, files={name: plugin.files[name] for name in modules})
        comparison = Comparison(plugin=plugin, new=new, old=old)
        findings = [
            finding
            for rule in rules
            if old is not None or not rule.needs_old
            for finding in rule.find(comparison)
        ]
        unreached = tuple(sorted(self._code.files.keys() - new.reached_modules))
        return PairResult(findings=sorted_findings(findings), unreached=unreached)

    def _world(self, word: str) -> World:
        if word not in self._worlds:
            if len(self._worlds) > 1:
                # The baseline is asked for again and again; of the others one at a time is kept.
                self._worlds.popitem()
                gc.collect()  # a world is one large cycle, and nobody else collects meanwhile
            self._worlds[word] = World(self._code, self._shelf.open(word), self._gates)
        return self._worlds[word]
