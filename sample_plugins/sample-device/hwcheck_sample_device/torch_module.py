"""The module `torch.<name>`: what `torch.cuda` is for CUDA, as far as it means something here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

import torch
from torch.accelerator import (
    current_stream,
    empty_cache,
    max_memory_allocated,
    max_memory_reserved,
    memory_allocated,
    memory_reserved,
    memory_stats,
    reset_accumulated_memory_stats,
    reset_peak_memory_stats,
    set_stream,
    synchronize,
)

from hwcheck_sample_device import _accelerator
from hwcheck_sample_device._accelerator import operator_calls, reset_operator_calls

__all__ = [
    "DeviceProperties",
    "Event",
    "Stream",
    "current_device",
    "current_stream",
    "device",
    "device_count",
    "empty_cache",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "initial_seed",
    "is_available",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "operator_calls",
    "reset_accumulated_memory_stats",
    "reset_operator_calls",
    "reset_peak_memory_stats",
    "set_device",
    "set_limit",
    "set_rng_state",
    "set_rng_state_all",
    "set_stream",
    "stream",
    "synchronize",
]

# torch's own know this device by its guard. All is synchronous, so they order nothing.
Stream = torch.Stream
Event = torch.Event

AnyDevice = torch.device | str | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProperties:
    """What there is to know about one device."""

    name: str
    total_memory: int
    multi_processor_count: int = 1


def is_available() -> bool:
    """Say whether there is a device; this initialises none."""
    return device_count() > 0


def is_initialized() -> bool:
    """Say whether a device has been used in this process."""
    initialized: bool = _accelerator.is_initialized()
    return initialized


def init() -> None:
    """Initialise the devices, as the first use of one would."""
    _accelerator.require_context()


def device_count() -> int:
    """Count the devices that `SAMPLE_DEVICE_VISIBLE` leaves of `SAMPLE_DEVICE_COUNT`."""
    count: int = _accelerator.device_count()
    return count


def current_device() -> int:
    """Return the index of the device on which new tensors are made."""
    return torch.accelerator.current_device_index()


def set_device(device: AnyDevice) -> None:
    """Make a device the current one."""
    torch.accelerator.set_device_index(index_of(device))


class device:
    """Make a device the current one for the length of a block, as torch.cuda.device does."""

    def __init__(self, device: AnyDevice) -> None:
        self._index = index_of(device)
        self._before = -1

    def __enter__(self) -> None:
        self._before = torch._C._accelerator_exchangeDevice(self._index)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        torch._C._accelerator_maybeExchangeDevice(self._before)


@contextmanager
def stream(chosen: torch.Stream | None) -> Iterator[None]:
    """Make a stream the current one for the length of a block."""
    if chosen is None:
        yield
        return
    with chosen:
        yield


def get_device_name(device: AnyDevice = None) -> str:
    """Name a device in words; all are of one kind."""
    return "hwcheck emulated accelerator"


def get_device_properties(device: AnyDevice = None) -> DeviceProperties:
    """Describe a device; this initialises none."""
    return DeviceProperties(name=get_device_name(device), total_memory=mem_get_info(device)[1])


def mem_get_info(device: AnyDevice = None) -> tuple[int, int]:
    """Return the free and the total bytes of a device; this initialises none."""
    free, total = _accelerator.memory_info(index_of(device))
    return free, total


def set_limit(total: int | None, device: AnyDevice = None) -> None:
    """Give a device so many bytes in all; None gives it back what `SAMPLE_DEVICE_MEMORY` says.

    What is allocated already stays, even above the limit.
    """
    _accelerator.set_limit(total, index_of(device))


def manual_seed(seed: int) -> None:
    """Seed the random numbers of the current device."""
    _accelerator.seed(seed & (2**64 - 1), current_device())


def manual_seed_all(seed: int) -> None:
    """Seed the random numbers of every device; torch.manual_seed() calls this."""
    for index in range(device_count()):
        _accelerator.seed(seed & (2**64 - 1), index)


def initial_seed() -> int:
    """Return the seed of the current device."""
    seed: int = _accelerator.initial_seed(current_device())
    return seed


def get_rng_state(device: AnyDevice = None) -> torch.Tensor:
    """Return the state of a device's random numbers as bytes on the host."""
    state = bytearray(_accelerator.rng_state(index_of(device)))
    return torch.frombuffer(state, dtype=torch.uint8)


def set_rng_state(new_state: torch.Tensor, device: AnyDevice = None) -> None:
    """Go back to a state that get_rng_state() returned."""
    _accelerator.set_rng_state(bytes(new_state.cpu().numpy()), index_of(device))


def get_rng_state_all() -> list[torch.Tensor]:
    """Return the states of all devices."""
    return [get_rng_state(index) for index in range(device_count())]


def set_rng_state_all(new_states: list[torch.Tensor]) -> None:
    """Go back to the states of all devices."""
    for index, state in enumerate(new_states):
        set_rng_state(state, index)


def index_of(device: AnyDevice) -> int:
    """Return the index that is meant; none means the current device."""
    if isinstance(device, int):
        return device
    index = None if device is None else torch.device(device).index
    return current_device() if index is None else index


def get_amp_supported_dtype() -> list[torch.dtype]:
    """Tell torch.autocast what it may use."""
    return [torch.bfloat16, torch.float16, torch.float32]


# These are the names under which torch looks for them.
_lazy_init = init
_is_in_bad_fork = _accelerator.is_in_bad_fork
