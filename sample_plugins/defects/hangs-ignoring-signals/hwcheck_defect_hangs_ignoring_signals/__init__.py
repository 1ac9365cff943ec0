"""The defect: register() never returns and ignores signals."""

import signal

__all__ = ["register"]


def register() -> str | None:
    """Spin, deaf to everything but SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass
