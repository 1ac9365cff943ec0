"""The engine that the serving contracts of one child share, started when it is first needed."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed_in_use, quality, refuses
from hwcheck.exercise.preparation import Unprepared, prepared
from hwcheck.exercise.serving.adapters import kept_adapter
from hwcheck.exercise.serving.checkpoints import kept_checkpoint
from hwcheck.exercise.serving.compiling import compilations, compiling
from hwcheck.exercise.serving.engine import Engine, clean_up, start_engine
from hwcheck.exercise.serving.fitting import fitted
from hwcheck.exercise.serving.given_model import cache_bytes, unfit
from hwcheck.exercise.serving.leftovers import held_now
from hwcheck.exercise.serving.precision import TOLERANCES, usable_dtype
from hwcheck.exercise.serving.ran import engine_seen
from hwcheck.exercise.serving.recipe import DENSE, NAMES, Recipe
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.reference_lines import Backend
from hwcheck.exercise.serving.worker_errors import WorkerErrors
from hwcheck.exercise.starts import Starting
from hwcheck.exercise.verdicts import not_applicable, not_measured
from hwcheck.model.examination import CaseState, ExaminedCase
from hwcheck.model.observation import StepName
from hwcheck.model.outcome import Refusal
from hwcheck.model.served import EngineSeen, Served

__all__ = [
    "MODELS_VARIABLE",
    "SMALL_BLOCK",
    "Ability",
    "Order",
    "Serving",
    "again",
    "charged",
    "judged_failure",
    "serving",
    "with_engine",
]

MODELS_VARIABLE = "HWCHECK_MODELS"
"""Where the tiny models are kept, in the environment of a child."""
SMALL_BLOCK = 32
"""So that a prompt of some dozens of tokens fills blocks; vLLM's own CPU attention takes this."""
_START = "engine.start"
_SERVING = "serving"
_MEBIBYTE = 2**20
#: Seconds for an answer of the reference on a model that takes long to load.
_LOADING = 900.0
#: Tokens that a draft model proposes at a time.
_DRAFTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which engine is wanted; contracts with equal orders share one."""

    recipe: Recipe = DENSE
    changes: Mapping[str, object] = field(default_factory=dict)
    """Arguments of vLLM's ``LLM`` besides those that every engine gets."""
    draft: Recipe | None = None
    """The model that proposes tokens to this one."""
    dtypes: tuple[str, ...] = ()
    """What the model may be computed in, the best first; else what the platform does best."""
    is_compiled: bool = False
    """Whether the model may be compiled, and captured as graphs."""

    @property
    def words(self) -> str:
        """The model and the changes; orders that differ have other words."""
        told = [NAMES.get(self.recipe, repr(self.recipe))]
        if self.is_compiled:
            told.append("compiled")
        if self.draft is not None:
            told.append(f"drafts of {NAMES.get(self.draft, repr(self.draft))}")
        if self.dtypes:
            told.append(" or ".join(self.dtypes))
        return ", ".join(
            [*told, *(f"{name}={self.changes[name]}" for name in sorted(self.changes))]
        )

    def arguments(self, dtype: str) -> dict[str, object]:
        """All arguments of vLLM's ``LLM`` but the model."""
        return {
            "dtype": dtype,
            "seed": 0,
            "enforce_eager": not self.is_compiled,
            "max_model_len": 256,
            "max_num_seqs": 8,
            # Less than a long prompt, so that prompts are worked on in pieces.
            "max_num_batched_tokens": 64,
            # Without it, vLLM measures how much memory is left, which takes long and can fail.
            "kv_cache_memory_bytes": 32 * _MEBIBYTE,
            "disable_log_stats": False,
            **self.changes,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What an order asks of a platform that not every platform has to have."""

    words: str
    contract: str
    """The first contract about it: there it is told once that no engine starts with it."""


class Serving:
    """What the serving contracts of one child have in common."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._engine: Engine | None = None
        self._order: Order | None = None
        self._failures: list[tuple[Order, ExaminedCase]] = []
        self._references: dict[Path, Reference] = {}
        self._kept = Path(os.environ.get(MODELS_VARIABLE) or tempfile.mkdtemp())
        self._has_plain_start = False
        self._has_small_blocks: bool | None = None
        self._compiling = ExitStack()
        self._unfit: str | None = None
        self.held_before = held_now()
        """What this process held before the engine that runs was started."""
        self.others = WorkerErrors()
        """What other processes of the engine say that was started last."""
        bench.ending.callback(self._end)

    def engine(self, order: Order, ability: Ability | None = None) -> Engine:
        """The engine that is wanted: the one that runs, where it is that one and whole.

        Raises Unprepared: it cannot be started. Where that is for want of an `ability` alone, the
        case says so.
        """
        for failed, case in self._failures:
            if failed == order:
                raise Unprepared(again(case, ability))
        if self._engine is not None and self._order == order and not self._engine.is_spoilt:
            return self._engine
        self.stop()
        if (reason := self._unfit_model(order)) is not None:
            raise Unprepared(not_measured(reason))
        if unknown := _unknown(order):
            raise Unprepared(not_applicable(f"this vLLM's engine has no argument {unknown}"))
        self.held_before = held_now()
        self.others.begin()
        try:
            if order.is_compiled:
                # Some platforms compile when the first request of a size comes.
                self._compiling.enter_context(compiling())
            before = compilations() if order.is_compiled else None
            self._engine = self._started(order)
            self._engine.before = before
        # Starting runs most of the plugin; judged by the contract about it.
        except BaseException as error:
            self._compiling.close()
            clean_up()
            case = self.failed_start(error, ability)
            self._failures.append((order, case))
            raise Unprepared(charged(self._bench, case, ability)) from error
        self._order = order
        # Another kind of model can leave a process in which the plain one does not start any more.
        self._has_plain_start = order.recipe == DENSE and (
            self._has_plain_start or order == Order()
        )
        # What a plugin has built in another way than vLLM cannot be looked at.
        with suppress(Exception):
            model = self._given(order.recipe)
            name = str(order.recipe.kind) if model is None else model.name
            self.note(engine_seen(self._engine, name, self._bench.attribution))
        return self._engine

    def note(self, engine: EngineSeen) -> None:
        """Tell what ran, as soon as the contract that is examined has ended."""
        self._bench.news.append((StepName.SERVED, Served(engines=(engine,))))

    def _started(self, order: Order) -> Engine:
        checkpoint, arguments = self.checkpoint(order.recipe), self.arguments(order)
        if "block_size" in arguments:
            return start_engine(checkpoint, arguments)
        if self._has_small_blocks is not False:
            try:
                engine = start_engine(checkpoint, {**arguments, "block_size": SMALL_BLOCK})
            # The attention of a device may take other sizes only; the platform knows which.
            except Exception as error:
                if self._has_small_blocks or not refuses(error):
                    raise
                clean_up()
            else:
                self._has_small_blocks = True
                return engine
        engine = start_engine(checkpoint, arguments)
        self._has_small_blocks = False
        return engine

    def arguments(self, order: Order) -> dict[str, object]:
        """The arguments for vLLM's ``LLM`` on this platform."""
        wanted = order.dtypes or tuple(TOLERANCES)
        arguments = order.arguments(usable_dtype(self._bench.platform, wanted))
        if (model := self._given(order.recipe)) is not None:
            arguments["kv_cache_memory_bytes"] = cache_bytes(model)
        if order.draft is not None:
            arguments["speculative_config"] = {
                "method": "draft_model",
                "model": str(self.checkpoint(order.draft)),
                "num_speculative_tokens": _DRAFTED,
            }
        return arguments

    def stop(self) -> None:
        """End the engine that runs, if one does."""
        engine, self._engine, self._order = self._engine, None, None
        self._compiling.close()
        if engine is not None:
            engine.stop()

    def _end(self) -> None:
        # All verdicts are given; what an engine raises at its very end is the restart's matter.
        with suppress(Exception):
            self.stop()

    def checkpoint(self, recipe: Recipe) -> Path:
        """The folder of a tiny model, or of the one that the user gives in its place."""
        return self._given(recipe) or kept_checkpoint(self._sized(recipe), self._kept)

    def adapter(self, recipe: Recipe, seed: int) -> Path:
        """The folder of an adapter for a tiny model."""
        return kept_adapter(self._sized(recipe), self._kept, seed)

    def reference(self, recipe: Recipe) -> Reference:
        """The reference on a tiny model, in a process of its own."""
        # How its weights are stored and its tokens are called is nothing to the reference.
        plain = self._sized(replace(recipe, is_packed=False, is_thinking=False))
        folder = self._given(recipe) or kept_checkpoint(plain, self._kept)
        if folder not in self._references:
            made = Reference(folder)
            if self._given(recipe) is not None:
                made = Reference(folder, kind=Backend.TRANSFORMERS, limit=_LOADING)
            self._references[folder] = self._bench.ending.enter_context(made)
        return self._references[folder]

    def _given(self, recipe: Recipe) -> Path | None:
        """The user's model, where it takes the place of that of a recipe."""
        return self._bench.model if recipe == DENSE else None

    def _sized(self, recipe: Recipe) -> Recipe:
        size = self._bench.head_size
        return recipe if size is None else replace(recipe, head_size=size)

    def _unfit_model(self, order: Order) -> str | None:
        """Say why the user's model cannot be examined; it is asked once."""
        if (model := self._given(order.recipe)) is None:
            return None
        if self._unfit is None:
            self._unfit = unfit(model, self.reference(order.recipe)) or ""
        return self._unfit or None

    def failed_start(self, error: BaseException, ability: Ability | None) -> ExaminedCase:
        """Judge what an engine raised that was started with an ability, or without any."""
        # At once: another engine may be started, to compare.
        cause = self.others.behind(error, self._bench.attribution)
        case = self._judged_start(error, ability)
        return case if cause is None else cause.told_in(case)

    def _judged_start(self, error: BaseException, ability: Ability | None) -> ExaminedCase:
        if ability is None:
            return _start_failure(self._bench, error)
        # What fails without the ability as well says nothing about it.
        if not self._has_plain_start:
            try:
                self.engine(Order())
            except Unprepared as stop:
                reason = f"nor does the engine without {ability.words} start: {stop.case.reason}"
                return not_measured(reason, blocked_by=_START)
        return _ability_failure(self._bench, error, ability)


def serving(bench: Bench) -> Serving:
    """What the serving contracts of this child have in common."""
    # Made only once: the last one made is the one that tells which engines it has started.
    held = bench.shared.get(_SERVING)
    if held is None:
        held = bench.shared[_SERVING] = Serving(bench)
    assert isinstance(held, Serving)
    return held


def with_engine(
    order: Order,
    ability: Ability | None = None,
) -> Callable[[Callable[[Bench, Engine, Reference], Iterator[ExaminedCase]]], Examination]:
    """Make an examination of a function that works on an engine, and on a reference beside it.

    A request that the platform refuses is not applicable, and refused cleanly; what an engine
    raises in its steps is judged as the plugin's. With an `ability`, so is what refuses to start.
    """

    def made(
        examine: Callable[[Bench, Engine, Reference], Iterator[ExaminedCase]],
    ) -> Examination:
        @prepared
        @wraps(examine)
        def whole(bench: Bench) -> Iterator[ExaminedCase]:
            shared = serving(bench)
            engine = shared.engine(order, ability)
            reference = shared.reference(order.recipe)
            try:
                yield from fitted(partial(examine, bench, engine, reference), engine)
            except Unprepared:
                raise
            except Exception as error:
                yield judged_failure(bench, engine, error)

        return Starting(examine=whole, wants=(order.words,))

    return made


def judged_failure(bench: Bench, engine: Engine, error: Exception) -> ExaminedCase:
    """Judge what serving a request raised; what is a fault of ours is raised again."""
    if not (engine.is_spoilt or _comes_of_host(bench, error)):
        # What no line of vLLM's or the plugin's has raised is a fault of ours.
        raise error
    return _request_failure(bench, engine, error)


def _start_failure(bench: Bench, error: BaseException) -> ExaminedCase:
    case = failed_in_use(bench, error, "starting the engine on the tiny model")
    if refuses(error):
        return replace(case, refusal=Refusal.CLEAN)
    return case


def _ability_failure(bench: Bench, error: BaseException, ability: Ability) -> ExaminedCase:
    raised = bench.attribution.raised(error)
    if refuses(error):
        reason = f"{ability.words} are refused: {raised.type}: {raised.message}"
        return replace(not_applicable(reason), refusal=quality(raised.message))
    case = failed_in_use(bench, error, f"starting the engine with {ability.words}")
    return replace(case, refusal=Refusal.CRASHED if case.state is CaseState.BROKEN else None)


def charged(bench: Bench, case: ExaminedCase, ability: Ability | None) -> ExaminedCase:
    """What the first start that failed says to the contract that wanted it."""
    about = _START if ability is None else ability.contract
    return case if bench.charges(about) else again(case, ability)


def again(case: ExaminedCase, ability: Ability | None) -> ExaminedCase:
    """What a start that failed before says to the next contract."""
    if ability is not None and case.state is not CaseState.BROKEN:
        return case
    blocked_by = _START if ability is None else ability.contract
    return not_measured(f"{case.reason}", blocked_by=blocked_by)


def _unknown(order: Order) -> list[str]:
    """The arguments that the ``LLM`` of this vLLM does not take."""
    known = import_module("vllm.engine.arg_utils").EngineArgs.__dataclass_fields__
    return sorted(set(order.changes) - set(known))


def _comes_of_host(bench: Bench, error: BaseException) -> bool:
    """Whether lines of vLLM's or the plugin's have a part in an exception."""
    frame = error.__traceback__
    while frame is not None:
        module = str(frame.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == "vllm" or bench.attribution.owns_module(module):
            return True
        frame = frame.tb_next
    return False


def _request_failure(bench: Bench, engine: Engine, error: Exception) -> ExaminedCase:
    case = failed_in_use(bench, error, "serving the request")
    if refuses(error) and not engine.is_spoilt:
        raised = bench.attribution.raised(error)
        reason = f"the request is refused: {raised.type}: {raised.message}"
        return replace(not_applicable(reason), refusal=quality(raised.message))
    return replace(case, refusal=Refusal.CRASHED)
