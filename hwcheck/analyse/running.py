"""Rules run on a plugin and pairs of hosts."""

from collections.abc import Sequence
from dataclasses import replace

from hwcheck.analyse.comparison import Comparison, Settled
from hwcheck.analyse.pairs import Focus, HostShelf, Pair, PairResult, sorted_findings
from hwcheck.analyse.rule import Rule
from hwcheck.analyse.rules.settled import settle
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World
from hwcheck.model.use import Code

__all__ = ["PairRunner"]

#: So many questions are answered without knowing what is settled.
_WORTH_SETTLING = 2


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
        self._asked: set[Pair] = set()
        self._settled: Settled | None = None

    def __call__(self, pair: Pair, part: int = 0, parts: int = 1) -> PairResult:
        """Answer a pair with a part of the rules; those next to each other share what they see."""
        self._make_room(pair)
        old = self._world(pair.old) if pair.old is not None else None
        new = self._world(pair.new)
        rules, plugin = self._rules, self._code
        if pair.focus is not None:
            # The world stays whole: how a place is reached or replaced is told by other files.
            rules = tuple(rule for rule in rules if rule.id in pair.focus.rules)
            plugin = _focused(plugin, pair.focus)
        settled = self._known_settled(pair) if pair.focus is None else Settled()
        rules = rules[part * len(rules) // parts : (part + 1) * len(rules) // parts]
        comparison = Comparison(plugin=plugin, new=new, old=old, settled=settled)
        findings = [
            finding
            for rule in rules
            if old is not None or not rule.needs_old
            for finding in rule.find(comparison)
        ]
        unreached = tuple(sorted(self._code.files.keys() - new.reached_modules))
        return PairResult(findings=sorted_findings(findings), unreached=unreached)

    def _known_settled(self, pair: Pair) -> Settled:
        """Tell what need not be looked at; to find that out takes as long as to look at a host."""
        self._asked.add(pair)
        if self._settled is None and len(self._asked) > _WORTH_SETTLING:
            self._settled = settle(self._code, self._gates)
        return self._settled or Settled()

    def _make_room(self, pair: Pair) -> None:
        """Keep two worlds at most: of those that are not asked about, the one made first.

        It is the baseline, which is asked for again and again.
        """
        wanted = {word for word in (pair.old, pair.new) if word is not None}
        others = [word for word in self._worlds if word not in wanted]
        for word in others[2 - len(wanted) :]:
            _dismantle(self._worlds.pop(word))

    def _world(self, word: str) -> World:
        if word not in self._worlds:
            self._worlds[word] = World(self._code, self._shelf.open(word), self._gates)
        return self._worlds[word]


def _dismantle(world: World) -> None:
    """Cut the references between the parts of a world, so that its memory is free at once.

    To look for such cycles takes half as long as the rules, and no collector runs meanwhile.
    """
    for part in vars(world).values():
        if type(part).__module__.startswith("hwcheck.analyse.") and hasattr(part, "__dict__"):
            vars(part).clear()
    vars(world).clear()


def _focused(plugin: PluginCode, focus: Focus) -> PluginCode:
    files = {
        name: _with_uses_at(plugin.files[name], frozenset(lines)) for name, lines in focus.places
    }
    return replace(plugin, files=files)


def _with_uses_at(code: Code, lines: frozenset[int]) -> Code:
    """Leave out what is read, called and set elsewhere; imports and definitions stay."""
    uses = code.uses
    return code._replace(
        uses=uses._replace(
            accesses=tuple(item for item in uses.accesses if not lines.isdisjoint(item.lines)),
            calls=tuple(item for item in uses.calls if item.line in lines),
            stores=tuple(item for item in uses.stores if item.line in lines),
            unpacks=tuple(item for item in uses.unpacks if item.line in lines),
            texts=tuple(item for item in uses.texts if item.line in lines),
        )
    )
