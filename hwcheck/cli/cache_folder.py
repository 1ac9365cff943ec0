"""Where what can be made again is kept, as the environment says."""

import os
from pathlib import Path

from hwcheck.hosts.cache import user_cache_directory

__all__ = ["cache_folder"]

_VARIABLE = "HWCHECK_CACHE"


def cache_folder() -> Path | None:
    """Choose the folder that the environment names, else the user's own.

    Where the variable is empty there is none.
    """
    return user_cache_directory(os.environ.get(_VARIABLE))
