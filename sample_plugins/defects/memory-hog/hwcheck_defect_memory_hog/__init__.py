"""The defect: register() takes memory until there is none."""

__all__ = ["register"]

BLOCK_BYTES = 64 * 2**20
BLOCKS = 160


def register() -> str | None:
    """Take memory, touching every page."""
    taken = []
    # Bounded, so that a run without a memory limit ends as well.
    while len(taken) < BLOCKS:
        taken.append(b"\x01" * BLOCK_BYTES)
    raise MemoryError(f"no more than {len(taken)} blocks")
