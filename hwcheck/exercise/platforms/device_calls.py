"""Calls that reach the device: selecting it, seeding it, pinning memory for it."""

import random
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.device_presence import device_here
from hwcheck.exercise.failures import failed
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_SET, _SEED, _PIN = "set_device", "manual_seed_all", "is_pin_memory_available"
_NO_DEVICE = "the device gives no memory here"
_LARGEST_SEED = 2**32 - 1
_DRAWN = 64


def set_device(bench: Bench) -> Iterator[ExaminedCase]:
    """A torch.device and a number are both taken, and once more."""
    platform: Any = bench.platform
    if not bench.is_own(_SET):
        yield not_applicable(f"{_SET}() is vLLM's own")
        return
    device = import_module("torch").device(str(platform.device_type), 0)
    for name, given in (("device", device), ("number", 0)):
        try:
            for _ in range(2):
                platform.set_device(given)
        except BaseException as error:
            # Only what is done to the argument itself can be told from an absent device.
            asks = not (
                isinstance(error, AttributeError) and repr(type(given).__name__) in str(error)
            )
            yield failed(bench, error, f"{_SET}({given!r})", name, asks_device=asks)
        else:
            yield kept(name)


def seed(bench: Bench) -> Iterator[ExaminedCase]:
    """The same seed gives the same numbers on the device, another one gives others."""
    platform: Any = bench.platform
    torch = import_module("torch")
    device = str(platform.device_type)
    if not device_here(device):
        yield not_measured(_NO_DEVICE, needs_device=True)
        return
    set_seed = _seeding(platform)

    def drawn(number: int) -> object:
        set_seed(number)
        return torch.rand(_DRAWN, device=device).cpu().tolist()

    def check(number: int) -> str | None:
        first, again = drawn(number), drawn(number)
        other = drawn((number + 1) % _LARGEST_SEED)
        if first != again:
            return f"the numbers drawn after seed {number} differ the second time"
        if first == other:
            return f"seed {number} and the next give the same numbers"
        return None

    with _states_kept(torch):
        found = bench.counterexample(check, st.integers(0, _LARGEST_SEED - 1), examples=20)
    member = _SEED if hasattr(type(platform), _SEED) else "seed_everything"
    if found is None:
        yield kept()
    elif not found.in_plugin:
        yield not_measured(f"vLLM itself {found.fault}")
    else:
        yield broken(found.fault, example=found.text, place=found.place or bench.place_of(member))


def _seeding(platform: Any) -> Any:
    for module in ("vllm.utils.torch_utils", "vllm.model_executor.utils"):
        try:
            return import_module(module).set_random_seed
        except (ImportError, AttributeError):
            continue
    return platform.seed_everything


class _states_kept:  # used as a function
    """Put the generators back, on which other examinations draw."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def __enter__(self) -> None:
        self._states = (random.getstate(), self._numpy().get_state(), self._torch.get_rng_state())

    def __exit__(self, *error: object) -> None:
        own, numpy, torch = self._states
        random.setstate(own)
        self._numpy().set_state(numpy)
        self._torch.set_rng_state(torch)

    def _numpy(self) -> Any:
        return import_module("numpy").random


def pin_memory(bench: Bench) -> Iterator[ExaminedCase]:
    """Where it says yes, memory can be pinned."""
    platform: Any = bench.platform
    try:
        told = platform.is_pin_memory_available()
    # What is wrong with the member is told by the contract about it.
    except BaseException as error:
        yield failed(bench, error, f"{_PIN}()", asks_device=True)
        return
    if not told:
        yield not_applicable(f"{_PIN}() is false")
        return
    device = str(platform.device_type)
    if not device_here(device):
        yield not_measured(_NO_DEVICE, needs_device=True)
        return
    try:
        import_module("torch").empty(1, pin_memory=True)
    except (RuntimeError, AssertionError) as error:
        told = str(error).partition("\n")[0]
        reason = f"{_PIN}() is true, and torch.empty(1, pin_memory=True) raises: {told}"
        # Plugins for a card that torch does not know run their tensors on the CPU.
        yield broken(reason, place=bench.place_of(_PIN))
    else:
        yield kept()


EXAMINATIONS: dict[str, Examination] = {
    "platform.set-device": set_device,
    "platform.seed": seed,
    "platform.pin-memory": pin_memory,
}
