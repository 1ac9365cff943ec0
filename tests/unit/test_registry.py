"""Tests of the registry: what extensions offer, and what is refused."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pluggy
import pytest

from hwcheck import hooks
from hwcheck.errors import ExtensionError
from hwcheck.hooks import hookimpl
from hwcheck.model.capability import Capability
from hwcheck.model.run import Run
from hwcheck.registry import BUILT_INS, Registry, load_registry

SPECIFICATIONS = (
    "hwcheck_capabilities",
    "hwcheck_finished",
    "hwcheck_hosts",
    "hwcheck_reporters",
    "hwcheck_rules",
    "hwcheck_suites",
)


@dataclass(frozen=True)
class FakeReporter:
    name: str = "plain"
    suffix: str = "txt"

    def render(self, run: Run) -> str:
        return ""


@dataclass(frozen=True)
class FakeSuite:
    name: str = "extra"
    package: str = "extra_suite"


@dataclass(frozen=True)
class FakeRule:
    id: str = "X001"
    title: str = "something is wrong"


@dataclass(frozen=True)
class FakeHostSource:
    name: str = "container"

    def find(self) -> None:
        return None


def capability(id: str = "x-extra") -> Capability:
    return Capability(id=id, title="extra", area="x", gate="open")


def implementing(hook: str, *items: object) -> SimpleNamespace:
    def implementation() -> Iterable[object]:
        return items

    implementation.__name__ = hook
    return SimpleNamespace(**{hook: hookimpl(implementation)})


def make_registry(**extensions: object) -> Registry:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    for name, extension in extensions.items():
        manager.register(extension, name)
    return Registry(manager)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[Callable[..., str]]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def write(source: str, *, name: str = "extension-of-test", value: str | None = None) -> str:
        module = name.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        metadata = tmp_path / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
        )
        (metadata / "entry_points.txt").write_text(
            f"[hwcheck]\nextension = {value or module}\n", encoding="utf-8"
        )
        return name

    yield write
    for added in set(sys.modules) - before:
        if getattr(sys.modules[added], "__file__", None) and str(tmp_path) in str(
            sys.modules[added].__file__
        ):
            del sys.modules[added]


def test_objects_of_each_kind_arrive_from_their_hook():
    """
    What an extension returns from a hook comes out of the registry's function of that kind.
    """
    registry = make_registry(
        a=implementing("hwcheck_hosts", FakeHostSource()),
        b=implementing("hwcheck_suites", FakeSuite()),
        c=implementing("hwcheck_capabilities", capability()),
        d=implementing("hwcheck_rules", FakeRule()),
        e=implementing("hwcheck_reporters", FakeReporter()),
    )

    assert registry.hosts() == (FakeHostSource(),)
    assert registry.suites() == (FakeSuite(),)
    assert registry.capabilities() == (capability(),)
    assert registry.rules() == (FakeRule(),)
    assert registry.reporters() == (FakeReporter(),)


def test_objects_are_sorted_by_name_whatever_the_order_of_extensions():
    """
    The order of what the registry returns does not depend on the order of registration.
    """
    one = implementing("hwcheck_reporters", FakeReporter("b"), FakeReporter("a"))
    two = implementing("hwcheck_reporters", FakeReporter("c"))

    forwards = make_registry(one=one, two=two).reporters()
    backwards = make_registry(two=two, one=one).reporters()

    assert forwards == backwards == (FakeReporter("a"), FakeReporter("b"), FakeReporter("c"))


def test_duplicate_reporter_names_both_owners():
    """
    Two extensions with the same reporter name are refused, naming both.
    """
    registry = make_registry(
        first=implementing("hwcheck_reporters", FakeReporter("x")),
        second=implementing("hwcheck_reporters", FakeReporter("x")),
    )

    with pytest.raises(ExtensionError, match=r"Reporter 'x'") as caught:
        registry.reporters()
    assert "'first'" in str(caught.value)
    assert "'second'" in str(caught.value)


def test_duplicate_capability_of_one_owner_is_refused():
    """
    One extension that offers an id twice is refused as well.
    """
    registry = make_registry(only=implementing("hwcheck_capabilities", capability(), capability()))

    with pytest.raises(ExtensionError, match=r"Capability 'x-extra'.*'only'.*'only'"):
        registry.capabilities()


@pytest.mark.parametrize(
    ("hook", "collect"),
    [
        ("hwcheck_hosts", Registry.hosts),
        ("hwcheck_suites", Registry.suites),
        ("hwcheck_capabilities", Registry.capabilities),
        ("hwcheck_rules", Registry.rules),
        ("hwcheck_reporters", Registry.reporters),
    ],
)
def test_wrong_object_is_refused_with_its_owner(
    hook: str, collect: Callable[[Registry], tuple[object, ...]]
):
    """
    An object that is not of the hook's kind is refused, naming the extension and the hook.
    """
    registry = make_registry(careless=implementing(hook, "not an object of any kind"))

    with pytest.raises(ExtensionError, match=rf"'careless' returned .* from {hook}"):
        collect(registry)


def test_hook_that_returns_none_offers_nothing():
    """
    A hook implementation that returns ``None`` counts as one that offers nothing.
    """

    def implementation() -> None:
        return None

    implementation.__name__ = "hwcheck_rules"
    registry = make_registry(silent=SimpleNamespace(hwcheck_rules=hookimpl(implementation)))

    assert registry.rules() == ()


def test_hook_that_raises_names_the_extension():
    """
    An exception in a hook becomes an error of that extension, with its type and text.
    """

    def implementation() -> Iterable[object]:
        raise RuntimeError("no licence")

    implementation.__name__ = "hwcheck_suites"
    registry = make_registry(faulty=SimpleNamespace(hwcheck_suites=hookimpl(implementation)))

    with pytest.raises(
        ExtensionError, match="'faulty' failed in hwcheck_suites: RuntimeError: no licence"
    ):
        registry.suites()


def test_built_ins_alone_make_a_registry():
    """
    Without extensions the built-ins are all there is, and they offer reporters and capabilities.
    """
    registry = load_registry(extensions=False)

    owners = {name for name, _ in registry.manager.list_name_plugin()}
    assert owners == set(BUILT_INS)
    assert {"terminal", "json", "junit", "markdown"} <= {item.name for item in registry.reporters()}
    assert registry.capabilities()
    assert registry.suites()
    assert registry.hosts()


def test_installed_extension_is_loaded(install: Callable[..., str]):
    """
    An installed distribution with an entry point in the group is registered under its name.
    """
    name = install("from hwcheck.hooks import hookimpl\n")

    registry = load_registry()

    assert registry.manager.has_plugin(name)


def test_extensions_are_left_out_on_request(install: Callable[..., str]):
    """
    A registry without extensions does not even import them.
    """
    install("raise RuntimeError('imported')\n")

    registry = load_registry(extensions=False)

    assert not registry.manager.has_plugin("extension-of-test")


@pytest.mark.parametrize(
    ("misspelt", "nearest"),
    [
        ("hwcheck_reporter", "hwcheck_reporters"),
        ("hwcheck_capabilites", "hwcheck_capabilities"),
    ],
)
def test_misspelt_hook_is_refused_with_the_nearest(
    install: Callable[..., str], misspelt: str, nearest: str
):
    """
    A hook that does not exist is refused, with those that do and the one that was meant.
    """
    install(f"from hwcheck.hooks import hookimpl\n\n@hookimpl\ndef {misspelt}():\n    return ()\n")

    with pytest.raises(ExtensionError) as caught:
        load_registry()

    message = str(caught.value)
    assert f"extension 'extension-of-test' implements '{misspelt}'" in message
    assert f"nearest: {nearest}" in message
    assert all(name in message for name in SPECIFICATIONS)


def test_hook_like_no_other_is_refused_without_a_guess(install: Callable[..., str]):
    """
    A hook that resembles none is refused without a nearest one.
    """
    install("def hwcheck_zzzzzzzzzzzzzzzzzz():\n    return ()\n")

    with pytest.raises(ExtensionError, match="is no hook of hwcheck") as caught:
        load_registry()
    assert "nearest" not in str(caught.value)


def test_hook_that_is_not_marked_is_refused(install: Callable[..., str]):
    """
    A function of a hook's name that lacks the marker would be ignored without a word.
    """
    install("def hwcheck_reporters():\n    return ()\n")

    with pytest.raises(ExtensionError, match="not marked as a hook"):
        load_registry()


def test_hook_with_an_unknown_argument_is_refused(install: Callable[..., str]):
    """
    A hook implementation that asks for an argument which the hook does not have is refused.
    """
    install(
        "from hwcheck.hooks import hookimpl\n\n"
        "@hookimpl\ndef hwcheck_reporters(colour):\n    return ()\n"
    )

    with pytest.raises(ExtensionError, match="'extension-of-test' cannot be registered"):
        load_registry()


def test_extension_that_fails_on_import_is_named(install: Callable[..., str]):
    """
    An extension that raises on import is refused with its name, its module and what it raised.
    """
    install("raise RuntimeError('no licence')\n")

    with pytest.raises(
        ExtensionError,
        match=r"'extension-of-test' cannot be loaded from 'extension_of_test': "
        r"RuntimeError: no licence",
    ):
        load_registry()


def test_extension_that_exits_on_import_is_named(install: Callable[..., str]):
    """
    An extension that ends the program on import is refused like one that raises.
    """
    install("raise SystemExit(7)\n")

    with pytest.raises(ExtensionError, match="'extension-of-test' cannot be loaded"):
        load_registry()


def test_extension_whose_module_is_missing_is_named(install: Callable[..., str]):
    """
    An entry point to a module that is not there is refused with the distribution's name.
    """
    install("", value="module_that_is_not_there")

    with pytest.raises(ExtensionError, match=r"'extension-of-test'.*ModuleNotFoundError"):
        load_registry()


def test_finished_run_is_announced_to_every_extension():
    """
    Every extension that listens is told of a finished run.
    """
    heard: list[object] = []
    run = object()

    def listener(name: str) -> SimpleNamespace:
        def hwcheck_finished(run: Run) -> None:
            heard.append((name, run))

        return SimpleNamespace(hwcheck_finished=hookimpl(hwcheck_finished))

    registry = make_registry(one=listener("one"), two=listener("two"))

    registry.announce_finished(run)  # type: ignore[arg-type]

    assert sorted(heard, key=str) == [("one", run), ("two", run)]


def test_listener_that_fails_is_named():
    """
    An extension that fails on a finished run is named.
    """

    def hwcheck_finished(run: Run) -> None:
        raise OSError("disk full")

    registry = make_registry(noisy=SimpleNamespace(hwcheck_finished=hookimpl(hwcheck_finished)))

    with pytest.raises(ExtensionError, match="'noisy' failed in hwcheck_finished: OSError"):
        registry.announce_finished(object())  # type: ignore[arg-type]
