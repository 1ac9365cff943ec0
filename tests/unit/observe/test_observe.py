"""Tests of children of the probe, under the miniature host."""

import sys
from dataclasses import replace

import pytest

from hwcheck.contain.launch import Contained
from hwcheck.errors import HostError, UsageError
from hwcheck.hosts.members import members_of
from hwcheck.model.observation import (
    Activated,
    ClassSeen,
    Configured,
    Described,
    EffectKind,
    HostSeen,
    Loaded,
    OptOut,
    ProcessSeen,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.model.outcome import Cause
from hwcheck.model.plugin import EntryPoint, Group
from hwcheck.observe.observe import getters_of, observe
from hwcheck.observe.target import find_target, import_path

PLATFORM_NAME = "acme_plugin.platform.AcmePlatform"


def test_well_behaved_plugin(workshop):
    """
    Both children come to their end, and every step has the answer of its kind.
    """
    observation = workshop.observe(workshop.acme(general="return None"))

    staged, active = observation.child("staged"), observation.child("active")
    assert (staged.cause, active.cause, staged.ended) == (None, None, "exit 0")
    assert isinstance(staged.step(StepName.IMPORT_HOST).answer, HostSeen)
    assert staged.step(StepName.OPT_OUT).answer == OptOut(modules=())
    assert staged.step(StepName.CALL_AGAIN, "acme").answer.value == PLATFORM_NAME
    assert isinstance(staged.step(StepName.RESOLVE, "acme").answer, ClassSeen)
    assert staged.step(StepName.LOAD, "acme").answer.place.file == "acme_plugin/__init__.py"
    assert active.step(StepName.ACTIVATE).answer == Activated(type=PLATFORM_NAME, is_plugin=True)
    assert isinstance(active.step(StepName.LOAD, "acme_general").answer, Loaded)
    assert active.step(StepName.CALL, "acme_general").answer.type == "NoneType"
    assert isinstance(active.step(StepName.DESCRIBE).answer, Described)
    assert isinstance(active.step(StepName.VALUE, "device_type").answer, ValueSeen)
    assert isinstance(active.step(StepName.CONFIGURE).answer, Configured)
    expected = ProcessSeen(type=PLATFORM_NAME, device_type="cpu")
    assert active.step(StepName.FORK).answer == expected
    assert active.step(StepName.SPAWN).answer == expected
    assert active.left_processes == ()


def test_staged_child_can_be_left_out(workshop):
    """
    Whoever knows already what it sees gets the active child alone.
    """
    subject = replace(workshop.subject(workshop.acme()), staged=False)

    assert [child.name for child in observe(subject).children] == ["active"]


def test_spawned_processes_can_be_left_out(workshop):
    """
    They are started for their own contracts alone; a fork costs nothing.
    """
    subject = replace(workshop.subject(workshop.acme()), spawned=False)

    active = observe(subject).child("active")

    assert active.step(StepName.FORK).state is StepState.DONE
    assert active.step(StepName.SPAWN).state is StepState.NOT_REACHED
    assert active.step(StepName.NESTED).state is StepState.NOT_REACHED


def test_effects_are_charged_to_their_step(workshop):
    """
    What the import does is charged to loading, what the call does to the call.
    """
    plugin = workshop.acme(
        top="import os; os.environ['ACME_LOADED'] = '1'",
        body="""
        import vllm.platforms, os
        print("banner")
        open(os.path.join(os.environ["HOME"], "x"), "w").close()
        """,
    )

    staged = workshop.observe(plugin).child("staged")

    load = staged.step(StepName.LOAD, "acme").effects
    call = staged.step(StepName.CALL, "acme").effects
    assert [effect.subject for effect in load] == ["ACME_LOADED"]
    assert [(effect.kind, effect.subject) for effect in call] == [
        (EffectKind.FILE, "~/x"),
        (EffectKind.OUTPUT, "stdout"),
    ]


def test_platform_that_is_asked_for_too_early(workshop):
    """
    The line that makes vLLM resolve the platform inside the entry point is named.
    """
    body = """
    import vllm.platforms, sys
    if not hasattr(sys, "asked"):
        sys.asked = True
        vllm.platforms.current_platform
    """

    staged = workshop.observe(workshop.acme(body=body)).child("staged")

    (effect,) = staged.step(StepName.CALL, "acme").effects
    assert effect.kind is EffectKind.EARLY_PLATFORM
    assert effect.place.text == "vllm.platforms.current_platform"


def test_plugin_that_declines(workshop):
    """
    vLLM then chooses another platform, which is not described.
    """
    observation = workshop.observe(workshop.acme(body="return None"))

    active = observation.child("active")
    assert active.step(StepName.ACTIVATE).answer.is_plugin is False
    assert active.step(StepName.DESCRIBE).state is StepState.NOT_REACHED
    staged = observation.child("staged")
    assert staged.step(StepName.RESOLVE, "acme").state is StepState.NOT_REACHED


def test_entry_point_that_is_no_function(workshop):
    """
    What cannot be called is not called; the other entry points are.
    """
    plugin = workshop.acme(top="NOTHING = 5")
    points = (
        EntryPoint(group=Group.GENERAL, name="odd", value="acme_plugin:NOTHING"),
        EntryPoint(group=Group.PLATFORM, name="absent", value="acme_plugin:absent"),
        *plugin.entry_points,
        EntryPoint(group=Group.PLATFORM, name="value", value="acme_plugin:NOTHING"),
    )
    plugin = workshop.distribution("vllm-acme", points)

    observation = workshop.observe(plugin)

    staged = observation.child("staged")
    assert staged.step(StepName.LOAD, "absent").raised.type == "AttributeError"
    assert staged.step(StepName.LOAD, "value").answer.callable is False
    assert staged.step(StepName.CALL, "value").state is StepState.NOT_REACHED
    assert staged.step(StepName.INSTANTIATE, "acme").state is StepState.DONE
    active = observation.child("active")
    assert active.step(StepName.CALL, "odd").state is StepState.NOT_REACHED


def test_entry_point_that_is_not_installed(workshop):
    """
    What the parent was told and the child does not find is a result.
    """
    plugin = workshop.acme()
    points = (EntryPoint(group=Group.PLATFORM, name="other", value="acme_plugin:register"),)

    staged = workshop.observe(replace(plugin, entry_points=points)).child("staged")

    assert staged.step(StepName.LOAD, "other").raised.type == "LookupError"


def test_interpreter_that_does_not_start(workshop):
    """
    The children have no steps, and their end is told.
    """
    subject = replace(workshop.subject(workshop.acme()), python="/nowhere/python")

    observation = observe(subject)

    assert {child.cause for child in observation.children} == {Cause.OTHER}
    assert "could not start '/nowhere/python'" in observation.child("active").ended


def test_interruption_ends_all_children(workshop, monkeypatch):
    """
    Ctrl-C passes, and leaves no process behind.
    """

    def interrupt(contained):
        raise KeyboardInterrupt

    subject = workshop.subject(workshop.acme(body="while True: pass"))
    monkeypatch.setattr(Contained, "wait", interrupt)

    with pytest.raises(KeyboardInterrupt):
        observe(subject)

    assert workshop.left() == []


def test_compiled_file_that_cannot_be_loaded(workshop, tmp_path):
    """
    Without torch the install child cannot begin; each file is otherwise told by itself.
    """
    workshop.write({"torch.py": "__version__ = '2.0'"})
    files = {
        "text": "acme.so",
        "other_python": "acme.cpython-27-x86_64-linux-gnu.so",
        "absent": "absent.so",
        "other_machine": "other.so",
    }
    paths = {name: str(tmp_path / file) for name, file in files.items()}
    (tmp_path / "acme.so").write_text("no library")
    (tmp_path / "acme.cpython-27-x86_64-linux-gnu.so").touch()
    head = b"\x7fELF\x02\x01" + bytes(12) + (243).to_bytes(2, "little")
    (tmp_path / "other.so").write_bytes(head)
    subject = replace(workshop.subject(workshop.acme()), extensions=tuple(paths.values()))

    install = observe(subject).child("install")

    steps = {name: install.step(StepName.EXTENSION, path) for name, path in paths.items()}
    assert steps["text"].answer.loaded is False
    assert "another Python" in steps["other_python"].answer.error
    assert steps["absent"].raised.type == "FileNotFoundError"
    assert steps["other_machine"].answer.other_machine == "riscv"


def test_getters_are_class_paths_that_can_be_asked():
    """
    Members with arguments are left out, but for the attention backend.
    """
    names = getters_of(members_of("0.32.0"))

    assert "get_attn_backend_cls" in names
    assert "device_type" not in names


def test_target_in_an_environment(workshop, monkeypatch):
    """
    The plugin, its host and the host's members are found without importing any of them.
    """
    workshop.acme()
    monkeypatch.setenv("PYTHONPATH", workshop.subject(workshop.acme()).environment["PYTHONPATH"])

    target = find_target("vllm-acme", sys.executable)

    assert (target.plugin.name, target.host.version) == ("vllm-acme", "0.32.0")
    assert target.members


def test_target_without_a_host(workshop, monkeypatch):
    """
    The message says what can be done about it.
    """
    workshop.acme()
    monkeypatch.setenv("PYTHONPATH", str(workshop.site))

    with pytest.raises(HostError, match="no vLLM is installed beside vllm-acme"):
        find_target("vllm-acme", sys.executable)


@pytest.mark.parametrize("python", ["/nowhere/python", "true", "false"])
def test_interpreter_that_is_none(python):
    """
    It is named, with what it did.
    """
    with pytest.raises(UsageError, match="does not run as a Python interpreter"):
        import_path(python)
