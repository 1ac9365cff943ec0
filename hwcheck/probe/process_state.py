"""What a process shares with everybody in it, read as cheaply as a line of code is taken."""

import atexit
import builtins
import gc
import locale
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hwcheck.model.effect import EffectKind
from hwcheck.probe.descriptions import described
from hwcheck.probe.plain_text import plain

__all__ = ["Change", "ProcessState", "changes", "process_state"]

#: What is read: the parts of the state, each a tuple of objects that are compared by identity.
ProcessState = tuple[tuple[object, ...], ...]

#: Taken before a plugin is loaded, which may put something else in their place.
#: The one that is wrapped makes members of enumerations, which takes a hundred times as long.
_signal_handler = getattr(signal.getsignal, "__wrapped__", signal.getsignal)
_folder, _locale = os.getcwd, locale.setlocale
_exit_handlers = getattr(atexit, "_ncallbacks", lambda: 0)
_recursion, _collects = sys.getrecursionlimit, gc.isenabled

_SIGNALS = tuple(sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}))[:31]
#: Ctrl-C, the request to end, and the end of a process that the program itself has started.
_OF_THE_PROGRAM = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGCHLD})
_HOOKS = (
    (sys, ("excepthook", "unraisablehook", "displayhook", "stdout", "stderr", "stdin")),
    (threading, ("excepthook",)),
    (builtins, ("__import__", "print", "open")),
)
_HOOK_NAMES = tuple(f"{owner.__name__}.{name}" for owner, names in _HOOKS for name in names)
#: The loggers that are not the plugin's, and that others rely on.
_LOGGERS = ("root", "vllm")
_LEVELS = (
    "logging.disable",
    *(f"logger {name!r}: {it}" for name in _LOGGERS for it in ("level", "disabled", "propagate")),
)
_TORCH = (
    ("default dtype", "get_default_dtype"),
    ("threads", "get_num_threads"),
    ("deterministic algorithms", "are_deterministic_algorithms_enabled"),
    ("gradients", "is_grad_enabled"),
    ("float32 matmul precision", "get_float32_matmul_precision"),
    ("seed", "initial_seed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not what it was."""

    kind: EffectKind
    subject: str
    detail: str
    harm: str | None = None
    by: tuple[object, ...] = ()
    """What was put there, whose origin can tell who did it."""


_Part = tuple[
    Callable[[], tuple[object, ...]],
    Callable[[tuple[object, ...], tuple[object, ...]], Iterator[Change]],
]


def process_state() -> ProcessState:
    """Read the state; what cannot be read, because of what a plugin put there, is empty."""
    return tuple(_read(reader) for reader, _ in _PARTS)


def changes(before: ProcessState, after: ProcessState) -> Iterator[Change]:
    """Tell the differences between two states."""
    for (_, differ), old, new in zip(_PARTS, before, after, strict=True):
        if not _same(old, new):
            yield from differ(old, new)


def _read(reader: Callable[[], tuple[object, ...]]) -> tuple[object, ...]:
    try:
        return reader()
    # A plugin may have put anything in the place of what is read.
    except BaseException:
        return ()


def _same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    # By identity: what a plugin put there can do anything when it is compared.
    return len(before) == len(after) and all(
        left is right for left, right in zip(before, after, strict=True)
    )


def _is_new(item: object, before: tuple[object, ...]) -> bool:
    return all(item is not other for other in before)


def _signals() -> tuple[object, ...]:
    return tuple(map(_signal_handler, _SIGNALS))


def _signals_differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    for number, old, new in zip(_SIGNALS, before, after, strict=False):
        if old is new:
            continue
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        harm = None
        if number in _OF_THE_PROGRAM:
            harm = f"the program that uses vLLM no longer receives {name} as it arranged"
        yield Change(
            kind=EffectKind.SIGNAL_HANDLER,
            subject=name,
            detail=f"the handler is now {_handler(new)}",
            harm=harm,
            by=(new,),
        )


_HANDLERS = {0: "the default", 1: "to ignore it"}


def _handler(handler: object) -> str:
    if issubclass(type(handler), int):
        return _HANDLERS.get(int.__int__(handler), "unknown")  # type: ignore[arg-type]
    return "none of Python's" if handler is None else _told(handler)


def _hooks() -> tuple[object, ...]:
    return tuple(vars(owner).get(name) for owner, names in _HOOKS for name in names)


def _hooks_differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    for name, old, new in zip(_HOOK_NAMES, before, after, strict=False):
        if old is not new:
            yield Change(
                kind=EffectKind.HOOK,
                subject=name,
                detail=f"replaced by {_told(new)}",
                harm=_harm_of_hook(name, new),
                by=(new,),
            )


def _harm_of_hook(name: str, new: object) -> str | None:
    if new is None and name in ("sys.stdout", "sys.stderr"):
        return "whatever is printed is lost"
    if name == "sys.excepthook" and not callable(new):
        return "an exception that nobody catches is not shown"
    return None


def _levels() -> tuple[object, ...]:
    found: list[object] = [logging.root.manager.disable]
    for name in _LOGGERS:
        logger = _logger(name)
        found += [logger.level, logger.disabled, logger.propagate]
    return tuple(map(_shared, found))


def _levels_differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    for setting, old, new in zip(_LEVELS, before, after, strict=False):
        if old is not new:
            yield Change(
                kind=EffectKind.LOGGING,
                subject=setting,
                detail=f"changed from {_told(old)} to {_told(new)}",
                harm=_harm_of_level(setting, new),
            )


def _harm_of_level(setting: str, new: object) -> str | None:
    if setting == "logging.disable" and type(new) is int and new >= logging.WARNING:
        return "warnings of vLLM and of every other library are dropped"
    if setting.endswith("disabled") and new is True:
        return "its messages are dropped"
    return None


def _logger(name: str) -> logging.Logger:
    return logging.root if name == "root" else logging.getLogger(name)


def _handlers_of(name: str) -> _Part:
    subject = f"logger {name!r}: handlers"
    lost = f"messages of the logger {name!r} no longer go where its owner sent them"

    def differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
        for added in (item for item in after if _is_new(item, before)):
            detail = f"{_told(added)} is added"
            yield Change(kind=EffectKind.LOGGING, subject=subject, detail=detail, by=(added,))
        for gone in (item for item in before if _is_new(item, after)):
            detail = f"{_told(gone)} is removed"
            yield Change(kind=EffectKind.LOGGING, subject=subject, detail=detail, harm=lost)

    return (lambda: tuple(_logger(name).handlers)), differ


def _filters() -> tuple[object, ...]:
    return tuple(warnings.filters)


def _filters_differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    for item in after:
        if _is_new(item, before):
            yield Change(
                kind=EffectKind.WARNING_FILTER,
                subject=_told(item),
                detail="is added",
                harm=_harm_of_filter(item),
            )
    if any(_is_new(item, after) for item in before) and not after:
        yield Change(kind=EffectKind.WARNING_FILTER, subject="all", detail="are removed")


def _harm_of_filter(item: object) -> str | None:
    if type(item) is not tuple or len(item) != 5:
        return None
    action, message, category, module, line = item
    if message is not None or module is not None or line != 0 or category is not Warning:
        return None
    if plain(action) == "ignore":
        return "all warnings of the whole process are silenced"
    if plain(action) == "error":
        return "every warning of the whole process becomes an exception"
    return None


def _paths() -> tuple[object, ...]:
    return (*sys.path, None, *sys.meta_path, None, *sys.path_hooks)


def _paths_differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    for item in after:
        if _is_new(item, before):
            text = plain(item)
            yield Change(
                kind=EffectKind.IMPORT_PATH,
                subject="an import hook" if text is None else "sys.path",
                detail=f"{_told(item)} is added",
                by=(item,),
            )
    known = [plain(item) for item in after]
    for item in before:
        text = plain(item)
        gone = text not in known if text is not None else _is_new(item, after)
        if gone:
            yield Change(
                kind=EffectKind.IMPORT_PATH,
                subject="an import hook" if text is None else "sys.path",
                detail=f"{_told(item)} is removed",
                harm="modules that the program can import are not found any more",
            )


def _exits() -> tuple[object, ...]:
    return (_shared(_exit_handlers()),)


def _exits_differ(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    for old, new in zip(before, after, strict=False):
        if isinstance(old, int) and isinstance(new, int):
            told = f"{abs(new - old)} {'registered' if new > old else 'removed'}"
            yield Change(kind=EffectKind.EXIT_HANDLER, subject="atexit", detail=told)


def _process() -> tuple[object, ...]:
    values = (_folder(), _locale(locale.LC_ALL), _recursion(), _collects(), _start_method())
    return tuple(map(_shared, values))


def _start_method() -> object:
    context = sys.modules.get("multiprocessing.context")
    default = None if context is None else vars(context).get("_default_context")
    actual = getattr(default, "_actual_context", None)
    return getattr(actual, "_name", None)


def _process_differs(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    named = zip(_PROCESS, before, after, strict=False)
    for (subject, harm), old, new in named:
        if old is not new:
            shown_old, shown_new = _told(old), _told(new)
            detail = f"changed from {shown_old} to {shown_new}"
            if subject == "working folder":
                # The old one is the child's own, and another one in each run.
                detail = f"changed to {shown_new}"
            yield Change(kind=EffectKind.PROCESS, subject=subject, detail=detail, harm=harm)


_PROCESS = (
    ("working folder", "relative paths that the user gave lead elsewhere"),
    ("locale", None),
    ("recursion limit", None),
    ("garbage collection", None),
    ("start method of multiprocessing", None),
)


def _torch() -> tuple[object, ...]:
    torch = sys.modules.get("torch")
    if torch is None:
        return ()
    content = vars(torch)
    # While torch is being imported not all of it is there.
    if "_GLOBAL_DEVICE_CONTEXT" not in content or "compile" not in content:
        return ()
    context = getattr(content["_GLOBAL_DEVICE_CONTEXT"], "device_context", None)
    device = getattr(context, "device", None)
    values = [content[name]() for _, name in _TORCH]
    return tuple(map(_shared, (str(device), *values)))


def _torch_differs(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[Change]:
    if not before or not after:
        return
    names = ("default device", *(name for name, _ in _TORCH))
    for name, old, new in zip(names, before, after, strict=False):
        if old is not new:
            yield Change(
                kind=EffectKind.TORCH,
                subject=name,
                detail=f"changed from {_told(old)} to {_told(new)}",
                harm=_HARM_OF_TORCH.get(name),
            )


_HARM_OF_TORCH = {
    "default device": "tensors that vLLM and others make without naming a device land elsewhere",
    "default dtype": "tensors that vLLM and others make without naming a dtype have another one",
    "deterministic algorithms": "operators without a deterministic form raise",
    "gradients": "nothing in this process can be trained any more",
}


#: One object for equal plain values, so that identity tells; filled by values from C alone.
_KNOWN: dict[tuple[type, object], object] = {}


def _shared(value: object) -> object:
    kind = type(value)
    # By identity: a metaclass of the plugin's can raise when it is compared.
    if not (kind is int or kind is str or kind is bool):
        return value
    return _KNOWN.setdefault((kind, value), value)


def _told(value: object) -> str:
    return described(value)


_PARTS: tuple[_Part, ...] = (
    (_signals, _signals_differ),
    (_hooks, _hooks_differ),
    (_levels, _levels_differ),
    *map(_handlers_of, _LOGGERS),
    (_filters, _filters_differ),
    (_paths, _paths_differ),
    (_exits, _exits_differ),
    (_process, _process_differs),
    (_torch, _torch_differs),
)
