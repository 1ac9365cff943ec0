"""Layers: the host calls objects of them, so that no call of ``forward`` is there to be found."""

from hwcheck.analyse.binding import Signature
from hwcheck.analyse.entities import ClassEntity, ModuleEntity, Side
from hwcheck.analyse.patches import patches
from hwcheck.analyse.world import World
from hwcheck.model.facts import ParameterKind

__all__ = ["fails_always", "is_forward_in_place"]

_FORWARD = "forward"
_STARS = (ParameterKind.VARIADIC, ParameterKind.KEYWORDS)


def is_forward_in_place(world: World, cls: ClassEntity, name: str) -> bool:
    """Tell whether a method runs where the host calls an object that it makes of its own class."""
    if name != _FORWARD:
        return False
    if cls.side is Side.HOST:
        return True
    return any(
        patch.replacement == cls
        and isinstance(patch.container, ModuleEntity)
        and isinstance(world.lookup(patch.container.name, patch.name), ClassEntity)
        for patch in patches(world)
    )


def fails_always(host: Signature, own: Signature) -> bool:
    """Tell whether whatever fits the host's signature gives the plugin's too few arguments."""
    needed = sum(item.is_required for item in own.parameters if item.kind not in _STARS)
    is_open = any(item.kind in _STARS for item in host.parameters)
    return not is_open and needed > len(host.parameters)
