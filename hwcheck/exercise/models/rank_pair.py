"""Two copies of the child that are the ranks of one group of vLLM's, over gloo."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.copies import Copy, CopyLost
from hwcheck.exercise.models.collective_calls import RANKS, Call
from hwcheck.exercise.models.rank_side import Finding, carry_out
from hwcheck.exercise.tiny_config import current_config, vllm_config
from hwcheck.model.observation import Raised

__all__ = ["Answer", "PairLost", "RankPair", "Seen", "started_pair"]

_START_LIMIT = 40.0
_CALL_LIMIT = 8.0
#: What the other rank may take once one has answered.
_FOLLOW_LIMIT = 2.0


class PairLost(Exception):
    """A rank died or hung; the message says which and how."""

    def __init__(self, message: str, *, raised: Raised | None = None) -> None:
        super().__init__(message)
        self.raised = raised
        """What the other rank raised before, where it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a rank's communicator says of itself."""

    kind: str
    rank_in_group: object
    world_size: object
    ranks: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one rank made of a question."""

    seen: Seen | None = None
    finding: Finding | None = None
    raised: Raised | None = None


class RankPair:
    """Both ranks; once lost, it is of no use."""

    def __init__(self, copies: list[Copy]) -> None:
        self._copies = copies

    def join(self) -> tuple[Answer, ...]:
        """Let the ranks meet in torch's process group, without the plugin's communicator.

        Raises PairLost: one died or hung.
        """
        return self._both("join", _START_LIMIT)

    def construct(self) -> tuple[Answer, ...]:
        """Let vLLM build a group with the plugin's communicator.

        Raises PairLost: one died or hung.
        """
        return self._both("construct", _START_LIMIT)

    def call(self, call: Call) -> tuple[Answer, ...]:
        """Let both ranks take part in a collective call.

        Raises PairLost: one died or hung, or only one of them raised.
        """
        return self._both(call, _CALL_LIMIT)

    def end(self) -> None:
        """Let both leave."""
        for copy in self._copies:
            copy.end()

    def _both(self, question: object, limit: float) -> tuple[Answer, ...]:
        for rank, copy in enumerate(self._copies):
            try:
                copy.ask(question)
            except CopyLost as error:
                raise PairLost(f"rank {rank} {error}") from error
        answers: dict[int, Answer] = {}
        end = monotonic() + limit
        while len(answers) < RANKS:
            ready = Copy.ready(self._copies, end - monotonic())
            if not ready and not answers:
                raise PairLost(f"no rank answers within {limit:g} s")
            for rank in [self._copies.index(copy) for copy in ready] or _missing(answers):
                answers[rank] = self._answer(rank, answers)
                if answers[rank].raised is not None:
                    # The other may wait for ever for this one.
                    end = min(end, monotonic() + _FOLLOW_LIMIT)
        return tuple(answers[rank] for rank in range(RANKS))

    def _answer(self, rank: int, others: dict[int, Answer]) -> Answer:
        try:
            answer = self._copies[rank].answer(0.0)
        except CopyLost as error:
            raised = others[1 - rank].raised if 1 - rank in others else None
            first = f"rank {1 - rank} raises {raised.type}: {raised.message}; " if raised else ""
            raise PairLost(f"{first}rank {rank} {error}", raised=raised) from error
        assert isinstance(answer, Answer)
        return answer


def _missing(answers: dict[int, Answer]) -> list[int]:
    return [rank for rank in range(RANKS) if rank not in answers]


@contextmanager
def started_pair(bench: Bench) -> Iterator[RankPair]:
    """Fork two ranks; nothing of them is left behind."""
    ident = f"hwcheck-{os.getpid()}-{next(_NUMBERS)}"
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        stack.callback(_remove_shared, ident)
        config = _config()
        copies = []
        for rank in range(RANKS):
            begin = partial(_handler, bench, rank, folder, ident, config)
            copy = Copy.started(begin, folder / f"printed-{rank}.txt")
            stack.callback(copy.kill)
            copies.append(copy)
        pair = RankPair(copies)
        yield pair
        pair.end()


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_NUMBERS = _numbers()


def _config() -> object | None:
    # A platform that refuses a configuration breaks another contract.
    try:
        return vllm_config(model_config=None)
    except Exception:
        return None


def _remove_shared(ident: str) -> None:
    # vLLM's own CPU communicator leaves its shared memory behind.
    for file in Path("/dev/shm").glob(f"*{ident}*"):
        file.unlink(missing_ok=True)


def _handler(
    bench: Bench, rank: int, folder: Path, ident: str, config: object | None
) -> Callable[[object], object]:
    if sys.platform == "linux":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    # Read by vLLM's own CPU communicator, set by its own worker.
    os.environ["VLLM_DIST_IDENT"] = ident
    state = ExitStack()
    if config is not None:
        state.enter_context(current_config(config))
    groups: list[object] = []

    def handle(question: object) -> object:
        try:
            if question == "join":
                _join(bench, rank, folder / "store")
                return Answer()
            if question == "construct":
                groups.append(_built(bench, rank))
                return Answer(seen=_seen(groups[0]))
            assert isinstance(question, Call)
            return Answer(finding=carry_out(groups[0], question))
        except BaseException as error:
            return Answer(raised=bench.attribution.raised(error))

    return handle


def _join(bench: Bench, rank: int, store: Path) -> None:
    import_module("vllm.distributed.parallel_state").init_distributed_environment(
        world_size=RANKS,
        rank=rank,
        distributed_init_method=f"file://{store}",
        local_rank=rank,
        backend=bench.platform.dist_backend,  # type: ignore[attr-defined]
    )


def _built(bench: Bench, rank: int) -> object:
    state = import_module("vllm.distributed.parallel_state")
    group: object = state.init_model_parallel_group(
        [list(range(RANKS))],
        rank,
        bench.platform.dist_backend,  # type: ignore[attr-defined]
        group_name="tp",
    )
    return group


def _seen(group: object) -> Seen:
    communicator = group.device_communicator  # type: ignore[attr-defined]
    kind = type(communicator)
    return Seen(
        kind=f"{kind.__module__}.{kind.__qualname__}",
        rank_in_group=getattr(communicator, "rank_in_group", None),
        world_size=getattr(communicator, "world_size", None),
        ranks=getattr(communicator, "ranks", None),
    )
