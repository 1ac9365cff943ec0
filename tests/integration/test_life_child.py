"""The child that starts vLLM in several ways and watches what the plugin does, in miniature."""

from dataclasses import replace

import pytest

from hwcheck.model.observation import StepName, StepState
from hwcheck.model.outcome import Cause
from hwcheck.model.patch import Original
from hwcheck.observe.observe import observe

ORDER, FIRST = StepName.IMPORT_ORDER, "current-platform-first"


@pytest.fixture
def life(workshop):
    """Observe a plugin and hand out what the life child says."""

    def look(plugin, **limits):
        seen = observe(replace(workshop.subject(plugin, **limits), life=True))
        assert workshop.left() == []
        return seen.child("life")

    return look


def test_plugin_is_started_in_every_order_and_watched(life, workshop):
    """
    Each way of starting is a step, and what the plugin patches and leaves behind is told.
    """
    general = """
    import signal
    from vllm.platforms.interface import Platform
    old = Platform.is_pin_memory_available
    def new(cls):
        return old()
    Platform.is_pin_memory_available = classmethod(new)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    """

    child = life(workshop.acme(general=general))

    assert child.cause is None
    assert child.step(ORDER, FIRST).answer.type == "acme_plugin.platform.AcmePlatform"
    assert child.step(ORDER, "config-first").answer.type == "acme_plugin.platform.AcmePlatform"
    (patch,) = child.step(StepName.PATCHES).answer.patches
    assert patch.target == "vllm.platforms.interface.Platform.is_pin_memory_available"
    assert (patch.original, patch.place.line) == (Original.KEPT, 7)
    (effect,) = child.step(StepName.CALL, "acme_general").effects
    assert (effect.subject, effect.place.line) == ("SIGINT", 8)
    (again,) = child.step(StepName.PATCHES, "again").answer.patches
    assert again.wrapped_again


def test_exit_handler_of_the_plugin_that_fails(life, workshop):
    """
    It is run in a copy, and what it raises is told with its line.
    """
    general = "import atexit\natexit.register(lambda: 1 / 0)"

    (failure,) = life(workshop.acme(general=general)).step(StepName.EXIT).answer.failures

    assert (failure.type, failure.place.line) == ("ZeroDivisionError", 3)


HARMLESS = {
    "tracer": "import sys; sys.settrace(lambda *a: 1 / 0)",
    "no-trace": "import sys; sys.settrace = None",
    "modules": "import sys; sys.modules['vllm.x'] = type('X', (), {'__getattr__': 1})()",
    "loop": "for number in range(200_000): pass",
    "fork": "import os\nif os.fork() == 0: os._exit(0)",
    "getpid": "import os; os.getpid = lambda: 1",
    "handlers": "import logging; logging.root.handlers = 5",
    "json": "import json; json.dumps = None",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_whatever_a_plugin_does_is_no_fault_of_ours(life, workshop, case):
    """
    The child comes to its own end, and vLLM's choice is seen.
    """
    child = life(workshop.acme(general=HARMLESS[case]))

    assert child.cause is None, child.tail
    assert child.step(StepName.ACTIVATE).answer.is_plugin
    assert child.step(StepName.PATCHES).state is StepState.DONE


DEADLY = {
    "exit": ("import os; os._exit(0)", Cause.EXITED, {}),
    "hang": ("while True: pass", Cause.TIMED_OUT, {"step": 2.0}),
    "segmentation-fault": ("import ctypes; ctypes.string_at(0)", Cause.KILLED_BY_SIGNAL, {}),
}


@pytest.mark.parametrize("case", DEADLY)
def test_deadly_entry_point_ends_the_child(life, workshop, case):
    """
    Nothing is tried again where vLLM cannot choose in any order.
    """
    code, cause, limits = DEADLY[case]

    child = life(workshop.acme(body=code), **limits)

    assert child.cause is cause
    assert child.step(StepName.PATCHES).state is StepState.NOT_REACHED


def test_deadly_second_call_costs_only_itself(life, workshop):
    """
    What was seen before is kept.
    """
    general = """
    import sys
    if hasattr(sys, "acme_was_here"):
        import os
        os._exit(3)
    sys.acme_was_here = True
    """

    child = life(workshop.acme(general=general))

    assert child.step(StepName.CALL_AGAIN, "acme_general").state is StepState.DIED
    assert child.step(StepName.PATCHES).state is StepState.DONE
