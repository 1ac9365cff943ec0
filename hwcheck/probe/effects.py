"""What a step leaves behind outside the plugin's own objects: audit events and snapshots."""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from types import FrameType

from hwcheck.model.observation import Effect, EffectKind
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.plain_text import plain, shown

__all__ = ["EffectWatch"]

_MOST_EFFECTS = 50
_LIBC = ctypes.CDLL(None)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


class EffectWatch:
    """Watches the process between `begin` and `end`.

    Environment, files and threads are charged by the line that acts: the nearest frame outside
    the standard library has to be the plugin's, so what torch and vLLM do by themselves is not
    charged to it.
    """

    def __init__(self, attribution: Attribution, stdout: str) -> None:
        self._attribution = attribution
        self._stdout = stdout
        self._watching = False
        self._inside = False
        self._effects: list[Effect] = []
        self._printed = 0
        self._threads: set[int] = set()
        self._contexts: set[str] = set()
        self._getpid, self._frame = os.getpid, sys._getframe
        self._pid = os.getpid()
        # Taken now: a plugin may remove both variables.
        self._folders = tuple(
            (shown, os.environ[variable].rstrip(os.sep))
            for variable, shown in (("TMPDIR", "$TMPDIR"), ("HOME", "~"))
            if os.environ.get(variable)
        )
        self._handlers: dict[str, Callable[[tuple[object, ...], FrameType], None]] = {
            "os.putenv": self._on_putenv,
            "os.unsetenv": self._on_unsetenv,
            "open": self._on_open,
            "os.mkdir": self._on_mkdir,
        }
        # It cannot be removed again, by us or by a plugin; outside of steps it does nothing.
        sys.addaudithook(self._audit)

    def begin(self) -> None:
        """Start a step."""
        self._effects = []
        self._printed = _size(self._stdout)
        self._threads = {thread.ident or 0 for thread in _threads()}
        self._contexts = set(_device_contexts())
        self._watching = True

    def note(self, effect: Effect) -> None:
        """Add an effect that somebody else saw."""
        if self._watching and len(self._effects) < _MOST_EFFECTS and effect not in self._effects:
            self._effects.append(effect)

    def end(self) -> tuple[Effect, ...]:
        """End the step and tell what it left behind."""
        self._note_output()
        for thread in _threads():
            if (thread.ident or 0) not in self._threads and self._is_own_thread(thread):
                self.note(
                    Effect(
                        kind=EffectKind.THREAD,
                        subject=shown(thread.name, 100, quoted=False),
                        detail="a thread is left",
                    )
                )
        for name in sorted(set(_device_contexts()) - self._contexts):
            self.note(
                Effect(
                    kind=EffectKind.DEVICE_CONTEXT,
                    subject=name,
                    detail=f"torch.{name} is initialised",
                )
            )
        self._watching = False
        return tuple(self._effects)

    def _is_own_thread(self, thread: threading.Thread) -> bool:
        try:
            target = getattr(thread, "_target", None)
            module = getattr(type(thread) if target is None else target, "__module__", None)
            return self._attribution.owns_module(plain(module) or "")
        except Exception:
            return False

    def _note_output(self) -> None:
        _flush()
        size = _size(self._stdout)
        if size <= self._printed:
            return
        first = _beginning(self._stdout, self._printed)
        self.note(
            Effect(
                kind=EffectKind.OUTPUT,
                subject="stdout",
                detail=f"{size - self._printed} bytes, beginning with {first!r}",
            )
        )

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._watching or self._inside:
            return
        handler = self._handlers.get(event)
        if handler is None or self._getpid() != self._pid:
            return
        self._inside = True
        try:
            handler(arguments, self._frame(1))
        except BaseException:
            # An audit hook that raises would break the plugin's own call.
            pass
        finally:
            self._inside = False

    def _on_putenv(self, arguments: tuple[object, ...], frame: FrameType) -> None:
        name, value = _text(arguments[0]), _text(arguments[1])
        before = os.environ.get(name)
        if before == value:
            return
        detail = f"set to {value!r}" if before is None else f"changed from {before!r} to {value!r}"
        self._charge(EffectKind.ENVIRONMENT, name, detail, frame)

    def _on_unsetenv(self, arguments: tuple[object, ...], frame: FrameType) -> None:
        self._charge(EffectKind.ENVIRONMENT, _text(arguments[0]), "removed", frame)

    def _on_open(self, arguments: tuple[object, ...], frame: FrameType) -> None:
        path, mode, flags = arguments
        if isinstance(path, int):
            return
        writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else False
        if not writes and not (isinstance(flags, int) and mode is None and flags & _WRITING):
            return
        name = os.path.abspath(_text(path))
        if name.startswith(("/dev/", "/proc/", "/sys/")) or "__pycache__" in name:
            return
        self._charge(EffectKind.FILE, self._shown_path(name), "opened for writing", frame)

    def _on_mkdir(self, arguments: tuple[object, ...], frame: FrameType) -> None:
        name = os.path.abspath(_text(arguments[0]))
        if "__pycache__" not in name and not os.path.isdir(name):
            self._charge(EffectKind.FILE, self._shown_path(name), "folder made", frame)

    def _shown_path(self, name: str) -> str:
        # The child's home and temporary folder are its own and differ from run to run.
        for shown_as, folder in self._folders:
            if name == folder or name.startswith(folder + os.sep):
                return shown_as + name[len(folder) :]
        return name

    def _charge(self, kind: EffectKind, subject: str, detail: str, frame: FrameType) -> None:
        place = self._attribution.nearest(frame)
        if place is not None:
            self.note(Effect(kind=kind, subject=subject, detail=detail[:300], place=place))


def _threads() -> list[threading.Thread]:
    try:
        return threading.enumerate()
    # A plugin may have put anything in its place.
    except Exception:
        return []


def _beginning(path: str, offset: int) -> str:
    """The first line of a file after an offset."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        text = os.pread(handle, 400, offset).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(handle)
    return text.strip().split("\n")[0][:160]


def _device_contexts() -> tuple[str, ...]:
    torch = sys.modules.get("torch")
    if torch is None:
        return ()
    names = ["cuda", "xpu", "mps"]
    try:
        names.append(torch._C._get_privateuse1_backend_name())
    except AttributeError:
        pass
    found = []
    for name in names:
        module = sys.modules.get(f"torch.{name}") or vars(torch).get(name)
        is_initialized = getattr(module, "is_initialized", None)
        try:
            if is_initialized is not None and is_initialized():
                found.append(name)
        # It may be the plugin's own function, which can raise anything.
        except BaseException:
            continue
    return tuple(found)


def _flush() -> None:
    for name in ("stdout", "__stdout__"):
        try:
            getattr(sys, name).flush()
        # It may be the plugin's own object, or none at all.
        except BaseException:
            continue
    try:
        _LIBC.fflush(None)
    except AttributeError:
        pass


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _text(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, bytes | os.PathLike) else str(value)
