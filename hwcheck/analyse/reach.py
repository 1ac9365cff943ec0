"""Reachability: which of the plugin's code its entry points lead to on one host."""

from collections.abc import Iterable, Iterator

from hwcheck.analyse.gates import Gates
from hwcheck.analyse.names import HOST_TOP, mentions
from hwcheck.analyse.subject import PluginCode
from hwcheck.model.facts import ConditionKind
from hwcheck.model.finding import Reach
from hwcheck.model.plugin import Group
from hwcheck.model.use import Code

__all__ = ["Reached"]


class Reached:
    """Follows imports and class paths from the entry points."""

    def __init__(self, plugin: PluginCode, gates: Gates) -> None:
        """Follow in `plugin`, under the conditions that `gates` answers."""
        self._plugin = plugin
        self._gates = gates
        self._modules: frozenset[str] | None = None
        self._dead: frozenset[str] | None = None
        self._answers: dict[tuple[str, int], Reach | None] = {}

    @property
    def modules(self) -> frozenset[str]:
        """The plugin's modules that are reached; all, where nothing tells where to start."""
        if self._modules is None:
            self._modules = self._follow()
        return self._modules

    @property
    def dead(self) -> frozenset[str]:
        """The plugin's modules that are only imported where a gate is false."""
        if self._dead is None:
            self._dead = self._gated_away()
        return self._dead

    def reach(self, code: Code, guard: int) -> Reach | None:
        """Tell how code comes to run; ``None``: never on this host, a gate is false."""
        key = (code.module.name, guard)
        if key not in self._answers:
            self._answers[key] = self._reach(code, guard)
        return self._answers[key]

    def _reach(self, code: Code, guard: int) -> Reach | None:
        if code.module.name in self.dead:
            return None
        is_reached = code.module.name in self.modules
        if guard:
            if self._gates.holds(code, guard) is False:
                possible = self._gates.holds(code, guard, typing=True) is not False
                return Reach.TYPING if possible else None
            condition = code.uses.conditions[guard]
            if mentions(condition, ConditionKind.TRIED) or mentions(
                condition, ConditionKind.HANDLER
            ):
                return Reach.TRIED
        return Reach.REACHED if is_reached else Reach.UNREACHED

    def _follow(self) -> frozenset[str]:
        everything = frozenset(self._plugin.files)
        groups = {point.group for point in self._plugin.entry_points}
        if Group.PLATFORM not in groups:
            return everything
        return self._closure(self._entries()) or everything

    def _entries(self) -> Iterator[str]:
        for point in self._plugin.entry_points:
            yield from self._with_packages(point.module)

    def _gated_away(self) -> frozenset[str]:
        """Take what gated imports lead to, without what anything else leads to.

        Modules that no gated import leads to may be run by themselves: scripts, say.
        """
        everything = frozenset(self._plugin.files)
        behind = self._closure(self._gated()) - self.modules
        return behind - self._closure(everything - behind) if behind else frozenset()

    def _gated(self) -> Iterator[str]:
        """Name the modules that are imported where a gate is false, for type checkers too."""
        for code in self._plugin.files.values():
            for item in code.uses.imports:
                if (
                    self._runs(code, item.guard)
                    or self._gates.holds(code, item.guard, typing=True) is not False
                ):
                    continue
                for name in (item.module, f"{item.module}.{item.name}"):
                    if (
                        name in self._plugin.files
                        and not self._plugin.files[name].module.is_package
                    ):
                        yield name

    def _closure(self, starts: Iterable[str]) -> frozenset[str]:
        """Give modules and all that they lead to."""
        seen: set[str] = set()
        left = list(starts)
        while left:
            name = left.pop()
            if name in seen:
                continue
            seen.add(name)
            left.extend(self._from(self._plugin.files[name]))
        return frozenset(seen)

    def _from(self, code: Code) -> Iterator[str]:
        for item in code.uses.imports:
            if item.module.partition(".")[0] == HOST_TOP or not self._runs(code, item.guard):
                continue
            yield from self._with_packages(item.module)
            if item.name:
                yield from self._with_packages(f"{item.module}.{item.name}")
        for text in code.uses.texts:
            if text.text.partition(".")[0] in self._plugin.tops and self._runs(code, text.guard):
                yield from self._with_packages(text.text.replace(":", "."))

    def _runs(self, code: Code, guard: int) -> bool:
        return guard == 0 or self._gates.holds(code, guard) is not False

    def _with_packages(self, dotted: str) -> Iterator[str]:
        """Give the module that a dotted name begins with, and the packages around it."""
        parts = dotted.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name in self._plugin.files:
                yield name
