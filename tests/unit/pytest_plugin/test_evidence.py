"""Who is charged for what the probe saw."""

import pytest

from hwcheck.model.observation import (
    Activated,
    Called,
    Child,
    Described,
    Effect,
    EffectKind,
    Loaded,
    MemberShape,
    Observation,
    Raised,
    Step,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.model.outcome import Cause, Place
from hwcheck.pytest_plugin.evidence import (
    CHARGED_TO,
    Evidence,
    is_vendor_library_missing,
    missing_library,
)
from hwcheck.pytest_plugin.verdicts import Broken, NotMeasured

LOADED = Loaded(type="function", callable=True)
PLACE = Place(file="acme/x.py", line=3)


def done(name, answer=None, subject="", **fields):
    return Step(name=name, subject=subject, state=StepState.DONE, answer=answer, **fields)


def raising(name, *, subject="", type="RuntimeError", message="boom", **raised):
    made = Raised(type=type, message=message, **raised)
    return Step(name=name, subject=subject, state=StepState.RAISED, raised=made)


def died(name, subject=""):
    return Step(name=name, subject=subject, state=StepState.DIED)


def child(name, *steps, **fields):
    plain = {"cause": None, "ended": "exit 0", "seconds": 1.0, "peak_bytes": 1, "tail": ""}
    return Child(name=name, steps=steps, **(plain | fields))


def evidence(*children, **fields):
    return Evidence(
        observation=Observation(children=children),
        platform_points=("acme",),
        own_modules=frozenset({"acme"}),
        **fields,
    )


def missing(module, **fields):
    message = f"No module named {module!r}"
    return raising(
        fields.pop("name", StepName.LOAD),
        type="ModuleNotFoundError",
        message=message,
        missing=module,
        **fields,
    )


NO_FILE = "libacme.so.1: cannot open shared object file: No such file or directory"


def test_judged_step_that_is_done_gives_its_answer():
    """
    The contract reads what the step answered.
    """
    seen = evidence(child("staged", done(StepName.LOAD, LOADED, "acme")))

    assert seen.judged("staged", StepName.LOAD, "acme", Loaded) is LOADED
    assert seen.needed("staged", StepName.LOAD, "acme", Loaded) is LOADED


@pytest.mark.parametrize(
    ("step", "cause"),
    [
        (raising(StepName.CALL, place=PLACE), Cause.RAISED),
        (raising(StepName.CALL, type="SystemExit", place=PLACE), Cause.EXITED),
        (raising(StepName.CALL, type="KeyboardInterrupt", place=PLACE), Cause.EXITED),
    ],
    ids=["raised", "exit", "interrupt"],
)
def test_judged_step_that_raised_breaks(step, cause):
    """
    The reason has type and message, and the place is the plugin's line.
    """
    seen = evidence(child("staged", step))

    with pytest.raises(Broken) as caught:
        seen.judged("staged", StepName.CALL, "", Called)

    assert caught.value.reason == f"{step.raised.type}: boom"
    assert (caught.value.cause, caught.value.place) == (cause, PLACE)


@pytest.mark.parametrize("cause", [Cause.KILLED_BY_SIGNAL, Cause.TIMED_OUT, None])
def test_judged_step_that_died_breaks_with_the_tail(cause):
    """
    How the process ended, and the end of its output, are in the outcome.
    """
    seen = evidence(
        child("staged", died(StepName.CALL), cause=cause, ended="killed by SIGSEGV", tail="oh no")
    )

    with pytest.raises(Broken, match="the process killed by SIGSEGV in step 'call'") as caught:
        seen.judged("staged", StepName.CALL, "", Called)

    assert (caught.value.cause, caught.value.tail) == (cause or Cause.OTHER, "oh no")


def test_needed_step_that_raised_names_the_broken_contract():
    """
    A contract that only builds on a step is not broken by its failure.
    """
    seen = evidence(child("staged", raising(StepName.CALL, message="boom\nmore")))

    with pytest.raises(NotMeasured) as caught:
        seen.needed("staged", StepName.CALL, "", Called)

    assert caught.value.blocked_by == "load.call"
    assert caught.value.reason == "step 'call' failed: RuntimeError: boom"


def test_needed_step_that_died_names_the_broken_contract():
    """
    A death is charged to the contract of its step.
    """
    seen = evidence(child("staged", died(StepName.CALL), cause=Cause.TIMED_OUT))

    with pytest.raises(NotMeasured, match="the process died in it") as caught:
        seen.needed("staged", StepName.CALL, "", Called)

    assert caught.value.blocked_by == "load.call"


@pytest.mark.parametrize(("key", "contract"), CHARGED_TO.items(), ids=str)
def test_failed_step_is_charged_to_its_contract(key, contract):
    """
    What comes after a failed step is blocked by the contract that the step breaks.
    """
    seen = evidence(child(key[0], raising(key[1])))

    with pytest.raises(NotMeasured) as caught:
        seen.needed(key[0], StepName.DESCRIBE, "", Described)

    assert caught.value.blocked_by == contract


def test_step_after_a_failure_is_blocked_by_it():
    """
    The first failure of the child is named, not the step that is missing.
    """
    seen = evidence(child("staged", done(StepName.IMPORT_HOST), raising(StepName.LOAD)))

    with pytest.raises(NotMeasured, match="step 'load' failed") as caught:
        seen.judged("staged", StepName.CALL, "", Called)

    assert caught.value.blocked_by == "load.entry-point"


@pytest.mark.parametrize("name", ["staged", "install"])
def test_host_that_cannot_be_imported_is_not_the_plugins_fault(name):
    """
    Where vLLM itself does not come up, the cause is the host.
    """
    seen = evidence(child(name, raising(StepName.IMPORT_HOST)))

    with pytest.raises(NotMeasured, match="vLLM itself cannot be imported") as caught:
        seen.judged(name, StepName.LOAD, "acme", Loaded)

    assert (caught.value.cause, caught.value.blocked_by) == (Cause.HOST, None)


def test_child_that_did_not_start_is_told():
    """
    A child without a step, and with a reason, has not started.
    """
    seen = evidence(child("staged", cause=Cause.OTHER, ended="could not start 'python'"))

    with pytest.raises(NotMeasured, match="did not start: could not start 'python'") as caught:
        seen.judged("staged", StepName.LOAD, "acme", Loaded)

    assert caught.value.cause is Cause.HOST


def test_child_that_ended_between_steps_is_told():
    """
    Without a failed step, the end of the child is the reason.
    """
    seen = evidence(
        child("staged", done(StepName.OPT_OUT), cause=Cause.CORRUPTED_REPLY, ended="wrote nonsense")
    )

    with pytest.raises(NotMeasured, match="the staged child wrote nonsense") as caught:
        seen.judged("staged", StepName.LOAD, "acme", Loaded)

    assert caught.value.cause is Cause.CORRUPTED_REPLY


def test_step_that_nobody_took_is_told():
    """
    A child that was not started at all leaves no reason but that.
    """
    with pytest.raises(NotMeasured, match="the step was not taken") as caught:
        evidence().judged("install", StepName.EXTENSION, "x.so", Loaded)

    assert caught.value.cause is Cause.BLOCKED


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (None, False),
        (missing("acmelib.core").raised, True),
        (missing("acme.gone").raised, False),
        (missing("vllm.moved").raised, False),
        (missing("torch_not").raised, True),
        (missing("torch").raised, False),
        (missing("distutils.util").raised, False),
        (missing("tkinter").raised, False),
        (raising(StepName.LOAD, type="ImportError", message=NO_FILE).raised, True),
        (raising(StepName.LOAD, type="OSError", message=NO_FILE).raised, True),
        (raising(StepName.LOAD, type="RuntimeError", message=NO_FILE).raised, False),
        (raising(StepName.LOAD, type="ImportError", message="cannot import name").raised, False),
    ],
)
def test_vendor_library_is_told_from_other_failures(raised, expected):
    """
    Absent modules and shared objects of somebody else's are a vendor's library.
    """
    assert is_vendor_library_missing(raised, frozenset({"acme"})) is expected


@pytest.mark.parametrize(
    "step",
    [missing("acmelib"), raising(StepName.LOAD, type="OSError", message=NO_FILE)],
    ids=["module", "shared-object"],
)
def test_absent_vendor_library_is_charged_once(step):
    """
    The contract on absent devices is broken; what builds on the step is blocked by it.
    """
    seen = evidence(child("staged", step))

    with pytest.raises(NotMeasured) as judged:
        seen.judged("staged", StepName.LOAD, "", Loaded)
    with pytest.raises(NotMeasured) as needed:
        seen.needed("staged", StepName.LOAD, "", Loaded)

    assert judged.value.cause is Cause.NO_DEVICE
    assert judged.value.blocked_by == needed.value.blocked_by == "load.absent-device"
    assert seen.unusable_library() == (step, step.raised)


def test_absent_library_in_an_active_child_breaks():
    """
    vLLM runs general entry points whatever there is, so a failure of theirs breaks.
    """
    seen = evidence(child("active", missing("acmelib", subject="acme_ops")))

    with pytest.raises(Broken, match="acmelib"):
        seen.judged("active", StepName.LOAD, "acme_ops", Loaded)


@pytest.mark.parametrize(
    ("staged", "contract"),
    [
        ((missing("acmelib", name=StepName.CALL),), "load.absent-device"),
        ((done(StepName.LOAD, LOADED), raising(StepName.RESOLVE)), "load.class-path"),
        ((died(StepName.INSTANTIATE),), "load.instantiate"),
        ((done(StepName.LOAD, LOADED),), "load.activate"),
        ((), "load.activate"),
    ],
)
def test_failed_activation_is_charged_to_the_stage_that_failed(staged, contract):
    """
    Activation repeats the stages in one go: the stage says more.
    """
    seen = evidence(child("staged", *staged), child("active", raising(StepName.ACTIVATE)))

    with pytest.raises(NotMeasured) as caught:
        seen.needed("active", StepName.DESCRIBE, "", Described)

    assert caught.value.blocked_by == contract == seen.activation_breach()


def test_exception_that_was_not_recorded_is_not_measured():
    """
    A step that raised nothing known breaks nothing.
    """
    step = Step(name=StepName.LOAD, state=StepState.RAISED)

    with pytest.raises(NotMeasured, match="not recorded") as caught:
        evidence(child("staged", step)).judged("staged", StepName.LOAD, "", Loaded)

    assert caught.value.cause is Cause.OTHER


def test_answer_of_another_kind_is_hwchecks_own_fault():
    """
    A wrong answer of the probe must not be charged to a plugin.
    """
    seen = evidence(child("staged", done(StepName.LOAD, LOADED)))

    with pytest.raises(TypeError, match="not Called"):
        seen.judged("staged", StepName.LOAD, "", Called)


def test_effect_that_two_children_saw_is_told_once():
    """
    The stage that had it first is named; other kinds are left out.
    """
    file = Effect(kind=EffectKind.FILE, subject="x", detail="opened")
    other = Effect(kind=EffectKind.THREAD, subject="t", detail="started")
    staged = done(StepName.LOAD, LOADED, effects=(file, other))
    active = done(StepName.ACTIVATE, effects=(file,))

    found = evidence(child("staged", staged), child("active", active)).effects(EffectKind.FILE)

    assert found == [("staged", staged, file)]


def test_missing_required_member_is_named_before_what_follows_from_it():
    """
    A platform without a member that all need fails everywhere; the member is named.
    """
    described = Described(type="acme.P", bases=(), members=())
    seen = evidence(
        child("active", done(StepName.DESCRIBE, described), raising(StepName.VALUE, subject="x")),
        required_members=("device_type",),
    )

    with pytest.raises(NotMeasured) as caught:
        seen.judged("active", StepName.VALUE, "x", Called)

    assert caught.value.blocked_by == "platform.override[device_type]"


def test_present_required_member_leaves_the_failure_where_it_is():
    """
    Where all required members are there, the member that failed is at fault.
    """
    member = MemberShape(name="device_type", kind="attribute", owner="acme.P", overridden=True)
    described = Described(type="acme.P", bases=(), members=(member,))
    seen = evidence(
        child("active", done(StepName.DESCRIBE, described), raising(StepName.VALUE, subject="x")),
        required_members=("device_type",),
    )

    with pytest.raises(Broken):
        seen.judged("active", StepName.VALUE, "x", Called)


def test_unmet_requirement_is_named_before_what_follows_from_it():
    """
    Past the entry points, a plugin may count on what it requires.
    """
    seen = evidence(
        child("active", missing("acmelib", name=StepName.VALUE)),
        unmet_requirements=("acmelib",),
    )

    with pytest.raises(NotMeasured, match="acmelib") as caught:
        seen.judged("active", StepName.VALUE, "", Called)

    assert caught.value.blocked_by == "install.requirement"


def test_activation_of_another_plugin_of_the_same_name_is_charged_to_the_name():
    """
    vLLM takes one of two plugins of a name; that it took the other is no failed activation.
    """
    activated = Activated(type="other.P", is_plugin=False)
    seen = evidence(child("active", done(StepName.ACTIVATE, activated)), shared_names=("acme",))

    assert seen.activation_breach() == "load.unique-name"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "StandIn", "type_bases": ("hwcheck.standins.answers.StandIn",)},
        {"type": "list", "items": ("x",), "item_types": ("StandIn",)},
    ],
)
def test_value_that_a_stand_in_gave_is_not_measured(fields):
    """
    It says nothing of what the vendor's library would have given.
    """
    value = ValueSeen(name="get_device_name", text="<hwcheck stand-in>", truth=False, **fields)
    seen = evidence(child("active", done(StepName.VALUE, value, "get_device_name")))

    with pytest.raises(NotMeasured) as unmeasured:
        seen.judged("active", StepName.VALUE, "get_device_name", ValueSeen)

    assert unmeasured.value.cause is Cause.NO_DEVICE


def test_device_that_torch_cannot_start_is_not_measured():
    """
    A member may use the device, which is not here.
    """
    trace = ("acme/x.py:3 in get", "torch/cuda/__init__.py:500 in _lazy_init")
    seen = evidence(child("active", raising(StepName.VALUE, subject="get", trace=trace)))

    with pytest.raises(NotMeasured) as unmeasured:
        seen.judged("active", StepName.VALUE, "get", ValueSeen)

    assert unmeasured.value.cause is Cause.NO_DEVICE


def test_vendor_is_known_to_be_absent():
    """
    A library that failed, a stand-in, and a plugin that declines all say that the vendor's is gone.
    """
    declining = done(StepName.CALL, Called(type="NoneType", text="None", value=None), "acme")
    choosing = done(StepName.CALL, Called(type="str", text="'a.B'", value="a.B"), "acme")

    assert evidence(child("staged", missing("acme_sdk", subject="acme"))).is_without_vendor()
    assert evidence(child("staged", choosing), stubbed=("acme_sdk",)).is_without_vendor()
    assert evidence(child("staged", declining)).is_without_vendor()
    assert not evidence(child("staged", choosing)).is_without_vendor()
    assert not evidence(child("staged")).is_without_vendor()


def test_missing_library_is_told_from_other_failures():
    """
    Only what the dynamic loader did not find has a name; a symbol that is missing has none.
    """
    assert missing_library(NO_FILE) == "libacme.so.1"
    assert missing_library("acme/_C.so: undefined symbol: _x") is None
