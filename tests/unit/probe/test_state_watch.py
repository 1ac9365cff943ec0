"""Tests of what is changed for everybody in the process, and of the line that it is charged to."""

import atexit
import logging
import os
import signal
import sys
import threading
import warnings
from pathlib import Path

import pytest

from hwcheck.model.effect import EffectKind
from hwcheck.probe.line_watch import LineWatch
from hwcheck.probe.process_state import changes, process_state
from hwcheck.probe.state_watch import StateWatch


@pytest.fixture
def restored(monkeypatch):
    """Put everything back that a plugin of these tests changes."""
    folder, handler = Path.cwd(), signal.getsignal(signal.SIGINT)
    other, disabled = signal.getsignal(signal.SIGUSR1), logging.root.manager.disable
    hooks = sys.excepthook, threading.excepthook, sys.stdout
    handlers, path = list(logging.root.handlers), list(sys.path)
    with warnings.catch_warnings():
        yield
    os.chdir(folder)
    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGUSR1, other)
    logging.disable(disabled)
    sys.excepthook, threading.excepthook, sys.stdout = hooks
    logging.root.handlers[:] = handlers
    sys.path[:] = path
    sys.modules.pop("acme_made", None)


@pytest.fixture
def effects(restored, attribution, module):
    """Run the plugin's ``register`` while its lines are watched."""

    def run(body, *, top=""):
        acme = module("acme", f"{top}\ndef register():\n    {body}\n")
        watch = StateWatch(attribution)
        lines = LineWatch(
            attribution=attribution,
            before=lambda code, line: (watch.before(), watch.before_store()),
            after=lambda line: (watch.after(line), watch.after_store(line)),
        )
        watch.begin()
        lines.watching(acme.register)
        return list(watch.end())

    return run


HARMFUL = {
    "signal": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        EffectKind.SIGNAL_HANDLER,
        "SIGINT",
    ),
    "warnings": (
        "import warnings; warnings.simplefilter('ignore')",
        EffectKind.WARNING_FILTER,
        "('ignore', None, <class 'Warning'>, None, 0)",
    ),
    "errors": (
        "import warnings; warnings.simplefilter('error')",
        EffectKind.WARNING_FILTER,
        "('error', None, <class 'Warning'>, None, 0)",
    ),
    "logging": ("import logging; logging.disable(50)", EffectKind.LOGGING, "logging.disable"),
    "handlers": (
        "import logging; logging.root.handlers.clear()",
        EffectKind.LOGGING,
        "logger 'root': handlers",
    ),
    "folder": ("import os; os.chdir('/')", EffectKind.PROCESS, "working folder"),
    "path": ("import sys; sys.path.pop()", EffectKind.IMPORT_PATH, "sys.path"),
    "hook": ("import sys; sys.excepthook = None", EffectKind.HOOK, "sys.excepthook"),
}


@pytest.mark.parametrize("case", HARMFUL)
def test_harmful_change_is_charged_to_its_line(effects, case):
    """
    The line is known although nothing that it leaves behind is the plugin's.
    """
    code, kind, subject = HARMFUL[case]
    logging.root.addHandler(logging.NullHandler())

    effect = effects(code)[0]

    assert (effect.kind, effect.subject) == (kind, subject)
    assert effect.harm
    assert (effect.place.file, effect.place.line) == ("acme.py", 3)


LISTED = {
    "signal": (
        "import signal; signal.signal(signal.SIGUSR1, hear)",
        "the handler is now acme.hear",
    ),
    "filter": (
        "import warnings; warnings.filterwarnings('ignore', category=DeprecationWarning)",
        "is added",
    ),
    "handler": (
        "import logging; logging.root.addHandler(logging.NullHandler())",
        "<NullHandler (NOTSET)> is added",
    ),
    "hook": ("import threading; threading.excepthook = hear", "replaced by acme.hear"),
    "path": ("import sys; sys.path.append('/acme')", "'/acme' is added"),
    "module": (
        "import sys, types; sys.modules['acme_made'] = types.ModuleType('acme_made')",
        "set to module acme_made",
    ),
}


@pytest.mark.parametrize("case", LISTED)
def test_change_that_hurts_nobody_is_listed(effects, case):
    """
    It is told with its line, and not as harm.
    """
    code, detail = LISTED[case]

    (effect,) = effects(code, top="def hear(*arguments): pass")

    assert (effect.detail, effect.harm) == (detail, None)
    assert effect.place.file == "acme.py"


def test_exit_handler_is_counted(effects, monkeypatch):
    """
    Which it is cannot be told, but that there is one more.
    """
    (effect,) = effects("import atexit; atexit.register(hear)", top="def hear(): pass")
    atexit.unregister(sys.modules["acme"].hear)

    assert (effect.kind, effect.detail) == (EffectKind.EXIT_HANDLER, "1 registered")


def test_change_that_is_taken_back_is_none(effects):
    """
    What a line changes for a moment is not left behind.
    """
    body = "import warnings\n    with warnings.catch_warnings(): warnings.simplefilter('ignore')"

    assert effects(body) == []


def test_change_by_a_library_is_not_the_plugins(effects, module):
    """
    What a library does that the plugin calls is the library's doing.
    """
    module("other_library", "import os\ndef act(): os.chdir('/')\n")

    assert effects("other_library.act()", top="import other_library") == []


def test_change_between_two_calls_of_the_plugin_is_not_its_own(effects, module):
    """
    What a library does around a call of the plugin's function is the library's doing.
    """
    source = "import os\ndef act(ask): ask(); os.chdir('/'); ask()\n"
    module("other_library", source)
    top = "import other_library\ndef ask():\n    return False\n"

    assert effects("other_library.act(ask)", top=top) == []


def test_module_of_others_that_is_replaced(effects, monkeypatch, module):
    """
    Names that are gone hurt whoever imports the module.
    """
    monkeypatch.setitem(sys.modules, "other_library", module("other_library", "a = b = c = d = 1"))

    (effect,) = effects(
        "import sys, types; sys.modules['other_library'] = types.ModuleType('other_library')"
    )

    assert effect.kind is EffectKind.MODULE
    assert effect.harm == "who imports it from now on does not find a, b, c and 1 more"


def test_hostile_state_is_empty(restored, monkeypatch):
    """
    What cannot be read, because of what a plugin put there, is passed over.
    """

    class Hostile:
        def __iter__(self):
            raise SystemExit

        def __repr__(self):
            raise SystemExit

        def __eq__(self, other):
            raise SystemExit

        __hash__ = None

    before = process_state()
    with monkeypatch.context() as patch:
        patch.setattr(logging.root, "handlers", Hostile())
        patch.setattr(sys, "meta_path", [Hostile()])
        patch.setattr(sys, "excepthook", Hostile())
        seen = list(changes(before, process_state()))

    assert {change.kind for change in seen} >= {EffectKind.HOOK, EffectKind.IMPORT_PATH}
