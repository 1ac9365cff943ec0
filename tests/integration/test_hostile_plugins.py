"""Plugins that do their worst: each is a result, the run goes on, and nothing is left behind.

They run under the miniature host, because what is tested is the containment and not the plugin.
"""

import sys
from dataclasses import dataclass

import pytest

from hwcheck.model.observation import ClassSeen, StepName, StepState, ValueSeen
from hwcheck.model.outcome import Cause

DONE, RAISED, DIED = StepState.DONE, StepState.RAISED, StepState.DIED
LOAD, CALL, AGAIN = StepName.LOAD, StepName.CALL, StepName.CALL_AGAIN
RESOLVE, INSTANTIATE = StepName.RESOLVE, StepName.INSTANTIATE
ACTIVATE, VALUE, SPAWN, FORK = StepName.ACTIVATE, StepName.VALUE, StepName.SPAWN, StepName.FORK

MEBIBYTE = 2**20
#: For plugins that hang: seconds until they are ended, which bound their other steps as well.
SHORT = 2.0

SUBJECTS = {LOAD: "acme", CALL: "acme", AGAIN: "acme", RESOLVE: "acme", INSTANTIATE: "acme"}


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A plugin, and what is to be seen of it."""

    id: str
    top: str = ""
    body: str = ""
    platform: str = ""
    limits: tuple[tuple[str, float], ...] = ()
    staged: tuple[StepName, StepState | None] = (INSTANTIATE, DONE)
    active: tuple[StepName, StepState | None] = (SPAWN, DONE)
    """``None``: whether the step is told depends on which process was faster."""
    cause: Cause | None = None
    """Of both children."""
    raised: str | None = None
    """The type of the exception in the staged child."""
    leaves: bool = False
    """Whether processes are left behind."""


def dies(id_: str, body: str, cause: Cause, *, top: str = "", **limits: float) -> Hostile:
    return Hostile(
        id=id_,
        top=top,
        body=body,
        staged=(CALL, DIED),
        active=(ACTIVATE, DIED),
        cause=cause,
        limits=tuple(limits.items()),
    )


def leaves_it(id_: str, body: str, type_: str, *, top: str = "") -> Hostile:
    """An exception that vLLM does not catch."""
    return Hostile(
        id=id_, top=top, body=body, staged=(CALL, RAISED), active=(ACTIVATE, RAISED), raised=type_
    )


def falls_back(id_: str, body: str, type_: str, *, top: str = "") -> Hostile:
    """An exception that vLLM catches, and then chooses another platform."""
    return Hostile(
        id=id_, top=top, body=body, staged=(CALL, RAISED), active=(ACTIVATE, DONE), raised=type_
    )


def harmless(id_: str, body: str, **more: object) -> Hostile:
    return Hostile(id=id_, body=body, **more)


REPLY = """
import os
folder = os.path.dirname(os.environ["HOME"])
reply = os.path.join(folder, "reply.jsonl")
"""
DEEPER = "def deeper(n): return list(map(deeper, [n + 1]))"
C_RECURSION = ("import sys; sys.setrecursionlimit(10**8); deeper(0)", Cause.KILLED_BY_SIGNAL)
SLEEPER = "import subprocess, sys; start = [sys.executable, '-c', 'import time; time.sleep(99)']"

PLUGINS = (
    Hostile(
        id="exit-at-import",
        top="import sys; sys.exit(3)",
        staged=(LOAD, RAISED),
        active=(ACTIVATE, RAISED),
        raised="SystemExit",
    ),
    leaves_it("exit-in-register", "import sys; sys.exit(0)", "SystemExit"),
    dies("os-exit-0", "import os; os._exit(0)", Cause.EXITED),
    dies("os-exit-3", "import os; os._exit(3)", Cause.EXITED),
    dies("segmentation-fault", "import ctypes; ctypes.string_at(0)", Cause.KILLED_BY_SIGNAL),
    dies(
        "segmentation-fault-unseen",
        "import ctypes, faulthandler; faulthandler.disable(); ctypes.string_at(0)",
        Cause.KILLED_BY_SIGNAL,
    ),
    dies("abort", "import os; os.abort()", Cause.KILLED_BY_SIGNAL),
    dies("kill", "import os; os.kill(os.getpid(), 9)", Cause.KILLED_BY_SIGNAL),
    dies(
        "stop",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        Cause.TIMED_OUT,
        step=SHORT,
    ),
    dies(
        "alarm",
        "import signal, time; signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(9)",
        Cause.KILLED_BY_SIGNAL,
    ),
    falls_back("python-recursion", "return register()", "RecursionError"),
    # Python 3.12 began to count the depth of C calls as well.
    dies("c-recursion", *C_RECURSION, top=DEEPER)
    if sys.version_info < (3, 12)
    else falls_back("c-recursion", C_RECURSION[0], "RecursionError", top=DEEPER),
    dies("loop", "while True: pass", Cause.TIMED_OUT, step=SHORT),
    dies(
        "loop-that-ignores-signals",
        """
        import signal
        for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            try:
                while True: pass
            except BaseException:
                pass
        """,
        Cause.TIMED_OUT,
        step=SHORT,
    ),
    dies("gil", "import ctypes; ctypes.PyDLL(None).sleep(60)", Cause.TIMED_OUT, step=SHORT),
    leaves_it("keyboard-interrupt", "raise KeyboardInterrupt", "KeyboardInterrupt"),
    leaves_it("base-exception", "raise Own", "Own", top="class Own(BaseException): pass"),
    leaves_it("generator-exit", "raise GeneratorExit", "GeneratorExit"),
    falls_back(
        "exception-without-text",
        "raise Own",
        "Own",
        top="class Own(Exception):\n    def __str__(self): raise SystemExit(1)",
    ),
    falls_back("exception-of-10-mb", "raise ValueError('x' * 10**7)", "ValueError"),
    falls_back("exception-of-no-text", r"raise ValueError('\ud800')", "ValueError"),
    dies(
        "memory",
        # Slow enough that it is noticed long before it has all the memory of the machine.
        "import time; held = []\nwhile True: held.append(bytearray(2**23)); time.sleep(0.01)",
        Cause.OUT_OF_MEMORY,
        memory=500 * MEBIBYTE,
    ),
    # Lines so short that a flood is noticed long before it reaches the largest size of a file.
    dies("stdout-flood", "while True: print('x' * 100)", Cause.OUTPUT_FLOOD, output=MEBIBYTE),
    dies(
        "stderr-flood",
        "import os\nwhile True: os.write(2, b'x' * 100)",
        Cause.OUTPUT_FLOOD,
        output=MEBIBYTE,
    ),
    dies(
        "flood-by-a-subprocess",
        "import subprocess; subprocess.run(['sh', '-c', 'while :; do echo a line; done'])",
        Cause.OUTPUT_FLOOD,
        output=MEBIBYTE,
    ),
    harmless(
        "daemon",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(99)
            os._exit(0)
        os.wait()
        """,
        leaves=True,
    ),
    harmless("child-left", f"{SLEEPER}; subprocess.Popen(start)", leaves=True),
    harmless(
        "child-with-cleared-environment",
        f"{SLEEPER}; subprocess.Popen(start, env={{}})",
        leaves=True,
    ),
    Hostile(
        id="fork-that-goes-on",
        body="import os; os.fork()",
        cause=Cause.FORKED,
    ),
    harmless("closed-files", "import os; os.closerange(0, 100)"),
    harmless("all-files-closed", "import os; os.closerange(0, 4096)"),
    harmless(
        "broken-streams",
        """
        import sys
        class Broken:
            def __getattribute__(self, name): sys.exit("no such stream")
        sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Broken()
        """,
        active=(SPAWN, RAISED),
    ),
    harmless(
        "no-streams", "import sys; sys.stdout = sys.stderr = None; vars(sys).pop('__stdout__', 0)"
    ),
    harmless(
        "replaced-functions",
        """
        import builtins, dataclasses, faulthandler, json, os, sys, threading, time
        def refuse(*args, **keywords): raise MemoryError("replaced")
        os._exit = os.write = os.open = os.close = os.getpid = os.fstat = refuse
        json.dumps = json.loads = dataclasses.asdict = builtins.open = refuse
        time.monotonic = threading.enumerate = sys._getframe = refuse
        sys.setrecursionlimit = faulthandler.dump_traceback_later = refuse
        """,
        active=(StepName.DESCRIBE, DONE),
    ),
    harmless("environment-cleared", "import os; os.environ.clear()"),
    harmless("root-folder", "import os; os.chdir('/')"),
    harmless(
        "removed-folder",
        "import os, tempfile; f = tempfile.mkdtemp(); os.chdir(f); os.rmdir(f)",
        active=(SPAWN, RAISED),
    ),
    Hostile(
        id="home-removed",
        body="""
        import os, shutil
        for name in ("HOME", "TMPDIR"):
            shutil.rmtree(os.environ[name], ignore_errors=True)
        """,
    ),
    Hostile(
        id="reply-overwritten",
        body=REPLY + "open(reply, 'ab').write(b'\\xff{}\\n')",
        active=(StepName.IMPORT_HOST, None),
        staged=(CALL, None),
        cause=Cause.CORRUPTED_REPLY,
    ),
    Hostile(
        id="reply-truncated",
        body=REPLY + "open(reply, 'wb')",
        active=(StepName.IMPORT_HOST, None),
        staged=(CALL, None),
        cause=Cause.CORRUPTED_REPLY,
    ),
    Hostile(
        id="reply-removed",
        body=REPLY + "os.remove(reply)",
        active=(StepName.IMPORT_HOST, None),
        staged=(CALL, None),
        cause=Cause.CORRUPTED_REPLY,
    ),
    Hostile(
        id="reply-a-pipe",
        body=REPLY + "os.path.isfile(reply) and (os.remove(reply), os.mkfifo(reply))",
        staged=(CALL, StepState.NOT_REACHED),
        active=(ACTIVATE, StepState.NOT_REACHED),
        cause=Cause.CORRUPTED_REPLY,
    ),
    Hostile(
        id="reply-folder-removed",
        body=REPLY + "import shutil; shutil.rmtree(folder, ignore_errors=True)",
        staged=(CALL, StepState.NOT_REACHED),
        active=(ACTIVATE, StepState.NOT_REACHED),
        cause=Cause.CORRUPTED_REPLY,
    ),
    harmless(
        "recursion-limit",
        "import sys; sys.setrecursionlimit(60)",
        active=(StepName.IMPORT_HOST, DONE),
        staged=(AGAIN, DONE),
    ),
    harmless(
        "signal-handlers",
        """
        import signal
        def handler(number, frame): raise SystemError("a signal")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGALRM):
            signal.signal(number, handler)
        """,
    ),
    Hostile(
        id="tracer",
        body="import sys; sys.settrace(tracer); sys.setprofile(tracer)",
        top="def tracer(*args): raise SystemError('traced')",
        staged=(CALL, RAISED),
        active=(StepName.IMPORT_HOST, DONE),
    ),
    harmless("no-garbage-collection", "import gc; gc.disable(); gc.freeze()"),
    harmless(
        "entry-points-replaced",
        "import importlib.metadata as m; m.entry_points = lambda **k: [][0]",
    ),
    Hostile(
        id="import-hook",
        body="import sys; sys.meta_path.insert(0, Hook())",
        top="""
        class Hook:
            def find_spec(self, *args): raise SystemError("no imports")
        """,
        staged=(RESOLVE, RAISED),
        active=(ACTIVATE, RAISED),
        raised="SystemError",
    ),
    harmless("exit-handler-that-hangs", "import atexit, time; atexit.register(time.sleep, 99)"),
    harmless(
        "thread-that-never-ends",
        "import threading, time; threading.Thread(target=time.sleep, args=(99,)).start()",
    ),
    harmless("warnings-are-errors", "import warnings; warnings.simplefilter('error')"),
    harmless(
        "thread-hook",
        "import sys, threading; threading.excepthook = sys.excepthook = lambda *a: 1 / 0",
    ),
    harmless("nice", "import os; os.nice(5)"),
    Hostile(
        id="few-files",
        body="import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))",
        active=(FORK, DONE),
    ),
    Hostile(
        id="no-files",
        body="import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
        staged=(RESOLVE, RAISED),
        active=(ACTIVATE, RAISED),
    ),
    Hostile(
        id="async-register",
        top="import warnings; warnings.simplefilter('ignore')",
        body="return 0\nasync def register(): return 'acme_plugin.platform.AcmePlatform'",
        staged=(AGAIN, DONE),
        active=(ACTIVATE, RAISED),
    ),
    Hostile(
        id="answer-of-10-mb",
        body="return 'x' * 10**7 + '.Platform'",
        staged=(RESOLVE, RAISED),
        active=(ACTIVATE, RAISED),
    ),
    Hostile(
        id="answer-of-no-text",
        body=r"return '\ud800.Platform'",
        staged=(RESOLVE, RAISED),
        active=(ACTIVATE, RAISED),
    ),
    harmless(
        "hostile-string",
        "return Text('acme_plugin.platform.AcmePlatform')",
        top="""
        class Text(str):
            def __eq__(self, other): raise SystemError
            def __str__(self): raise SystemError
            def __repr__(self): raise SystemError
            def __len__(self): raise SystemError
            def __reduce_ex__(self, protocol): raise SystemError
            def __deepcopy__(self, memo): raise SystemError
            __hash__ = str.__hash__
        """,
    ),
    harmless(
        "hostile-metaclass",
        "",
        platform="""
        from vllm.platforms.interface import Platform

        class Meta(type):
            def __instancecheck__(cls, instance): raise SystemError
            def __subclasscheck__(cls, other): raise SystemError
            def __getattribute__(cls, name): raise SystemError
            def __dir__(cls): raise SystemError
            def __repr__(cls): raise SystemError
            def __hash__(cls): return 1
            def __eq__(cls, other): raise SystemError

        class AcmePlatform(Platform, metaclass=Meta):
            device_type = "cpu"
        """,
    ),
)


@pytest.mark.parametrize("hostile", PLUGINS, ids=lambda item: item.id)
def test_hostile_plugin(hostile, workshop):
    """
    What a plugin does is told by step and cause, in both children, and nothing of it goes on.
    """
    plugin = workshop.acme(top=hostile.top, body=hostile.body, platform=hostile.platform)

    seen = workshop.observe(plugin, **dict(hostile.limits))

    staged, active = seen.child("staged"), seen.child("active")
    name, state = hostile.staged
    step = staged.step(name, SUBJECTS[name])
    assert (state or step.state, hostile.cause) == (step.state, staged.cause), (staged.ended, step)
    assert hostile.raised in (None, step.raised and step.raised.type)
    name, state = hostile.active
    step = active.step(name)
    assert (state or step.state, hostile.cause) == (step.state, active.cause), (active.ended, step)
    assert hostile.leaves == bool(staged.left_processes), staged.left_processes
    assert workshop.left() == []


DEADLY = {
    "exit": ("import os; os._exit(0)", Cause.EXITED),
    "segmentation-fault": ("import ctypes; ctypes.string_at(0)", Cause.KILLED_BY_SIGNAL),
    "hang": ("while True: pass", Cause.TIMED_OUT),
}


@pytest.mark.parametrize("death", DEADLY)
def test_deadly_member_costs_only_itself(death, workshop):
    """
    The child is started again without the member that took it down, and all others are measured.
    """
    code, cause = DEADLY[death]
    member = f"@classmethod\ndef is_pin_memory_available(cls):\n    {code}"

    seen = workshop.observe(workshop.acme(members=member), step=SHORT)

    active = seen.child("active")
    assert active.step(VALUE, "is_pin_memory_available").state is DIED
    assert cause == active.cause
    assert isinstance(active.step(VALUE, "supported_dtypes").answer, ValueSeen)
    assert isinstance(active.step(StepName.CLASS_PATH, "get_punica_wrapper").answer, ClassSeen)
    assert active.step(SPAWN).state is DONE
    assert seen.child("staged").cause is None
    assert workshop.left() == []


@pytest.mark.parametrize(
    ("code", "state"),
    [("import ctypes; ctypes.string_at(0)", DIED), ("import sys; sys.exit(1)", RAISED)],
    ids=["segmentation-fault", "exit"],
)
def test_deadly_device_type_leaves_what_does_not_need_it(code, state, workshop):
    """
    Steps that would read the deadly member again are not taken; class paths are still resolved.
    """
    members = f"@property\ndef device_type(self):\n    {code}"

    seen = workshop.observe(workshop.acme(members=members))

    active = seen.child("active")
    assert active.step(VALUE, "device_type").state is state
    assert active.step(StepName.CLASS_PATH, "get_punica_wrapper").state is DONE
    assert active.step(StepName.CONFIGURE).state is DONE
    assert workshop.left() == []


def test_deadly_dtypes_leave_what_does_not_need_them(workshop):
    """
    Dtypes that end the process, or have no end, keep nothing else from being measured.
    """
    members = """
    @property
    def supported_dtypes(self):
        import os
        os._exit(1)
    """

    active = workshop.observe(workshop.acme(members=members)).child("active")

    assert active.step(VALUE, "supported_dtypes").state is DIED
    assert active.step(SPAWN).state is DONE


def test_endless_dtypes_are_cut(workshop):
    """
    A generator that never ends is read as far as is of interest.
    """
    members = """
    @property
    def supported_dtypes(self):
        while True: yield "float32"
    """

    active = workshop.observe(workshop.acme(members=members)).child("active")

    assert active.cause is None
    assert active.step(SPAWN).state is DONE


def test_deadly_general_plugin_costs_only_itself(workshop):
    """
    The platform is measured although the plugin's general entry point ends the process.
    """
    plugin = workshop.acme(general="import os; os._exit(5)")

    active = workshop.observe(plugin).child("active")

    assert active.step(CALL, "acme_general").state is DIED
    assert active.cause is Cause.EXITED
    assert active.step(VALUE, "device_type").state is DONE
    assert active.step(SPAWN).state is DONE


def test_other_child_is_measured_when_one_is_ended(workshop):
    """
    What takes down the child in which vLLM chooses leaves the staged child alone.
    """
    body = """
    import os
    if os.environ["VLLM_PLUGINS"] == "acme": os.abort()
    """

    seen = workshop.observe(workshop.acme(body=body))

    assert seen.child("active").cause is Cause.KILLED_BY_SIGNAL
    assert seen.child("staged").step(INSTANTIATE, "acme").state is DONE


def test_fork_that_goes_on_names_its_step(workshop):
    """
    The copy tells in which step it was made, however late it does so.
    """
    seen = workshop.observe(workshop.acme(body="import os, time; os.fork() or time.sleep(0.3)"))

    # The second call forks as well, and on a busy machine its copy can be the first to tell.
    assert "forked off in step 'call' and" in seen.child("staged").ended


def test_fork_that_goes_on_answers_for_nobody(workshop):
    """
    Only the process that was spawned says what a spawned process sees, not a copy of it.
    """
    body = """
    import os, time
    if os.fork() == 0:
        os.environ["ACME_COPY"] = "1"
    else:
        os.wait()
        time.sleep(0.2)
    """
    platform = """
    import os
    from vllm.platforms.interface import Platform

    class AcmePlatform(Platform):
        device_type = "copy" if "ACME_COPY" in os.environ else "cpu"
    """

    active = workshop.observe(workshop.acme(body=body, platform=platform)).child("active")

    assert active.step(SPAWN).answer.device_type == "cpu"
    assert active.cause is Cause.FORKED


def test_signal_handler_is_not_called_for_a_process_of_ours(workshop):
    """
    A spawned process ends during whichever step: what the plugin does then is not the step's fault.
    """
    body = """
    import multiprocessing, os, signal
    def handler(number, frame): raise SystemError("a signal")
    signal.signal(signal.SIGCHLD, handler)
    if multiprocessing.parent_process(): os._exit(0)
    """
    members = """
    @property
    def supported_dtypes(self):
        import time
        time.sleep(1)
        return ("float32",)
    """

    active = workshop.observe(workshop.acme(body=body, members=members)).child("active")

    assert active.step(VALUE, "supported_dtypes").state is DONE
    assert active.step(FORK).state is DONE
    assert "ended with exit code 0" in active.step(SPAWN).raised.message
    assert active.cause is None
