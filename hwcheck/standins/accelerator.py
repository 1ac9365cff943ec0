"""The stand-ins for what a vendor's library adds to torch when it is imported."""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

from hwcheck.standins.answers import StandInModule, stand_in

__all__ = ["offer_devices", "offer_names"]


def offer_devices(names: Iterable[str]) -> None:
    """Give torch the devices that it does not know, so that they can be named; none has memory."""
    try:
        torch = import_module("torch")
    # Without torch, or while it is being imported, there is nothing to add to.
    except Exception:
        return
    for name in names:
        if hasattr(torch, name):
            continue
        module = StandInModule(f"torch.{name}")
        # Torch has room for one; where that is taken, only the name is put there.
        with suppress(Exception):
            torch.utils.rename_privateuse1_backend(name)
            torch._register_device_module(name, module)
            torch.utils.generate_methods_for_privateuse1_backend()
        if not hasattr(torch, name):
            vars(torch)[name] = module
            sys.modules.setdefault(module.__name__, module)


def offer_names(paths: Iterable[str], note: Callable[[str], None]) -> None:
    """Give torch's modules, where they are loaded, the names that a plugin imports from them."""
    for path in paths:
        place, _, name = path.rpartition(".")
        module = sys.modules.get(place)
        if module is None or hasattr(module, name) or _is_module(path):
            continue
        vars(module)[name] = stand_in(path)
        note(path)


def _is_module(path: str) -> bool:
    try:
        return find_spec(path) is not None
    # What it is inside of is no package.
    except Exception:
        return False
