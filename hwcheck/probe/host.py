"""The host inside a child: importing vLLM, and watching when its current platform is resolved."""

import logging
import platform
import sys
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType

from hwcheck.model.observation import Effect, EffectKind, HostSeen
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.effects import EffectWatch

__all__ = [
    "current_platform",
    "forget_resolution",
    "import_host",
    "load_entry_point",
    "platform_base",
    "watch_resolution",
]


def import_host() -> HostSeen:
    """Import vLLM and the module that resolves platforms."""
    vllm = import_module("vllm")
    platforms = import_module("vllm.platforms")
    _move_log_to_stderr()
    torch = sys.modules.get("torch")
    return HostSeen(
        version=str(getattr(vllm, "__version__", "unknown")),
        file=str(getattr(vllm, "__file__", "")),
        torch=None if torch is None else str(torch.__version__),
        python=platform.python_version(),
        resolves_on_import=vars(platforms).get("_current_platform") is not None,
    )


def _move_log_to_stderr() -> None:
    # vLLM logs to standard output; what it says there would be taken for the plugin's output.
    for handler in logging.getLogger("vllm").handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)


def current_platform() -> object:
    """What vLLM takes for the current platform; resolves it on the first use.

    Read as an attribute: ``from vllm.platforms import current_platform`` would turn every
    failure inside into an `ImportError` without its cause.
    """
    return import_module("vllm.platforms").current_platform


def platform_base() -> type:
    """The class that platforms derive from."""
    base: type = import_module("vllm.platforms.interface").Platform
    return base


def load_entry_point(distribution: str, group: str, name: str) -> object:
    """Load an entry point of one distribution, as vLLM does.

    Raises LookupError: the distribution declares none of that name.
    """
    for point in entry_points(group=group, name=name):
        if point.dist is not None and _same(point.dist.name, distribution):
            return point.load()
    raise LookupError(f"distribution {distribution!r} has no entry point {name!r} in {group!r}")


def watch_resolution(watch: EffectWatch, attribution: Attribution) -> None:
    """Note whenever the plugin's code makes vLLM resolve the current platform from now on."""
    platforms = import_module("vllm.platforms")
    forget_resolution(platforms)
    answer = vars(platforms)["__getattr__"]

    def noting(name: str) -> object:
        if name == "current_platform" and vars(platforms).get("_current_platform") is None:
            place = attribution.any_plugin_frame(sys._getframe(1))
            if place is not None:
                watch.note(
                    Effect(
                        kind=EffectKind.EARLY_PLATFORM,
                        subject="vllm.platforms.current_platform",
                        detail="resolved while vLLM is still choosing the platform",
                        place=place,
                    )
                )
        return answer(name)

    vars(platforms)["__getattr__"] = noting


def forget_resolution(platforms: ModuleType) -> None:
    """Undo a resolution: some releases resolve while vLLM itself is imported."""
    if "_current_platform" in vars(platforms):
        vars(platforms)["_current_platform"] = None


def _same(left: str, right: str) -> bool:
    return left.lower().replace("_", "-").replace(".", "-") == right.lower().replace(
        "_", "-"
    ).replace(".", "-")
