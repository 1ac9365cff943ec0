"""Choosing the platform, on the first use of ``current_platform``."""

from importlib import import_module

from vllm.platforms.interface import Platform, UnspecifiedPlatform
from vllm.plugins import load_plugins_by_group

_current_platform = None


def _choose():
    plugins = load_plugins_by_group("vllm.platform_plugins")
    active = []
    for name, function in plugins.items():
        try:
            if function() is not None:
                active.append(name)
        except Exception:
            continue
    if len(active) > 1:
        raise RuntimeError(f"more than one platform: {active}")
    if not active:
        return UnspecifiedPlatform
    module, name = plugins[active[0]]().rsplit(".", 1)
    return getattr(import_module(module), name)


def __getattr__(name):
    global _current_platform
    if name != "current_platform":
        raise AttributeError(name)
    if _current_platform is None:
        _current_platform = _choose()()
    return _current_platform


__all__ = ["Platform", "UnspecifiedPlatform"]
