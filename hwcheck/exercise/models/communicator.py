"""The communicator between devices: built by vLLM's group in two processes, and its collectives."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.counterexample import Counterexample
from hwcheck.exercise.models.collective_calls import COLLECTIVES, RANKS, Call, calls_of
from hwcheck.exercise.models.rank_pair import Answer, PairLost, RankPair, started_pair
from hwcheck.exercise.supported import dtypes_of
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.observation import Raised
from hwcheck.model.outcome import Figure, Place
from hwcheck.probe.resolve import owner_of, resolve, source_place

__all__ = ["EXAMINATIONS"]

_EXAMPLES = 25
#: vLLM's base refuses these, and only some parallel forms need them.
_OPTIONAL = ("all_gatherv", "reduce_scatterv")
#: The method of a collective, where its name is another.
_METHODS = {"send-recv": "recv"}
#: Pairs that may be lost before the rest of the collectives is given up; each costs seconds.
_MOST_LOST = 3


class _Unavailable(Exception):
    """The contract could not be looked at; the verdict says why."""

    def __init__(self, case: ExaminedCase) -> None:
        super().__init__(case.reason)
        self.case = case


def construct(bench: Bench) -> Iterator[ExaminedCase]:
    """Both ranks build a group of two, as vLLM's workers do."""
    try:
        with _joined(bench) as pair:
            fault, place = _construction_fault(bench, pair)
    except _Unavailable as why:
        yield why.case
        return
    yield kept() if fault is None else broken(fault, place=place or _class_place(bench))


def collective(bench: Bench) -> Iterator[ExaminedCase]:
    """Each collective gives what the reference gives, one case each."""
    search = _Search(bench=bench, dtypes=dtypes_of(bench))
    try:
        for name in COLLECTIVES:
            yield search.examined(name)
    except _Unavailable as why:
        yield why.case
    finally:
        search.close()


@contextmanager
def _joined(bench: Bench) -> Iterator[RankPair]:
    torch = import_module("torch")
    # A device type that torch does not know breaks another contract.
    try:
        on_cpu = torch.device(bench.platform.device_type).type == "cpu"  # type: ignore[attr-defined]
    except RuntimeError:
        on_cpu = False
    if not on_cpu:
        raise _Unavailable(not_measured("collectives need two devices", needs_device=True))
    with started_pair(bench) as pair:
        try:
            answers = pair.join()
        except PairLost as lost:
            raise _Unavailable(not_measured(f"two processes could not meet: {lost}")) from lost
        for answer in answers:
            if answer.raised is not None:
                reason = f"two processes could not meet: {_told(answer.raised)}"
                raise _Unavailable(not_measured(reason))
        yield pair


def _construction_fault(bench: Bench, pair: RankPair) -> tuple[str | None, Place | None]:
    try:
        answers = pair.construct()
    except PairLost as lost:
        return f"building the group: {lost}", None
    for rank, answer in enumerate(answers):
        if answer.raised is not None:
            return f"building the group: {_told(answer.raised)}", _own_place(answer.raised)
        fault = _stranger(rank, answer)
        if fault:
            return fault, None
    return None, None


def _stranger(rank: int, answer: Answer) -> str | None:
    seen = answer.seen
    assert seen is not None
    for name, found, wanted in (
        ("rank_in_group", seen.rank_in_group, rank),
        ("world_size", seen.world_size, RANKS),
        ("ranks", seen.ranks, list(range(RANKS))),
    ):
        if found != wanted:
            return f"{seen.kind}.{name} is {found!r} in rank {rank} of {RANKS}"
    return None


@dataclass(slots=True, kw_only=True)
class _Search:
    """The search through all collectives, with a fresh pair whenever one is lost."""

    bench: Bench
    dtypes: tuple[str, ...]
    lost: int = field(default=0, init=False)
    largest: float = field(default=0.0, init=False)
    raised: Raised | None = field(default=None, init=False)
    _pair: RankPair | None = field(default=None, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)

    def examined(self, name: str) -> ExaminedCase:
        """Judge one collective."""
        refused = _refusal(self.bench, name)
        if refused:
            return not_applicable(refused, name)
        if self.lost >= _MOST_LOST:
            return not_measured(f"the ranks were lost {self.lost} times before", name)
        pair = self._ranks()
        self.largest, self.raised = 0.0, None
        gone: dict[Call, str] = {}

        def check(call: Call) -> str | None:
            # Nothing smaller is looked for once the ranks are gone: each start takes seconds.
            if gone:
                return gone.get(call)
            try:
                return self._fault(pair.call(call))
            except PairLost as error:
                self.close()
                self.lost, self.raised = self.lost + 1, error.raised
                return gone.setdefault(call, str(error))

        return self._verdict(
            name,
            self.bench.counterexample(check, calls_of(name, self.dtypes), examples=_EXAMPLES),
        )

    def close(self) -> None:
        """End the ranks."""
        self._pair = None
        self._stack.close()

    def _ranks(self) -> RankPair:
        if self._pair is None:
            pair = self._stack.enter_context(_joined(self.bench))
            fault, _ = _construction_fault(self.bench, pair)
            if fault is not None:
                raise _Unavailable(not_measured(fault, blocked_by="communicator.construct"))
            self._pair = pair
        return self._pair

    def _fault(self, answers: tuple[Answer, ...]) -> str | None:
        for answer in answers:
            if answer.raised is not None:
                self.raised = answer.raised
                return _told(answer.raised)
        findings = [answer.finding for answer in answers if answer.finding is not None]
        self.largest = max(self.largest, *(item.distance for item in findings))
        faults = (f"rank {rank} {item.fault}" for rank, item in enumerate(findings) if item.fault)
        return next(faults, None)

    def _verdict(self, name: str, found: Counterexample[Call] | None) -> ExaminedCase:
        figure = Figure(name="largest distance (units in the last place)", value=self.largest)
        if found is None:
            return kept(name, figures=(figure,))
        if name in _OPTIONAL and self.raised and self.raised.type == "NotImplementedError":
            return not_applicable(f"the communicator refuses {name}()", name)
        place = _own_place(self.raised) if self.raised else None
        return broken(
            found.fault,
            name,
            example=found.text,
            place=place or _method_place(self.bench, name) or _class_place(self.bench),
        )


def _told(raised: Raised) -> str:
    return f"raises {raised.type}: {raised.message}"


def _own_place(raised: Raised) -> Place | None:
    return raised.place if raised.in_plugin else None


def _class_of(bench: Bench) -> type:
    found = resolve(bench.platform.get_device_communicator_cls())  # type: ignore[attr-defined]
    assert isinstance(found, type)
    return found


def _class_place(bench: Bench) -> Place | None:
    # Where the path does not resolve, construction has told so.
    try:
        return source_place(_class_of(bench), bench.attribution)
    except Exception:
        return bench.place_of("get_device_communicator_cls")


def _method_place(bench: Bench, name: str) -> Place | None:
    cls = _class_of(bench)
    owner = owner_of(cls, _METHODS.get(name, name))
    if owner is None or not bench.attribution.owns_module(owner.__module__):
        return None
    return source_place(vars(owner)[_METHODS.get(name, name)], bench.attribution)


def _refusal(bench: Bench, name: str) -> str | None:
    module = "vllm.distributed.device_communicators.base_device_communicator"
    base = import_module(module).DeviceCommunicatorBase
    method = _METHODS.get(name, name)
    if not hasattr(base, method):
        return f"this vLLM's communicators have no {method}()"
    if name in _OPTIONAL and owner_of(_class_of(bench), method) is base:
        return f"the communicator leaves {method}() to vLLM's base, which refuses it"
    return None


EXAMINATIONS: dict[str, Examination] = {
    "communicator.construct": construct,
    "communicator.collective": collective,
}
