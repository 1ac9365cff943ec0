"""A port for a server or a group of processes of one's own."""

import socket

__all__ = ["free_port"]


def free_port(host: str) -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
