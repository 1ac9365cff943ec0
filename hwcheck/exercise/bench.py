"""The bench on which examinations work: the platform, its owner, and the means to try examples."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.counterexample import Counterexample, find_counterexample
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.observation import Answer, StepName
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.resolve import owner_of, source_place

__all__ = ["Bench", "Examination"]

ExampleT = TypeVar("ExampleT")

_FEW = 5


@dataclass(slots=True, kw_only=True)
class Bench:
    """What an examination may use; made once for a child, after the plugin was activated."""

    platform: object
    """``vllm.platforms.current_platform``: the plugin's, or the host's own in a control."""
    attribution: Attribution
    host_version: str
    seed: int
    control: bool
    """Whether this is the host's own platform."""
    limit: float = 90.0
    """Seconds that one examination may take before the child is ended."""
    demonstrated: tuple[str, ...] = ()
    """What is combined in pairs, where the child does that."""
    most_engines: int | None = None
    """How many engines may be planned for that; ``None`` for as many as it takes."""
    model: Path | None = None
    """A checkpoint in the place of the tiny dense model."""
    head_size: int | None = None
    """The size of the heads of the tiny models; ``None`` for the usual one."""
    shared: dict[str, object] = field(default_factory=dict, init=False)
    """What the examinations of a child hand on to those behind them, by what it is."""
    news: list[tuple[StepName, Answer]] = field(default_factory=list, init=False)
    """What is told in a step of its own as soon as the current examination has ended."""
    ending: ExitStack = field(default_factory=ExitStack, init=False)
    """What has to be ended when the child has no more examinations."""
    contract: str = field(default="", init=False)
    """The contract that is examined."""
    examples: int = field(default=0, init=False)
    """How many examples the current examination has generated."""
    is_brief: bool = field(default=False, init=False)
    """Whether a few examples are enough for the current examination."""

    def charges(self, contract: str) -> bool:
        """Whether a start that fails counts against what is examined, being about `contract`.

        In a control only against that one: it would excuse what a plugin breaks of another.
        """
        return not self.control or self.contract == contract

    def counterexample(
        self,
        check: Callable[[ExampleT], str | None],
        strategy: SearchStrategy[ExampleT],
        *,
        examples: int,
    ) -> Counterexample[ExampleT] | None:
        """Search the smallest example for which `check` tells a fault, ``None`` when none does.

        What `check` raises is a fault too, and its place is told.
        """

        def counted(example: ExampleT) -> str | None:
            self.examples += 1
            return check(example)

        return find_counterexample(
            counted,
            strategy,
            examples=min(examples, _FEW) if self.is_brief else examples,
            seed=self.seed,
            attribution=self.attribution,
        )

    def place_of(self, member: str) -> Place | None:
        """Where the platform's class defines a member, ``None`` when the plugin does not."""
        cls = type(self.platform)
        owner = owner_of(cls, member)
        if owner is None:
            return None
        thing = vars(owner)[member]
        place = source_place(
            getattr(thing, "__func__", getattr(thing, "fget", thing)), self.attribution
        )
        return place if self.is_own(member) else None

    def is_own(self, member: str) -> bool:
        """Whether the plugin's own code defines a member of the platform's class.

        In a control, what any of the host's platforms defines counts as its own.
        """
        owner = owner_of(type(self.platform), member)
        return owner is not None and self.attribution.owns_module(owner.__module__)


Examination = Callable[[Bench], Iterable[ExaminedCase]]
"""Judges one contract. What it raises from the plugin's lines breaks the contract; what it raises
without any line of the plugin's on the stack is taken for a fault of hwcheck's."""
