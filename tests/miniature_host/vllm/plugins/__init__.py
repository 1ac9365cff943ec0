"""Finding plugins by entry point."""

import importlib.metadata
import os


def load_plugins_by_group(group):
    """Load what ``VLLM_PLUGINS`` allows; what cannot be loaded is passed over."""
    wanted = os.environ.get("VLLM_PLUGINS")
    allowed = None if wanted is None else wanted.split(",")
    found = {}
    for point in importlib.metadata.entry_points(group=group):
        if allowed is not None and point.name not in allowed:
            continue
        try:
            found[point.name] = point.load()
        except Exception:
            continue
    return found
