"""Tests of whose line it was."""

import sys

import pytest

from hwcheck.probe.attribution import Attribution


def caught(call, *arguments):
    try:
        call(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture
def raised(module, attribution):
    """Describe what a function of the plugin raises."""

    def describe(source):
        acme = module("acme", source)
        return attribution.raised(caught(acme.register))

    return describe


def test_innermost_own_line_is_named(raised):
    """
    The place is the plugin's line, not the library's line that raised.
    """
    seen = raised("import json\ndef register():\n    json.loads('{')\n")

    assert (seen.type, seen.in_plugin) == ("JSONDecodeError", True)
    assert (seen.place.file, seen.place.line, seen.place.text) == ("acme.py", 3, "json.loads('{')")
    assert seen.trace[-1].startswith("json/")


def test_own_line_is_found_behind_another_exception(module, attribution):
    """
    Where somebody else raised the outer exception, the plugin's line is in its cause or context.
    """
    acme = module("acme", "def register():\n    raise KeyError('x')\n")

    def wrap():
        try:
            acme.register()
        except KeyError as error:
            raise ImportError("cannot import name 'current_platform'") from error

    seen = attribution.raised(caught(wrap))

    assert (seen.type, seen.in_plugin, seen.place.line) == ("ImportError", True, 2)


def test_context_counts_unless_it_is_suppressed(module, attribution):
    """
    ``raise ... from None`` says that what went before is of no matter.
    """
    acme = module("acme", "def register():\n    raise KeyError('x')\n")

    def wrap(**how):
        try:
            acme.register()
        except KeyError:
            error = ImportError("outer")
            error.__suppress_context__ = how["suppress"]
            raise error  # noqa: B904  # with its context is what is tested

    shown = attribution.raised(caught(lambda: wrap(suppress=False)))
    hidden = attribution.raised(caught(lambda: wrap(suppress=True)))

    assert (shown.in_plugin, hidden.in_plugin) == (True, False)


def test_missing_module_is_found_behind_another_exception(raised):
    """
    The module that is not installed is named although the plugin raised an error of its own.
    """
    seen = raised(
        """
        def register():
            try:
                import acme_sdk_that_is_absent
            except ImportError as error:
                raise RuntimeError("install the SDK") from error
        """
    )

    assert (seen.type, seen.missing) == ("RuntimeError", "acme_sdk_that_is_absent")


def test_group_is_looked_into(module, attribution):
    """
    The plugin's line is found in a member of an exception group.
    """
    acme = module("acme", "def register():\n    raise KeyError('x')\n")
    group = ExceptionGroup("several", [ValueError("other"), caught(acme.register)])

    seen = attribution.raised(group)

    assert (seen.type, seen.in_plugin, seen.place.line) == ("ExceptionGroup", True, 2)


def test_syntax_error_names_the_line_that_cannot_be_compiled(write, module, attribution):
    """
    The broken file is named, not the line that imports it.
    """
    write({"acme.py": "def register(:\n"})

    seen = attribution.raised(caught(__import__, "acme"))

    assert (seen.type, seen.in_plugin) == ("SyntaxError", True)
    assert (seen.place.file, seen.place.line) == ("acme.py", 1)


def test_syntax_error_of_another_is_named_too(write, attribution):
    """
    The broken file is named where it is not the plugin's.
    """
    write({"other_broken.py": "\ndef register(:\n"})

    seen = attribution.raised(caught(__import__, "other_broken"))

    assert (seen.in_plugin, seen.place.file, seen.place.line) == (False, "other_broken.py", 2)


def test_cycle_in_a_chain_ends(attribution):
    """
    Exceptions that are each other's cause are each looked at once.
    """
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first

    assert attribution.raised(first).message == "first"


@pytest.mark.parametrize(
    "body",
    ["raise SystemExit(1)", "raise ValueError", "return 5", "return Text('x')"],
)
def test_text_that_cannot_be_made(raised, body):
    """
    An exception that raises when it is shown, or answers what is no text, is described.
    """
    seen = raised(
        f"""
        class Text(str):
            def __len__(self): raise ValueError
        class Own(Exception):
            def __str__(self): {body}
        def register():
            raise Own
        """
    )

    assert (seen.type, seen.in_plugin) == ("Own", True)
    assert type(seen.message) is str


def test_long_message_is_cut(attribution):
    """
    A message of ten megabytes is not passed on.
    """
    seen = attribution.raised(ValueError("x" * 10**7))

    assert len(seen.message) < 3000


def test_hostile_name_of_a_missing_module(attribution):
    """
    A name that is no text is left out.
    """
    seen = attribution.raised(ModuleNotFoundError("x", name=object()))

    assert seen.missing is None


def test_chain_that_cannot_be_followed_leaves_type_and_message(attribution):
    """
    An exception whose attributes raise is still told.
    """

    class Own(Exception):
        @property
        def __suppress_context__(self):
            raise RuntimeError

    seen = attribution.raised(Own("text"))

    assert (seen.type, seen.message, seen.place) == ("Own", "text", None)


def test_nearest_line_is_the_callers_behind_the_standard_library(module, attribution):
    """
    What the standard library does for the plugin is the plugin's doing.
    """
    acme = module(
        "acme",
        "import functools\ndef act(f):\n    return functools.reduce(lambda a, b: f(), [1, 2])\n",
    )

    place = acme.act(lambda: attribution.any_plugin_frame(sys._getframe(1)))

    assert (place.file, place.function) == ("acme.py", "<lambda>")


def test_nearest_line_of_another_library_is_not_the_plugins(module, attribution):
    """
    What another library does when the plugin calls it is not charged to the plugin.
    """
    acme = module("acme", "def act(f):\n    return f()\n")

    place = acme.act(lambda: attribution.nearest(sys._getframe(0)))

    assert place is None


def test_no_plugin_on_the_stack(attribution):
    """
    Without a frame of the plugin there is no place.
    """
    assert attribution.any_plugin_frame(sys._getframe()) is None
    assert attribution.nearest(None) is None


def test_tops_are_the_names(attribution):
    """
    The names that the distribution installs can be asked for.
    """
    assert isinstance(attribution, Attribution)
    assert attribution.tops == ("acme",)


HOOK = (
    "import builtins\n"
    "original = builtins.__import__\n"
    "def hook(name, *rest, **named):\n"
    "    if name == 'acme_wanted':\n"
    "        raise KeyError(name)\n"
    "    return original(name, *rest, **named)\n"
    "def register():\n"
    "    import acme_absent\n"
)


@pytest.fixture
def hooked(module, monkeypatch):
    """
    A plugin that puts its own function in the place of ``__import__``.
    """
    acme = module("acme", HOOK)
    monkeypatch.setattr("builtins.__import__", acme.hook)
    return acme


def test_import_hook_of_the_plugin_takes_no_blame_for_what_others_import(hooked, attribution):
    """
    The plugin's hook stands on the stack of every import of the process.
    """

    def host():
        import acme_absent  # noqa: F401  # that it fails is what is tested

    seen = attribution.raised(caught(host))

    assert (seen.type, seen.in_plugin) == ("ModuleNotFoundError", False)


def test_line_that_imports_is_named_before_the_hook_that_it_runs_into(hooked, attribution):
    """
    The place is where the plugin asks for the module, not where its hook hands that on.
    """
    seen = attribution.raised(caught(hooked.register))

    assert (seen.in_plugin, seen.place.line) == (True, 8)


def test_import_hook_that_fails_by_itself_is_the_plugins(hooked, attribution):
    """
    What the hook itself raises is charged to it.
    """

    def host():
        import acme_wanted  # noqa: F401  # that it fails is what is tested

    seen = attribution.raised(caught(host))

    assert (seen.type, seen.in_plugin, seen.place.line) == ("KeyError", True, 5)
