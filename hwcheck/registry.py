"""The plugin manager of hwcheck's own extensions: one typed function per hook, misuse refused."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TypeVar

import pluggy
from importlib_metadata import entry_points

from hwcheck import hooks
from hwcheck.errors import ExtensionError
from hwcheck.hooks import HostSource, Reporter, Rule, Suite
from hwcheck.model.capability import Capability
from hwcheck.model.run import Run

__all__ = ["BUILT_INS", "Registry", "load_registry"]

#: Named, not imported: built-ins live in layers above this one and register as extensions do.
BUILT_INS = (
    "hwcheck.hosts.builtin",
    "hwcheck.capabilities.builtin",
    "hwcheck.report.builtin",
    "hwcheck.run.builtin",
    "hwcheck.analyse.builtin",
)

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Registry:
    """What built-ins and extensions offer, each kind sorted by its unique name."""

    manager: pluggy.PluginManager

    def hosts(self) -> tuple[HostSource, ...]:
        """Collect the host sources.

        Raises ExtensionError: a wrong object, or two of one name.
        """
        return self._collect("hwcheck_hosts", HostSource, lambda item: item.name)  # type: ignore[type-abstract]

    def suites(self) -> tuple[Suite, ...]:
        """Collect the conformance suites.

        Raises ExtensionError: a wrong object, or two of one name.
        """
        return self._collect("hwcheck_suites", Suite, lambda item: item.name)  # type: ignore[type-abstract]

    def capabilities(self) -> tuple[Capability, ...]:
        """Collect the capabilities.

        Raises ExtensionError: a wrong object, or two of one id.
        """
        return self._collect("hwcheck_capabilities", Capability, lambda item: item.id)

    def rules(self) -> tuple[Rule, ...]:
        """Collect the static rules.

        Raises ExtensionError: a wrong object, or two of one id.
        """
        return self._collect("hwcheck_rules", Rule, lambda item: item.id)  # type: ignore[type-abstract]

    def reporters(self) -> tuple[Reporter, ...]:
        """Collect the reporters.

        Raises ExtensionError: a wrong object, or two of one name.
        """
        return self._collect("hwcheck_reporters", Reporter, lambda item: item.name)  # type: ignore[type-abstract]

    def announce_finished(self, run: Run) -> None:
        """Tell every extension that a run has ended.

        Raises ExtensionError: an extension failed on it.
        """
        for implementation in self.manager.hook.hwcheck_finished.get_hookimpls():
            try:
                implementation.function(run)
            except Exception as error:
                raise ExtensionError(
                    f"extension {implementation.plugin_name!r} failed in hwcheck_finished: "
                    f"{type(error).__name__}: {error}"
                ) from error

    def _collect(
        self, hook: str, kind: type[Thing], name_of: Callable[[Thing], str]
    ) -> tuple[Thing, ...]:
        found: dict[str, tuple[Thing, str]] = {}
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            owner = implementation.plugin_name
            for item in _call(implementation.function, hook, owner):
                if not isinstance(item, kind):
                    raise ExtensionError(
                        f"extension {owner!r} returned {item!r} from {hook}, "
                        f"which is not a {kind.__name__}"
                    )
                name = name_of(item)
                if name in found:
                    raise ExtensionError(
                        f"{kind.__name__} {name!r} is offered by {found[name][1]!r} and {owner!r}"
                        "\n  remove one of the two extensions, or have one renamed"
                    )
                found[name] = (item, owner)
        return tuple(found[name][0] for name in sorted(found))


def load_registry(*, extensions: bool = True) -> Registry:
    """Register the built-ins, then every installed extension.

    Raises ExtensionError: an extension cannot be imported, or holds a misspelt hook.
    """
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    for name in BUILT_INS:
        manager.register(import_module(name), name)
    if extensions:
        _load_extensions(manager)
    _refuse_misspelt(manager)
    return Registry(manager)


def _load_extensions(manager: pluggy.PluginManager) -> None:
    for point in sorted(entry_points(group=hooks.ENTRY_POINT_GROUP), key=lambda item: item.name):
        owner = point.dist.name if point.dist is not None else point.name
        try:
            module = point.load()
        except (Exception, SystemExit) as error:
            raise ExtensionError(
                f"extension {owner!r} cannot be loaded from {point.value!r}: "
                f"{type(error).__name__}: {error}\n  repair it or uninstall it"
            ) from error
        try:
            manager.register(module, name=owner)
        except (ValueError, pluggy.PluginValidationError) as error:
            raise ExtensionError(f"extension {owner!r} cannot be registered: {error}") from error


def _refuse_misspelt(manager: pluggy.PluginManager) -> None:
    known = sorted(name for name in vars(hooks) if name.startswith("hwcheck_"))
    for owner, module in manager.list_name_plugin():
        callers = manager.get_hookcallers(module) or ()
        registered = {caller.name for caller in callers}.intersection(known)
        for name in sorted(set(dir(module)) - registered):
            if name.startswith("hwcheck_") and callable(getattr(module, name)):
                raise ExtensionError(_explain_misspelt(owner, name, known))


def _explain_misspelt(owner: str, name: str, known: list[str]) -> str:
    if name in known:
        return (
            f"extension {owner!r} has a function {name!r} that is not marked as a hook\n"
            "  mark it with hwcheck.hooks.hookimpl"
        )
    near = get_close_matches(name, known, n=1)
    return (
        f"extension {owner!r} implements {name!r}, which is no hook of hwcheck\n"
        f"  known: {', '.join(known)}" + (f"\n  nearest: {near[0]}" if near else "")
    )


def _call(function: Callable[[], Iterable[object]], hook: str, owner: str) -> Iterable[object]:
    try:
        return tuple(function() or ())
    except Exception as error:
        raise ExtensionError(
            f"extension {owner!r} failed in {hook}: {type(error).__name__}: {error}"
        ) from error
