"""The heap of a process in which engines come and go."""

import gc

__all__ = ["keep_out_what_lasts"]

_keep_out = gc.freeze


def keep_out_what_lasts() -> None:
    """Keep all that is there now out of every collection to come; between two engines only.

    vLLM collects several times for each engine, and beforehand puts back into the collections what
    is kept out of them: half a million objects of modules, which last as long as the process. Most
    of what the start of an engine costs is spent on these.
    """
    _keep_out()
    # What an engine has made must not be kept out, else its end would not free it.
    gc.freeze = gc.unfreeze = _nothing


def _nothing() -> None:
    """Neither keep anything out of collections nor put it back."""
