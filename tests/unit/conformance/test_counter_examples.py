"""Each contract of the suite: kept by a conforming observation, broken by one changed field."""

import importlib
import pkgutil
from dataclasses import replace
from pathlib import Path

import pytest

import hwcheck_conformance
from hwcheck.model.observation import (
    WITH_MODEL,
    Effect,
    EffectKind,
    Parameter,
    Raised,
    StepName,
)
from hwcheck.model.outcome import Cause
from hwcheck.model.plugin import Problem, ProblemKind
from hwcheck.pytest_plugin.cases import CASES
from hwcheck.pytest_plugin.verdicts import Broken, NotApplicable, NotMeasured
from hwcheck_conformance import contracts

POINT, GENERAL = "acme", "acme_ops"
HERE = Path(__file__).parent
SO = str(HERE / "site/acme/_C.abi3.so")
FIRMWARE = str(HERE / "site/acme/firmware.so")
BASE = "vllm.platforms.interface.Platform"
GPU_WORKER = "vllm.v1.worker.gpu_worker.Worker"
#: Cases that pytest gives by marks of its own.
MARKED = {
    "expression": "device_type",
    "dtype": "torch.float32",
    "method": "load_model",
    "order": "llm-first",
}


def all_tests():
    found = {}
    for module in pkgutil.iter_modules(hwcheck_conformance.__path__):
        if module.name.startswith("test_"):
            tests = vars(importlib.import_module(f"hwcheck_conformance.{module.name}"))
            for name, test in tests.items():
                if name.startswith("test_"):
                    mark = next(item for item in test.pytestmark if item.name == "contract")
                    # What a child judges by itself is proven by faults, in tests/faults.
                    if not mark.args[0].examined_in:
                        found[mark.args[0].id] = test
    return found


TESTS = all_tests()


def arguments(test, world):
    """The first value of each argument that pytest would give a case of."""
    names = test.__code__.co_varnames[: test.__code__.co_argcount]
    cased = {name: CASES[name][0](world.target) for name in names if name in CASES}
    given = {name: values[0] for name, values in cased.items() if values}
    return given | {name: value for name, value in MARKED.items() if name in names}


def effect(kind, subject="THING"):
    return Effect(kind=kind, subject=subject, detail="changed")


def fails(child, name, subject="", **raised):
    return lambda world: world.fail(child, name, subject, **raised)


def answers(child, name, subject="", **changes):
    return lambda world: world.answer(child, name, subject, **changes)


def leaves(kind, subject="THING"):
    return lambda world: world.effect(effect(kind, subject))


def harms(harm):
    made = replace(effect(EffectKind.SIGNAL_HANDLER), harm=harm)
    return lambda world: world.effect(made, "life", StepName.ACTIVATE, "")


def patched(subject="", **changes):
    """Change the patch that is in place, or that is found when the plugin is called again."""

    def change(world):
        (patch,) = world.steps["life", StepName.PATCHES, ""].answer.patches
        made = (replace(patch, **changes),)
        world.answer("life", StepName.PATCHES, subject, patches=made)

    return change


def files(**changes):
    def change(world):
        world.target = replace(world.target, files=replace(world.target.files, **changes))

    return change


def plugin(**changes):
    def change(world):
        world.target = replace(world.target, plugin=replace(world.target.plugin, **changes))

    return change


def child(name, **changes):
    return lambda world: world.children.update({name: changes})


def given(change=lambda world: None, **cases):
    def choose(world):
        world.arguments.update(cases)
        change(world)

    return choose


def shape(name, **changes):
    return lambda world: world.shape(name, **changes)


def worker(**changes):
    def change(world):
        seen = world.steps["active", StepName.CONFIGURE, ""].answer
        made = replace(seen.worker, **changes)
        world.answer("active", StepName.CONFIGURE, worker=made)

    return change


def problem(kind):
    def change(world):
        made = Problem(kind=kind, subject="acme", detail="it is wrong", remedy="")
        world.target = replace(world.target, problems=(made,))

    return change


def lacks_requirement(world):
    plugin(requirements=("hwcheck-nothing>=1",))(world)
    world.arguments["requirement_name"] = "hwcheck-nothing"


NO_WORKER = answers("active", StepName.CONFIGURE, worker=None, worker_class="auto")


def with_model(change):
    """Leave the worker open without a model, and let the step with one end in some way."""

    def choose(world):
        bare = world.steps["active", StepName.CONFIGURE, ""]
        world.steps["active", StepName.CONFIGURE, WITH_MODEL] = replace(bare, subject=WITH_MODEL)
        NO_WORKER(world)
        change(world)

    return choose


def chosen(world):
    """The worker is set."""


def refused(world):
    world.fail("active", StepName.CONFIGURE, WITH_MODEL, type="ValidationError", message="no")


def crashed(world):
    world.fail("active", StepName.CONFIGURE, WITH_MODEL, type="KeyError")


WITH_CRASH = with_model(crashed)

ABSENT = {"type": "ModuleNotFoundError", "message": "No module named 'acmelib'"}
ONE = (Parameter(name="device", kind="POSITIONAL_OR_KEYWORD", has_default=False),)

#: Contract, the one thing that is changed, and a word of the reason.
BREACHES = [
    ("install.metadata", problem(ProblemKind.BROKEN_METADATA), "it is wrong"),
    ("install.requirement", lacks_requirement, "hwcheck-nothing>=1 is required"),
    ("install.host-pin", plugin(host_requirements=("vllm==0.29.0",)), "vllm 0.30.0 is installed"),
    ("install.files", files(missing=("acme/gone.py",)), "acme/gone.py"),
    (
        "install.compiled-modules",
        files(root=str(HERE / "site_without_operators")),
        "not installed: acme._C",
    ),
    ("install.wheel-tag", files(wheel_tags=("cp27-cp27m-win32",)), "cp27-cp27m-win32"),
    (
        "install.extension",
        answers("install", StepName.EXTENSION, SO, loaded=False, error="libacme.so: cannot open"),
        "libacme.so",
    ),
    (
        "install.extension",
        answers("install", StepName.EXTENSION, SO, loaded=False, error="undefined symbol: _c10x"),
        "another torch",
    ),
    (
        "install.extension",
        answers("install", StepName.EXTENSION, SO, loaded=False, other_machine="AArch64"),
        "AArch64",
    ),
    ("load.entry-point", fails("staged", StepName.LOAD, POINT, message="boom"), "boom"),
    (
        "load.entry-point",
        lambda world: world.kill(
            "staged",
            StepName.LOAD,
            POINT,
            cause=Cause.KILLED_BY_SIGNAL,
            ended="killed by SIGSEGV",
        ),
        "killed by SIGSEGV",
    ),
    (
        "load.entry-point",
        given(fails("active", StepName.LOAD, GENERAL, message="boom"), point=GENERAL),
        "boom",
    ),
    (
        "load.callable",
        answers("staged", StepName.LOAD, POINT, callable=False, type="str"),
        "object of type str",
    ),
    ("load.call", fails("staged", StepName.CALL, POINT, message="boom"), "boom"),
    (
        "load.answer",
        answers("staged", StepName.CALL, POINT, type="int", text="7", value=None),
        "it answers 7",
    ),
    ("load.answer", answers("staged", StepName.CALL, POINT, value="Nodots"), "'Nodots'"),
    ("load.answer", answers("staged", StepName.CALL, POINT, value="a..B"), "'a..B'"),
    ("load.answer", answers("staged", StepName.CALL, POINT, value="a.b:C"), "'a.b:C'"),
    (
        "load.reentrant",
        answers("staged", StepName.CALL_AGAIN, POINT, text="None", type="NoneType", value=None),
        "when called again",
    ),
    (
        "load.class-path",
        answers("staged", StepName.RESOLVE, POINT, is_class=False, type="function"),
        "not a class",
    ),
    ("load.instantiate", fails("staged", StepName.INSTANTIATE, POINT, message="boom"), "boom"),
    (
        "load.activate",
        answers("active", StepName.ACTIVATE, is_plugin=False, type="vllm.CpuPlatform"),
        "vLLM chose vllm.CpuPlatform",
    ),
    (
        "load.absent-device",
        fails("staged", StepName.LOAD, POINT, missing="acmelib", **ABSENT),
        "instead of answering None",
    ),
    ("load.opt-out", answers("staged", StepName.OPT_OUT, modules=("acme",)), "acme"),
    (
        "load.opt-out",
        fails("staged", StepName.IMPORT_HOST, message="boom", in_plugin=True),
        "boom",
    ),
    ("load.unique-name", problem(ProblemKind.DUPLICATE_NAME), "it is wrong"),
    ("load.early-platform", leaves(EffectKind.EARLY_PLATFORM), "THING"),
    ("load.device-context", leaves(EffectKind.DEVICE_CONTEXT), "THING"),
    ("load.output", leaves(EffectKind.OUTPUT), "THING"),
    ("load.environment", leaves(EffectKind.ENVIRONMENT), "THING"),
    ("load.files", leaves(EffectKind.FILE), "THING"),
    ("load.leftovers", leaves(EffectKind.THREAD), "THING"),
    ("load.leftovers", child("active", left_processes=("sleep 60",)), "sleep 60"),
    ("load.leftovers", child("staged", cause=Cause.FORKED, ended="a copy went on"), "a copy"),
    ("load.spawn", answers("active", StepName.SPAWN, type="vllm.Cpu"), "spawned process vllm.Cpu"),
    ("load.fork", answers("active", StepName.FORK, type="vllm.Cpu"), "forked process vllm.Cpu"),
    ("load.nested", answers("active", StepName.NESTED, type="vllm.Cpu"), "it has vllm.Cpu"),
    (
        "load.import-order",
        answers("life", StepName.IMPORT_ORDER, "llm-first", type="vllm.Cpu"),
        "it has vllm.Cpu",
    ),
    (
        "load.import-order",
        fails("life", StepName.IMPORT_ORDER, "llm-first", message="half", in_plugin=True),
        "half",
    ),
    ("load.inspection", fails("life", StepName.INSPECT, message="gone", in_plugin=True), "gone"),
    ("load.repeat", fails("life", StepName.CALL_AGAIN, GENERAL, message="twice"), "twice"),
    ("load.process-state", harms("SIGINT is gone"), "THING: changed: SIGINT is gone"),
    (
        "load.process-state",
        answers("life", StepName.EXIT, failures=(Raised(type="OSError", message="closed"),)),
        "an exit handler fails: OSError: closed",
    ),
    ("patch.collision", patched(collision="acme.first"), "it replaces acme.first"),
    ("patch.signature", patched(refused="'x' as a keyword"), "no longer accepts 'x' as a keyword"),
    ("patch.repeat", patched(wrapped_again=True), "is wrapped once more by acme.run"),
    ("patch.repeat", patched("again", wrapped_again=True), "is wrapped once more by acme.run"),
    (
        "platform.base",
        answers("active", StepName.DESCRIBE, bases=("acme.P", "builtins.object")),
        "derives from builtins.object",
    ),
    (
        "platform.override",
        given(shape("device_type", kind="missing"), override_name="device_type"),
        "device_type is not defined",
    ),
    (
        "platform.member",
        given(shape("is_rocm", kind="attribute", parameters=None), member_name="is_rocm"),
        "vLLM calls it",
    ),
    (
        "platform.member",
        given(shape("device_type", kind="method"), member_name="device_type"),
        "gets a bound method",
    ),
    (
        "platform.member",
        given(
            answers("active", StepName.VALUE, "device_type", string=""), member_name="device_type"
        ),
        "non-empty str",
    ),
    (
        "platform.member",
        given(
            lambda world: world.answer("active", StepName.DESCRIBE, bases=("acme.P",), members=()),
            member_name="is_rocm",
        ),
        "has no is_rocm",
    ),
    (
        "platform.signature",
        given(shape("set_device", parameters=()), method_name="set_device"),
        "set_device: vLLM calls it with",
    ),
    (
        "platform.signature",
        given(shape("set_device", parameters=ONE, is_async=True), method_name="set_device"),
        "does not await",
    ),
    (
        "platform.device",
        answers("active", StepName.DEVICE, "device_type", accepted=False, error="unknown"),
        "unknown",
    ),
    (
        "platform.dtype",
        answers("active", StepName.DTYPE, "torch.float32", worked=False, error="inexact"),
        "inexact",
    ),
    (
        "platform.class-path",
        given(
            answers("active", StepName.CLASS_PATH, "get_punica_wrapper", bases=()),
            getter="get_punica_wrapper",
        ),
        "does not derive from",
    ),
    (
        "platform.class-path",
        given(
            answers(
                "active", StepName.CLASS_PATH, "get_punica_wrapper", is_class=False, path="x.y"
            ),
            getter="get_punica_wrapper",
        ),
        "names no class",
    ),
    (
        "platform.concrete",
        given(
            answers("active", StepName.CLASS_PATH, "get_punica_wrapper", abstract=("add_lora",)),
            class_case="get_punica_wrapper",
        ),
        "leaves abstract: add_lora",
    ),
    (
        "platform.concrete",
        given(
            answers("active", StepName.CLASS_PATH, "get_punica_wrapper", constructor=()),
            class_case="get_punica_wrapper",
        ),
        "vLLM constructs it with",
    ),
    (
        "platform.concrete",
        given(
            answers(
                "active",
                StepName.CLASS_PATH,
                "get_attn_backend_cls.get_impl_cls",
                is_class=False,
            ),
            class_case="get_attn_backend_cls.get_impl_cls",
        ),
        "which is no class",
    ),
    (
        "platform.override",
        given(
            lambda world: (
                world.shape("manual_seed_all", owner=BASE),
                worker(bases=(GPU_WORKER,))(world),
            ),
            override_name="manual_seed_all",
        ),
        "manual_seed_all is not defined",
    ),
    ("worker.base", answers("active", StepName.CONFIGURE, worker=None), "worker_cls"),
    ("worker.base", worker(bases=("acme.worker.AcmeWorker",)), "does not derive from"),
    ("worker.base", worker(constructor=()), "vLLM constructs it with"),
    ("worker.method", answers("active", StepName.CONFIGURE, methods=()), "no load_model()"),
    ("worker.base", WITH_CRASH, "KeyError"),
    (
        "worker.method",
        given(
            answers("active", StepName.VALUE, "is_sleep_mode_available", truth=True),
            method="sleep",
        ),
        "promises",
    ),
]


def end_of(world, test):
    """How a test of the suite ended, ``None`` when it passed."""
    try:
        world.call(test)
    except (Broken, NotApplicable, NotMeasured) as verdict:
        return verdict
    return None


@pytest.mark.parametrize("contract", sorted(TESTS))
def test_conforming_observation_keeps(world, contract):
    """
    Nothing is broken, and nothing is unmeasured, by a plugin that does as it should.
    """
    test = TESTS[contract]
    world.arguments = arguments(test, world)

    verdict = end_of(world, test)

    assert verdict is None


@pytest.mark.parametrize(
    ("contract", "change", "word"),
    BREACHES,
    ids=[f"{item[0]}-{place}" for place, item in enumerate(BREACHES)],
)
def test_changed_observation_breaks(world, contract, change, word):
    """
    One changed field breaks the contract, and the reason tells it.
    """
    test = TESTS[contract]
    world.arguments = arguments(test, world)
    change(world)

    with pytest.raises(Broken) as caught:
        world.call(test)

    assert word in caught.value.reason


NO_DEVICE = answers("staged", StepName.CALL, POINT, type="NoneType", text="None", value=None)
DEAD_LOAD = fails("staged", StepName.LOAD, POINT, message="boom")
NOT_OFFERED = fails("active", StepName.CLASS_PATH, "get_punica_wrapper", type="NotImplementedError")
FOREIGN = "other/bin/python"


def settings(**changes):
    def change(world):
        conditions = replace(world.settings.conditions, **changes)
        world.settings = replace(world.settings, conditions=conditions)

    return change


def host(version):
    def change(world):
        world.target = replace(world.target, host=replace(world.target.host, version=version))

    return change


def inherited_and_raising(name):
    def change(world):
        world.fail("active", StepName.VALUE, name, type="NotImplementedError")
        world.shape(name, overridden=False, owner=BASE)

    return change


def path_step(getter, **changes):
    return given(
        answers("active", StepName.CLASS_PATH, getter, is_class=False, **changes), getter=getter
    )


def forget(child, name, subject=""):
    return lambda world: world.steps.pop((child, name, subject))


def no_library(name, *, without_vendor):
    """Let a compiled file lack a library, where the plugin's own is there or not."""

    def change(world):
        error = f"{name}: cannot open shared object file: No such file or directory"
        world.answer("install", StepName.EXTENSION, SO, loaded=False, error=error)
        if without_vendor:
            gone = {"type": "ModuleNotFoundError", "message": "", "missing": "torch_acme"}
            world.fail("staged", StepName.RESOLVE, POINT, **gone)

    return change


#: Contract, change, verdict, and what blocked it or a word of the reason.
OTHERS = [
    ("install.extension", no_library("librun.so", without_vendor=True), NotMeasured, "librun.so"),
    ("install.extension", no_library("librun.so", without_vendor=False), Broken, "librun.so"),
    ("install.extension", no_library("_C.abi3.so", without_vendor=True), Broken, "_C.abi3.so"),
    ("install.host-pin", plugin(host_requirements=()), NotApplicable, "does not say"),
    ("install.compiled-modules", files(root="nowhere"), NotApplicable, "no compiled module"),
    ("install.files", files(has_record=False), NotApplicable, "without a record"),
    ("install.files", files(is_editable=True), NotApplicable, "editable"),
    ("install.wheel-tag", files(wheel_tags=()), NotApplicable, "not installed from a wheel"),
    ("install.wheel-tag", settings(python=FOREIGN), NotApplicable, "another interpreter"),
    (
        "install.extension",
        given(
            lambda world: (
                files(compiled=("acme/firmware.so",))(world),
                world.steps.update(
                    {
                        ("install", StepName.EXTENSION, FIRMWARE): replace(
                            world.steps["install", StepName.EXTENSION, SO],
                            subject=FIRMWARE,
                        )
                    }
                ),
                world.answer(
                    "install",
                    StepName.EXTENSION,
                    FIRMWARE,
                    loaded=False,
                    other_machine="Xtensa",
                ),
            ),
            compiled_file="acme/firmware.so",
        ),
        NotApplicable,
        "made for Xtensa",
    ),
    ("load.callable", DEAD_LOAD, NotMeasured, "load.entry-point"),
    ("load.call", DEAD_LOAD, NotMeasured, "load.entry-point"),
    ("load.activate", DEAD_LOAD, NotMeasured, "load.entry-point"),
    (
        "load.call",
        answers("staged", StepName.LOAD, POINT, callable=False),
        NotMeasured,
        "load.callable",
    ),
    (
        "load.answer",
        answers("staged", StepName.LOAD, POINT, callable=False),
        NotMeasured,
        "load.callable",
    ),
    ("load.class-path", NO_DEVICE, NotMeasured, "its device is not here"),
    ("load.activate", NO_DEVICE, NotMeasured, "its device is not here"),
    ("platform.base", NO_DEVICE, NotMeasured, "its device is not here"),
    (
        "load.class-path",
        answers("staged", StepName.CALL, POINT, value="Nodots"),
        NotMeasured,
        "load.answer",
    ),
    (
        "load.instantiate",
        answers("staged", StepName.RESOLVE, POINT, is_class=False),
        NotMeasured,
        "load.class-path",
    ),
    (
        "load.activate",
        fails("staged", StepName.INSTANTIATE, POINT, message="boom"),
        NotMeasured,
        "load.instantiate",
    ),
    (
        "load.output",
        fails("staged", StepName.IMPORT_HOST, message="boom"),
        None,
        "",
    ),
    (
        "platform.base",
        answers("active", StepName.ACTIVATE, is_plugin=False),
        NotMeasured,
        "load.activate",
    ),
    ("platform.base", plugin(entry_points=()), NotApplicable, "no platform entry point"),
    (
        "platform.member",
        given(shape("device_type", kind="missing"), member_name="device_type"),
        NotMeasured,
        "platform.override",
    ),
    (
        "platform.member",
        given(shape("is_rocm", kind="missing"), member_name="is_rocm"),
        NotApplicable,
        "does not have it either",
    ),
    (
        "platform.signature",
        given(shape("set_device", owner=BASE), method_name="set_device"),
        NotApplicable,
        "inherited",
    ),
    (
        "platform.signature",
        given(shape("set_device", kind="attribute", parameters=None), method_name="set_device"),
        NotMeasured,
        "platform.member",
    ),
    ("platform.device", shape("device_type", kind="missing"), NotMeasured, "platform.override"),
    (
        "platform.dtype",
        fails("active", StepName.VALUE, "supported_dtypes"),
        NotMeasured,
        "platform.member",
    ),
    ("platform.dtype", given(dtype="torch.float16"), NotApplicable, "not among the supported"),
    ("platform.class-path", given(NOT_OFFERED, getter="get_punica_wrapper"), NotApplicable, ""),
    (
        "platform.concrete",
        given(NOT_OFFERED, class_case="get_punica_wrapper"),
        NotApplicable,
        "NotImplementedError",
    ),
    ("platform.class-path", path_step("get_punica_wrapper", path=""), NotApplicable, "answers ''"),
    (
        "platform.class-path",
        path_step("get_compile_backend", path="inductor"),
        NotApplicable,
        "names the backend 'inductor'",
    ),
    (
        "platform.concrete",
        given(
            answers(
                "active", StepName.CLASS_PATH, "get_punica_wrapper", is_class=False, path="x.y"
            ),
            class_case="get_punica_wrapper",
        ),
        NotMeasured,
        "platform.class-path",
    ),
    ("worker.method", NO_WORKER, NotMeasured, "worker.base"),
    ("worker.method", given(method="execute_dummy_batch"), NotApplicable, "data parallelism"),
    (
        "worker.method",
        given(host("0.10.0"), method="sample_tokens"),
        NotApplicable,
        "since 0.12.0",
    ),
    ("load.answer", NO_DEVICE, None, ""),
    (
        "platform.override",
        given(shape("manual_seed_all", owner=BASE), override_name="manual_seed_all"),
        NotApplicable,
        "own worker",
    ),
    (
        "platform.member",
        given(shape("is_rocm", kind="attribute"), member_name="is_rocm"),
        None,
        "",
    ),
    (
        "platform.member",
        given(shape("set_device", base_kind="missing"), member_name="set_device"),
        None,
        "",
    ),
    (
        "platform.member",
        given(inherited_and_raising("can_update_inplace"), member_name="can_update_inplace"),
        NotApplicable,
        "inherited from the host",
    ),
    (
        "platform.dtype",
        lambda world: (
            world.answer("active", StepName.DTYPE, "torch.float32", worked=False, error="no"),
            world.shape("device_type", kind="missing"),
        ),
        NotMeasured,
        "platform.override",
    ),
    (
        "platform.concrete",
        given(class_case="get_attn_backend_cls.get_impl_cls"),
        None,
        "",
    ),
    (
        "platform.class-path",
        given(
            lambda world: (
                world.fail("active", StepName.CLASS_PATH, "get_punica_wrapper", type="TypeError"),
                world.shape("get_punica_wrapper", parameters=ONE),
            ),
            getter="get_punica_wrapper",
        ),
        NotMeasured,
        "platform.signature",
    ),
    ("load.fork", forget("active", StepName.FORK), NotMeasured, "not taken"),
    (
        "platform.dtype",
        answers(
            "active",
            StepName.DTYPE,
            "torch.float32",
            worked=False,
            error="no such device",
            device_answers=False,
        ),
        NotMeasured,
        "gives no memory",
    ),
    (
        "platform.device",
        given(answers("active", StepName.VALUE, "is_xpu", truth=True), expression="device_name"),
        NotApplicable,
        "out-of-tree platforms only",
    ),
    (
        "platform.device",
        given(
            answers("active", StepName.VALUE, "is_out_of_tree", truth=False),
            expression="device_name",
        ),
        NotApplicable,
        "out-of-tree platforms only",
    ),
    ("worker.base", with_model(refused), NotMeasured, "refuses hwcheck's tiny Llama"),
    ("worker.base", with_model(chosen), None, ""),
    ("worker.method", with_model(chosen), None, ""),
    ("worker.method", with_model(crashed), NotMeasured, "worker.base"),
]


@pytest.mark.parametrize(
    ("contract", "change", "kind", "word"),
    OTHERS,
    ids=[f"{item[0]}-{place}" for place, item in enumerate(OTHERS)],
)
def test_observation_that_says_nothing_charges_nothing(world, contract, change, kind, word):
    """
    What does not apply, and what another breach hides, is told from what is broken.
    """
    test = TESTS[contract]
    world.arguments = arguments(test, world)
    change(world)

    verdict = end_of(world, test)

    assert type(verdict) is (kind or type(None))
    if verdict is not None:
        assert word in f"{getattr(verdict, 'blocked_by', '')} {verdict.reason}"


@pytest.mark.parametrize(
    ("contract", "change", "allowed"),
    [
        ("load.environment", leaves(EffectKind.ENVIRONMENT, "ACME"), settings(announced=("ACME",))),
        ("load.files", leaves(EffectKind.FILE, "$TMPDIR/x"), settings()),
        ("load.output", leaves(EffectKind.ENVIRONMENT), settings()),
    ],
    ids=["announced", "temporary", "other-kind"],
)
def test_effect_that_is_allowed_breaks_nothing(world, contract, change, allowed):
    """
    Announced variables, temporary files and effects of another kind are no breach.
    """
    change(world)
    allowed(world)

    assert end_of(world, TESTS[contract]) is None


def test_failure_outside_the_plugin_is_the_hosts(world):
    """
    Where no line of the plugin's takes part, another order of imports fails by itself.
    """
    world.arguments["order"] = "llm-first"
    world.fail("life", StepName.IMPORT_ORDER, "llm-first", message="no diskcache")

    verdict = end_of(world, TESTS["load.import-order"])

    assert isinstance(verdict, NotMeasured)
    assert verdict.cause is Cause.HOST


def test_inspection_beside_a_general_plugin_that_fails_anyway(world):
    """
    What fails in every process is charged to the call alone.
    """
    world.fail("life", StepName.INSPECT, in_plugin=True)
    world.fail("life", StepName.CALL, GENERAL, in_plugin=True)

    assert end_of(world, TESTS["load.inspection"]).blocked_by == "load.call"


def test_exit_handlers_of_the_plugin_that_do_not_end(world):
    """
    They are charged to a plugin that registered one.
    """
    world.effect(effect(EffectKind.EXIT_HANDLER), "life", StepName.ACTIVATE, "")
    world.kill("life", StepName.EXIT, ended="timed out", cause=Cause.TIMED_OUT)

    verdict = end_of(world, TESTS["load.process-state"])

    assert "come to no end" in verdict.reason


def test_plugin_without_patches_is_not_asked_about_them(world):
    """
    The contracts of patches are about those that there are.
    """
    world.answer("life", StepName.PATCHES, patches=())

    for name in ("patch.collision", "patch.signature", "patch.repeat"):
        assert isinstance(end_of(world, TESTS[name]), NotApplicable)


def test_nested_process_after_a_spawned_one_that_failed(world):
    """
    What the outer process found already is charged to it alone.
    """
    world.answer("active", StepName.SPAWN, type="vllm.Cpu")

    assert end_of(world, TESTS["load.nested"]).blocked_by == "load.spawn"


def test_many_effects_are_counted(world):
    """
    The reason shows five of them and says how many more there are.
    """
    step = world.steps["staged", StepName.LOAD, POINT]
    found = tuple(effect(EffectKind.FILE, f"file-{n}") for n in range(7))
    world.steps["staged", StepName.LOAD, POINT] = replace(step, effects=found)

    verdict = end_of(world, TESTS["load.files"])

    assert verdict.reason.endswith("; and 2 more")


def test_effects_of_a_plugin_that_never_loaded_are_not_measured(world):
    """
    What was never loaded has not been shown to be clean.
    """
    world.kill("staged", StepName.IMPORT_HOST, ended="timed out", cause=Cause.TIMED_OUT)
    world.kill("active", StepName.IMPORT_HOST, ended="timed out", cause=Cause.TIMED_OUT)

    verdict = end_of(world, TESTS["load.output"])

    assert isinstance(verdict, NotMeasured)
    assert verdict.cause is Cause.HOST


def test_every_contract_has_a_counter_example():
    """
    A contract that nothing can break checks nothing.
    """
    judged_here = {item.id for item in contracts.ALL if not item.examined_in}
    assert {item[0] for item in BREACHES} == judged_here == set(TESTS)
