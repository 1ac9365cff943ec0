"""The device as torch sees it, in the form of torch.cuda."""

__all__ = ["current_device", "device_count", "init", "is_available", "is_initialized"]

_contexts: list[int] = []


def init() -> None:
    """Make a context on the first device, once."""
    if not _contexts:
        _contexts.append(0)


def is_initialized() -> bool:
    """Say whether this process has a context."""
    return bool(_contexts)


def is_available() -> bool:
    """Say yes: it is only a sample."""
    return True


def device_count() -> int:
    """Count one."""
    return 1


def current_device() -> int:
    """Name the only one."""
    return 0


def manual_seed_all(seed: int) -> None:
    """Do nothing; torch.manual_seed() calls it."""


def _is_in_bad_fork() -> bool:
    return False
