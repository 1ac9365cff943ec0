"""The three ways in which programs start vLLM, each in a copy of a process that has none of it."""

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType

from hwcheck.model.observation import ProcessSeen
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.copies import Leave, asked_of_copy
from hwcheck.probe.host import current_platform
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import qualified_name

__all__ = ["ORDERS", "PLAINEST_ORDER", "platform_in_order"]

PLAINEST_ORDER = "current-platform-first"

#: The last of those that use the platform while they are imported themselves.
_EARLY_USER = "vllm.utils.torch_utils"
#: Functions of vllm.platforms on whose stack a platform is not the last word.
_CHOOSERS = frozenset({"__getattr__", "resolve_current_platform_cls_qualname"})
#: Modules of vLLM's that are looked for after the platform is there, before no more is expected.
_FURTHER = 60


def _current_platform_first() -> None:
    current_platform()


def _llm_first() -> None:
    import_module("vllm").LLM  # noqa: B018


def _config_first() -> None:
    import_module("vllm.config")


ORDERS: dict[str, Callable[[], None]] = {
    PLAINEST_ORDER: _current_platform_first,
    "llm-first": _llm_first,
    "config-first": _config_first,
}


def platform_in_order(attribution: Attribution, order: str) -> ProcessSeen:
    """Start vLLM in that order in a copy, and tell which platform it comes to.

    Raises Relayed: it fails. RuntimeError: the copy dies.
    """
    kind, device_type = asked_of_copy(attribution, partial(_started, ORDERS[order]))
    return ProcessSeen(type=kind, device_type=device_type)


def _started(start: Callable[[], None], leave: Leave) -> list[str]:
    # All that comes after the platform is the same in every order, and takes seconds.
    sys.meta_path.insert(0, _Leaver(import_module("vllm.platforms"), leave))
    start()
    return _platform(current_platform())


class _Leaver:
    """Finds no module, and ends the copy once the platform has been chosen and first used."""

    def __init__(self, platforms: ModuleType, leave: Leave) -> None:
        self._platforms = platforms
        self._leave = leave
        self._further = 0

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        chosen = vars(self._platforms).get("_current_platform")
        if chosen is None or not name.startswith("vllm.") or self._is_choosing():
            return
        self._further += 1
        if self._further > _FURTHER or _is_imported(_EARLY_USER):
            self._leave(_platform(chosen))

    def _is_choosing(self) -> bool:
        """Whether vLLM still asks plugins: one that asks back makes it choose twice."""
        file = getattr(self._platforms, "__file__", None)
        frame = sys._getframe(1)
        while frame is not None:
            code = frame.f_code
            if code.co_filename == file and code.co_name in _CHOOSERS:
                return True
            frame = frame.f_back  # type: ignore[assignment]
        return False


def _is_imported(name: str) -> bool:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def _platform(platform: object) -> list[str]:
    return [
        qualified_name(type(platform)),
        shown(getattr(platform, "device_type", ""), 100, quoted=False),
    ]
