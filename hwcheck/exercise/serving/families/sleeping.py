"""Examinations: an engine that gives its memory back, and serves as before when it is woken."""

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.leftovers import held_now
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

_ABILITY = Ability(words="engines that sleep", contract="family.sleep.wake-up")
#: How often sleep may be tried: others on the device can take memory at the same moment.
_TRIES = 3


@with_engine(Order(changes={"enable_sleep_mode": True}), _ABILITY)
def _wake_up(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    asks = [greedy(cut(prompt, engine)) for prompt in PROMPTS[:4]]
    yield judged("before", worst(compared(engine, reference, asks, engine.first(asks))))
    memory = _memory(engine)
    yield judged("after", worst(compared(engine, reference, asks, engine.first(asks))))
    yield memory


def _memory(engine: Engine) -> ExaminedCase:
    """Let the engine sleep, and hold the memory that comes free against that of its cache."""
    caches = _caches(engine)
    size = _touched(caches)
    device = caches[0].device if caches else None
    freed: list[int] = []
    while not freed or (len(freed) < _TRIES and max(freed) < size / 2):
        before = _used(device)
        engine.llm.sleep(level=1)
        during = _used(device)
        engine.llm.wake_up()
        if before is None or during is None:
            return not_applicable("torch tells no use of the device's memory here", "memory")
        freed.append(before - during)
    if not caches:
        return not_measured("the worker is elsewhere, or holds its cache in its own way", "memory")
    figure = Figure(name="bytes given back", value=max(freed))
    if max(freed) < size / 2:
        told = f"asleep, the engine gives back {max(0, *freed)} bytes; its cache alone has {size}"
        return broken(told, "memory", figures=[figure])
    return kept("memory", figures=[figure])


def _caches(engine: Engine) -> list[Any]:
    """The tensors of the engine's cache."""
    tensor = import_module("torch").Tensor
    waiting = [getattr(getattr(engine.worker, "model_runner", None), "kv_caches", None)]
    found = []
    while waiting:
        item = waiting.pop()
        if isinstance(item, tensor):
            found.append(item)
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
    return found


def _touched(caches: Sequence[Any]) -> int:
    """The bytes of the caches; what nothing was ever written to would take no memory of a host."""
    torch = import_module("torch")
    # Layers can share one.
    storages = {item.untyped_storage().data_ptr(): item.untyped_storage() for item in caches}
    for storage in storages.values():
        if storage.device.type == "cpu":
            torch.tensor([], dtype=torch.uint8).set_(storage).bitwise_or_(0)
    return sum(int(storage.nbytes()) for storage in storages.values())


def _used(device: Any) -> int | None:
    """Bytes of the device's memory that are in use; ``None`` where torch does not tell."""
    if device is None or device.type == "cpu":
        # What is freed in the middle of the heap stays with the process otherwise.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
        return held_now().resident
    torch = import_module("torch")
    holders = (getattr(torch, "accelerator", None), getattr(torch, device.type, None))
    for holder, name in zip(holders, ("get_memory_info", "mem_get_info"), strict=True):
        # A device need not have either, and either can be refused.
        with suppress(Exception):
            free, total = getattr(holder, name)(device)
            return int(total) - int(free)
    return None


EXAMINATIONS: dict[str, Examination] = {_ABILITY.contract: _wake_up}
