"""The search for the smallest example that shows a fault."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisException, Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.device_presence import finds_no_device
from hwcheck.model.outcome import Place
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.plain_text import shown

__all__ = ["Counterexample", "find_counterexample"]

ExampleT = TypeVar("ExampleT")

_LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample(Generic[ExampleT]):
    """An example that shows a fault."""

    example: ExampleT
    fault: str
    place: Place | None = None
    """The line that raised, where the fault is an exception."""
    in_plugin: bool = True
    """False for an exception without any line of the plugin's."""
    steady: bool = True
    """False when the same example did not show it each time."""

    @property
    def text(self) -> str:
        """The example as it would be typed."""
        return shown(self.example, _LONGEST)


class _Falsified(Exception):
    pass


def find_counterexample(
    check: Callable[[ExampleT], str | None],
    strategy: SearchStrategy[ExampleT],
    *,
    examples: int,
    seed: int,
    attribution: Attribution,
) -> Counterexample[ExampleT] | None:
    """Search, with hypothesis, the smallest example for which `check` tells a fault or raises.

    The same seed gives the same examples.

    Raises ValueError: the strategy gives no example at all. What `check` raised: there is no fault,
    and torch found no device for an example.
    """
    found: list[Counterexample[ExampleT]] = []
    absent: list[BaseException] = []

    def judge(example: ExampleT) -> None:
        try:
            fault, place, in_plugin = check(example), None, True
        # Any exception of the plugin's is a fault, SystemExit included; hypothesis' own are not.
        except HypothesisException:
            raise
        except BaseException as error:
            if finds_no_device(error):
                absent.append(error)
                return
            raised = attribution.raised(error)
            fault, place, in_plugin = (
                f"raises {raised.type}: {raised.message}",
                raised.place,
                raised.in_plugin,
            )
        if fault is not None:
            found.append(
                Counterexample(example=example, fault=fault, place=place, in_plugin=in_plugin)
            )
            raise _Falsified

    try:
        with _own_examples_only():
            _property(judge, strategy, examples, seed)()
    except Unsatisfiable as error:
        raise ValueError(f"no example can be generated: {error}") from error
    except _Falsified:
        return found[-1]
    # A group of hypothesis' own: the example did not show the fault again.
    except (HypothesisException, BaseExceptionGroup):
        if not found:
            raise
        last = found[-1]
        return Counterexample(
            example=last.example,
            fault=f"{last.fault} (not each time)",
            place=last.place,
            in_plugin=last.in_plugin,
            steady=False,
        )
    if absent:
        raise absent[0]
    return None


@contextmanager
def _own_examples_only() -> Iterator[None]:
    # hypothesis also tries constants that it reads from all modules outside of site-packages: the
    # plugin's, so that the place of its installation would decide what is tried, and whatever
    # else a plugin puts in the place of a module, which need not be one.
    name = "_get_local_constants"
    before = getattr(providers, name, None)
    if before is None:
        yield
        return
    nothing = providers.Constants()  # type: ignore[attr-defined]
    setattr(providers, name, lambda: nothing)
    try:
        yield
    finally:
        setattr(providers, name, before)


def _property(
    judge: Callable[[ExampleT], None],
    strategy: SearchStrategy[ExampleT],
    examples: int,
    number: int,
) -> Callable[[], None]:
    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @given(strategy)
    def run(example: ExampleT) -> None:
        judge(example)

    wrapped: Callable[[], None] = run
    return wrapped
