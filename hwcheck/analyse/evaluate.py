"""Answers about one plugin: kept by content, and worked out in parallel where they are missing."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from hwcheck.analyse.pairs import HostShelf, Pair, PairResult, RuleSource, Runner, joined
from hwcheck.analyse.plugin_code import PluginSource
from hwcheck.codec import pack, unpack
from hwcheck.errors import CodecError
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.pool import Pool

__all__ = ["Evaluator"]


class _Task(NamedTuple):
    pair: Pair
    part: int
    parts: int


class Evaluator:
    """Answers pairs for one plugin."""

    def __init__(
        self,
        source: PluginSource,
        rules: RuleSource,
        shelf: HostShelf,
        *,
        gates: Collection[str],
        cache: ContentCache,
        processes: int,
    ) -> None:
        self.shelf = shelf
        self._source = source
        self._rules = rules
        self._gates = frozenset(gates)
        self._cache = cache
        self._processes = processes
        self._pool: Pool[Runner] | None = None
        self._results: dict[Pair, PairResult] = {}
        self._prefix = " ".join([source.digest, rules.digest(), *sorted(self._gates)])

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.close()

    def called(self, word: str) -> str:
        """Tell the name of a host: the known release that it is, else the word itself.

        Raises HostError: there is no such host.
        """
        known = self.shelf.known()
        if word in known:
            return word
        version = self.shelf.open(word).version
        same = version in known and self.shelf.digest(version) == self.shelf.digest(word)
        return version if same else word

    def answer(self, pair: Pair) -> PairResult:
        """Answer one pair."""
        return next(iter(self.answers([pair])))

    def answers(self, pairs: Sequence[Pair]) -> Iterator[PairResult]:
        """Answer pairs in order, those that are not known yet in several processes."""
        for pair in pairs:
            if pair not in self._results and (kept := self._kept(pair)) is not None:
                self._results[pair] = kept
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._results]
        computed = self._computed(new)
        for pair in pairs:
            while pair not in self._results:
                at, result = next(computed)
                self._cache.put(self._key(at), pack(result))
                self._results[at] = result
            yield self._results[pair]

    def _computed(self, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, PairResult]]:
        if not pairs:
            return
        if self._pool is None:
            # Made before the processes part, so that they share the code and the rules.
            runner = self._rules.runner(self._source.code, self.shelf, self._gates)
            self._pool = Pool(runner, processes=self._processes)
        # One pair can be twice the work of another, so few of them are cut. Where little is
        # looked at, to see the same world in each process costs more than that.
        most = 1 if pairs[0].focus is not None else self._processes
        parts = self._processes if len(pairs) <= most else 1
        tasks = [_Task(pair, part, parts) for pair in pairs for part in range(parts)]
        answers = self._pool.results(_run, tasks)
        for pair in pairs:
            yield pair, joined([unpack(data, PairResult) for data in islice(answers, parts)])

    def _kept(self, pair: Pair) -> PairResult | None:
        data = self._cache.get(self._key(pair))
        try:
            return unpack(data, PairResult) if data is not None else None
        except CodecError:
            return None

    def _key(self, pair: Pair) -> str:
        words = [word for word in (pair.old, pair.new) if word is not None]
        hosts = map(self.shelf.digest, words)
        return f"findings {self._prefix} {' '.join(hosts)} {pair.focus or ''}"


def _run(runner: Runner, task: _Task) -> bytes:
    return pack(runner(task.pair, task.part, task.parts))
