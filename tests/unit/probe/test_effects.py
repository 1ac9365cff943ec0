"""Tests of what is charged to whom."""

import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwcheck.model.observation import Effect, EffectKind
from hwcheck.probe.effects import EffectWatch


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("ACME_BEFORE", "old")
    monkeypatch.delenv("ACME_NEW", raising=False)
    return tmp_path


@pytest.fixture
def watch(home, attribution):
    made = EffectWatch(attribution, str(home / "stdout.txt"))
    yield made
    # Its audit hook stays; outside of steps it does nothing.
    made.end()


@pytest.fixture
def effects(watch, module):
    """Run a function of the plugin as a step."""

    def run(body, *, top=""):
        acme = module("acme", f"import os, sys\n{top}\ndef register():\n    {body}\n")
        watch.begin()
        acme.register()
        return watch.end()

    return run


def test_environment_set_by_the_plugin(effects, monkeypatch):
    """
    A variable that the plugin's line sets is charged to that line.
    """
    (effect,) = effects("os.environ['ACME_NEW'] = 'x'")
    monkeypatch.delenv("ACME_NEW")

    assert (effect.kind, effect.subject, effect.detail) == (
        EffectKind.ENVIRONMENT,
        "ACME_NEW",
        "set to 'x'",
    )
    assert (effect.place.file, effect.place.line) == ("acme.py", 4)


def test_environment_changed_removed_and_kept(effects):
    """
    A change names both values; setting what is already there is no effect.
    """
    changed = effects("os.environ['ACME_BEFORE'] = 'new'")
    kept = effects("os.environ['ACME_BEFORE'] = 'new'")
    removed = effects("del os.environ['ACME_BEFORE']; os.environ['ACME_BEFORE'] = 'old'")

    assert [effect.detail for effect in changed] == ["changed from 'old' to 'new'"]
    assert kept == ()
    assert "removed" in [effect.detail for effect in removed]


def test_environment_set_by_another_library(effects, module, monkeypatch):
    """
    What a library does that the plugin calls is the library's doing.
    """
    module("other_library", "import os\ndef act():\n    os.environ['ACME_NEW'] = 'x'\n")

    seen = effects("other_library.act()", top="import other_library")
    monkeypatch.delenv("ACME_NEW")

    assert seen == ()


def test_files_written(effects, home):
    """
    Home and temporary folder have the same name in every run; the bytecode cache is left out.
    """
    seen = effects(
        "[open(os.path.join(os.environ[n], 'f'), 'w').close() for n in ('HOME', 'TMPDIR')]; "
        "os.mkdir(os.environ['HOME'] + '/__pycache__'); os.mkdir(os.environ['HOME'] + '/d'); "
        "os.close(os.open(os.environ['HOME'] + '/g', os.O_CREAT | os.O_WRONLY)); "
        "open(os.environ['HOME'] + '/f').close(); open('/dev/null', 'w').close(); "
        "os.fdopen(os.dup(1), 'w').close()"
    )

    assert [(effect.subject, effect.detail) for effect in seen] == [
        ("~/f", "opened for writing"),
        ("$TMPDIR/f", "opened for writing"),
        ("~/d", "folder made"),
        ("~/g", "opened for writing"),
    ]


def test_file_elsewhere_is_named_whole(effects, home):
    """
    A file that is in neither folder is shown by its path.
    """
    (effect,) = effects(f"open({str(home / 'x')!r}, 'a').close()")

    assert effect.subject == str(home / "x")


def test_output(watch, home):
    """
    What goes to stdout is an effect, with its beginning.
    """
    watch.begin()
    (home / "stdout.txt").write_text("\nbanner\nmore\n")

    (effect,) = watch.end()

    assert (effect.kind, effect.subject) == (EffectKind.OUTPUT, "stdout")
    assert effect.detail == "13 bytes, beginning with 'banner'"


def test_output_file_that_cannot_be_read(watch, home):
    """
    A plugin may put anything in its place.
    """
    watch.begin()
    (home / "stdout.txt").mkdir()

    seen = watch.end()

    assert all(effect.kind is EffectKind.OUTPUT for effect in seen)


def test_thread_left(watch, module):
    """
    A thread that runs the plugin's function is left; one of a library is not charged to it.
    """
    acme = module("acme", "import threading\ndef run(event):\n    event.wait()\n")
    event = threading.Event()
    threads = [
        threading.Thread(target=acme.run, args=(event,), name="acme-worker"),
        threading.Thread(target=event.wait),
    ]
    watch.begin()
    for thread in threads:
        thread.start()

    seen = watch.end()

    event.set()
    for thread in threads:
        thread.join()
    assert [(effect.kind, effect.subject) for effect in seen] == [
        (EffectKind.THREAD, "acme-worker")
    ]


def test_audit_hook_never_raises(watch, monkeypatch, home):
    """
    Whatever goes wrong while an event is judged, the plugin's own call is not broken.
    """

    def explode(frame):
        raise SystemExit("from within")

    monkeypatch.setattr(watch._attribution, "nearest", explode)
    watch.begin()

    (home / "HOME" / "f").write_text("x")

    assert watch.end() == ()


def test_replaced_functions_do_not_break_a_step(watch, monkeypatch):
    """
    A plugin that replaced what describes threads and streams is still observed.
    """

    def explode(*arguments):
        raise SystemExit

    watch.begin()
    with monkeypatch.context() as patch:
        patch.setattr(threading, "enumerate", lambda: 1 / 0)
        patch.setattr(sys, "stdout", SimpleNamespace(flush=explode))
        seen = watch.end()

    assert seen == ()


def test_device_context_is_noticed(watch, monkeypatch):
    """
    A device that torch has initialised since the beginning of the step is an effect.
    """
    state = {"on": False}

    def broken():
        raise SystemExit

    torch = SimpleNamespace(
        cuda=SimpleNamespace(is_initialized=lambda: state["on"]),
        xpu=SimpleNamespace(is_initialized=broken),
        _C=SimpleNamespace(_get_privateuse1_backend_name=lambda: "npu"),
    )
    monkeypatch.setitem(sys.modules, "torch", torch)
    watch.begin()
    state["on"] = True

    (effect,) = watch.end()

    assert (effect.kind, effect.subject) == (EffectKind.DEVICE_CONTEXT, "cuda")


def test_old_torch_has_no_name_for_a_private_device(watch, monkeypatch):
    """
    A torch without the function is looked at all the same.
    """
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(_C=SimpleNamespace()))
    watch.begin()

    assert watch.end() == ()


def test_same_effect_is_noted_once_and_not_without_end(watch):
    """
    Repetitions count once, and a plugin cannot fill the reply.
    """
    note = Effect(kind=EffectKind.FILE, subject="x", detail="y")
    watch.note(note)
    watch.begin()
    for _ in range(2):
        watch.note(note)
    for number in range(100):
        watch.note(Effect(kind=EffectKind.FILE, subject=str(number), detail="y"))

    seen = watch.end()

    assert len(seen) == 50
    assert seen.count(note) == 1


def test_forked_copy_is_not_watched(watch, monkeypatch, home):
    """
    What a copy of the process does is not written down in the copy.
    """
    watch.begin()
    monkeypatch.setattr(watch, "_getpid", lambda: -1)
    Path(home / "HOME" / "f").write_text("x")
    os.environ["ACME_BEFORE"] = "other"

    assert watch.end() == ()
