"""What a rule is given: the plugin held against a new host, and an old one to compare with."""

from dataclasses import dataclass, field

from hwcheck.analyse.entities import Absence, ClassEntity, Missing, Side, Step
from hwcheck.analyse.subject import PluginCode
from hwcheck.analyse.world import World

__all__ = ["Comparison", "Settled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Code of the plugin in which no host, whichever it is, can make a difference."""

    chains: frozenset[tuple[object, ...]] = frozenset()
    """By `UsedChain.key`."""
    calls: frozenset[tuple[str, int]] = frozenset()
    """By module, and place among its calls."""
    stores: frozenset[tuple[str, int]] = frozenset()
    """By module, and place among its stores."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """The plugin in the world of one host, and in that of the host it was made for."""

    plugin: PluginCode
    new: World
    old: World | None = None
    settled: Settled = field(default_factory=Settled)
    """What need not be looked at again."""

    def excused(self, step: Step) -> bool:
        """Tell whether a missing member is one that the plugin itself stores on host objects.

        Not excused is what the class had on the old host: there the host stored it, and what the
        plugin stores does not replace that. Functions that it makes methods of the class do:
        they set on ``self`` what they read there.
        """
        missing = step.entity
        if not isinstance(missing, Missing) or missing.absence != Absence.MEMBER:
            return False
        if not isinstance(missing.container, ClassEntity):
            return False
        name = missing.symbol.rpartition(".")[2]
        if not self.new.is_stored(name, missing.container):
            return False
        is_own = self.new.is_given(name, missing.container)
        return is_own or not self._had(missing.container, name)

    def _had(self, cls: ClassEntity, name: str) -> bool:
        """Whether a host class of the inheritance defined the member on the old host."""
        if self.old is None:
            return False
        for owner in self.new.mro(cls).classes:
            if owner.side != Side.HOST:
                continue
            before = self.old.resolve_path(owner.symbol)
            if isinstance(before, ClassEntity):
                found = self.old.member(before, name, instance=True)
                return not isinstance(found, Missing)
        return False
