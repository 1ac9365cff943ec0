"""The observation of a plugin that keeps every contract, to be changed in one place at a time."""

import sys
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from hwcheck.discover.files import InstalledFiles
from hwcheck.hosts.members import Member, members_of
from hwcheck.model.observation import (
    Activated,
    Called,
    Child,
    ClassSeen,
    Configured,
    Described,
    DeviceSeen,
    DtypeSeen,
    ExitSeen,
    ExtensionSeen,
    HostSeen,
    Loaded,
    MemberShape,
    Observation,
    OptOut,
    Parameter,
    ProcessSeen,
    Raised,
    Step,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.model.patch import Inventory, Original, Patch, PatchKind
from hwcheck.model.plugin import EntryPoint, Group, Host, Origin, Plugin
from hwcheck.observe.conditions import Conditions
from hwcheck.observe.observe import getters_of
from hwcheck.observe.target import Target
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.options import Settings

VERSION = "0.30.0"
POINT, GENERAL = "acme", "acme_ops"
PATH = "acme.platform.AcmePlatform"
BASE = "vllm.platforms.interface.Platform"
WORKER_BASE = "vllm.v1.worker.worker_base.WorkerBase"
METHODS = (
    "compile_or_warm_up_model",
    "determine_available_memory",
    "execute_model",
    "get_kv_cache_spec",
    "get_supported_tasks",
    "init_device",
    "initialize_from_config",
    "load_model",
    "sample_tokens",
)

ANYTHING = (
    Parameter(name="arguments", kind="VAR_POSITIONAL", has_default=False),
    Parameter(name="keywords", kind="VAR_KEYWORD", has_default=False),
)

#: A value that satisfies each rule of the members table.
VALUES = {
    "any": {"type": "object"},
    "bool": {"type": "bool", "truth": False},
    "str": {"type": "str", "string": ""},
    "non-empty str": {"type": "str", "string": "cpu"},
    "int > 0": {"type": "int", "number": 1},
    "int > 0 or None": {"type": "NoneType"},
    "None": {"type": "NoneType"},
    "dict": {"type": "dict", "type_bases": ("builtins.dict",)},
    "list[str]": {"type": "list", "type_bases": ("builtins.list",), "items": ()},
    "list[torch.dtype], non-empty": {
        "type": "list",
        "type_bases": ("builtins.list",),
        "items": ("torch.float32",),
        "item_types": ("dtype",),
    },
    "torch.dtype": {"type": "dtype", "type_bases": ("torch.dtype",)},
    "PlatformEnum": {"type": "PlatformEnum", "type_bases": (f"{BASE}Enum",)},
    "DeviceCapability or None": {"type": "NoneType"},
}

#: A patch that is as it should be.
PATCH = Patch(
    target="vllm.engine.run",
    kind=PatchKind.FUNCTION,
    before="vllm.engine.run",
    after="acme.run",
    step="activate",
    original=Original.KEPT,
)

#: The installed files of the plugin.
ROOT = str(Path(__file__).parent / "site")


def value(name, rule, **changes):
    return ValueSeen(**({"name": name, "text": "...", "truth": True} | VALUES[rule] | changes))


def class_seen(path, *bases, **changes):
    return ClassSeen(
        **({"path": path, "is_class": True, "type": path, "bases": (path, *bases)} | changes)
    )


def shape(member: Member, **changes) -> MemberShape:
    kind = "attribute" if member.kind == "undefined" else member.kind
    made = MemberShape(
        name=member.name,
        kind=kind,
        owner=PATH,
        overridden=True,
        base_kind=member.kind,
        # What takes everything accepts every call.
        parameters=ANYTHING if kind.endswith("method") else None,
    )
    return replace(made, **changes)


@dataclass
class World:
    """What a test of the suite is given."""

    target: Target
    settings: Settings
    steps: dict[tuple[str, StepName, str], Step]
    children: dict[str, dict[str, object]] = field(default_factory=dict)
    #: Arguments that the parametrised cases take.
    arguments: dict[str, str] = field(default_factory=dict)

    def answer(self, child, name, subject="", **changes):
        """Change fields of an answer."""
        key = (child, name, subject)
        self.steps[key] = replace(
            self.steps[key], answer=replace(self.steps[key].answer, **changes)
        )

    def fail(self, child, name, subject="", *, type="RuntimeError", message="no", **raised):
        """Let a step raise; the steps of its child that would come later remain."""
        self.steps[child, name, subject] = Step(
            name=name,
            subject=subject,
            state=StepState.RAISED,
            raised=Raised(type=type, message=message, **raised),
        )

    def kill(self, child, name, subject="", **how):
        """Let a child die in a step."""
        keys = list(self.steps)
        for key in keys[keys.index((child, name, subject)) :]:
            if key[0] == child:
                del self.steps[key]
        self.steps[child, name, subject] = Step(name=name, subject=subject, state=StepState.DIED)
        self.children.setdefault(child, {}).update(how)

    def effect(self, effect, child="staged", name=StepName.LOAD, subject=POINT):
        """Let a step leave something behind."""
        key = (child, name, subject)
        self.steps[key] = replace(self.steps[key], effects=(effect,))

    def shape(self, name, **changes):
        """Change fields of a member's shape."""
        key = ("active", StepName.DESCRIBE, "")
        members = tuple(
            replace(item, **changes) if item.name == name else item
            for item in self.steps[key].answer.members
        )
        self.answer(*key, members=members)

    def evidence(self):
        """Make the evidence."""
        names = sorted({child for child, _, _ in self.steps} | set(self.children))
        return Evidence(
            observation=Observation(children=tuple(map(self._child, names))),
            platform_points=tuple(p.name for p in self.target.plugin.of_group(Group.PLATFORM)),
            own_modules=frozenset({"acme"}),
        )

    def call(self, test):
        """Call a test of the suite with what it asks for."""
        given = {
            "evidence": self.evidence(),
            "target": self.target,
            "settings": self.settings,
            **self.arguments,
        }
        code = test.__code__
        test(**{name: given[name] for name in code.co_varnames[: code.co_argcount]})

    def _child(self, name):
        made = Child(
            name=name,
            steps=tuple(step for key, step in self.steps.items() if key[0] == name),
            cause=None,
            ended="exit 0",
            seconds=1.0,
            peak_bytes=1,
            tail="",
        )
        return replace(made, **self.children.get(name, {}))


def make_target() -> Target:
    return Target(
        plugin=Plugin(
            name="acme",
            version="1.0",
            origin=Origin.INSTALLED,
            location="site",
            entry_points=(
                EntryPoint(group=Group.PLATFORM, name=POINT, value="acme:register"),
                EntryPoint(group=Group.GENERAL, name=GENERAL, value="acme:register_ops"),
            ),
            requirements=(f"vllm=={VERSION}", "pytest>=8"),
            host_requirements=(f"vllm=={VERSION}",),
        ),
        host=Host(distribution="vllm", version=VERSION, location="site"),
        problems=(),
        files=InstalledFiles(
            root=ROOT,
            has_record=True,
            is_editable=False,
            missing=(),
            compiled=("acme/_C.abi3.so",),
            wheel_tags=("py3-none-any",),
        ),
        members=members_of(VERSION),
        path=tuple(sys.path),
    )


def make_settings() -> Settings:
    return Settings(
        platform=POINT,
        record=None,
        conditions=Conditions(),
        config=None,
        today=date(2026, 1, 1),
    )


def answers(target):
    """Yield what each step of a conforming plugin answers, in the order of the steps."""
    host = HostSeen(version=VERSION, file="vllm", torch="2.13", resolves_on_import=False)
    called = Called(type="str", text=repr(PATH), value=PATH)
    loaded = Loaded(type="function", callable=True)
    activated = Activated(type=PATH, is_plugin=True)
    yield "staged", StepName.IMPORT_HOST, "", host
    yield "staged", StepName.OPT_OUT, "", OptOut(modules=())
    yield "staged", StepName.LOAD, POINT, loaded
    yield "staged", StepName.CALL, POINT, called
    yield "staged", StepName.CALL_AGAIN, POINT, called
    yield "staged", StepName.RESOLVE, POINT, class_seen(PATH, BASE)
    yield "staged", StepName.INSTANTIATE, POINT, activated
    yield "active", StepName.IMPORT_HOST, "", host
    yield "active", StepName.ACTIVATE, "", activated
    yield "active", StepName.LOAD, GENERAL, loaded
    yield "active", StepName.CALL, GENERAL, replace(called, type="NoneType", value=None)
    shapes = tuple(map(shape, target.members))
    yield "active", StepName.DESCRIBE, "", Described(type=PATH, bases=(PATH, BASE), members=shapes)
    for member in target.members:
        if member.returns in VALUES:
            yield "active", StepName.VALUE, member.name, value(member.name, member.returns)
    for expression in ("device_type", "device_name"):
        seen = DeviceSeen(expression=expression, accepted=True)
        yield "active", StepName.DEVICE, expression, seen
    yield "active", StepName.DTYPE, "torch.float32", DtypeSeen(dtype="torch.float32", worked=True)
    for getter in getters_of(target.members):
        member = next(item for item in target.members if item.name == getter)
        bases = [base for base in (member.base_in(VERSION),) if base]
        yield "active", StepName.CLASS_PATH, getter, class_seen(f"acme.parts.{getter}", *bases)
    for part in ("get_impl_cls", "get_builder_cls"):
        case = f"get_attn_backend_cls.{part}"
        yield "active", StepName.CLASS_PATH, case, class_seen(f"acme.parts.{part}")
    worker = class_seen("acme.worker.AcmeWorker", WORKER_BASE)
    configured = Configured(worker_class=worker.path, worker=worker, methods=METHODS)
    yield "active", StepName.CONFIGURE, "", configured
    process = ProcessSeen(type=PATH, device_type="cpu")
    yield "active", StepName.FORK, "", process
    yield "active", StepName.SPAWN, "", process
    yield "active", StepName.NESTED, "", process
    for order in ("current-platform-first", "llm-first", "config-first"):
        yield "life", StepName.IMPORT_ORDER, order, process
    yield "life", StepName.ACTIVATE, "", activated
    yield "life", StepName.INSPECT, "", process
    yield "life", StepName.LOAD, GENERAL, loaded
    yield "life", StepName.CALL, GENERAL, replace(called, type="NoneType", value=None)
    yield "life", StepName.PATCHES, "", Inventory(patches=(PATCH,))
    yield "life", StepName.EXIT, "", ExitSeen(failures=())
    yield "life", StepName.CALL_AGAIN, GENERAL, replace(called, type="NoneType", value=None)
    yield "life", StepName.PATCHES, "again", Inventory(patches=())
    file = f"{ROOT}/acme/_C.abi3.so"
    yield "install", StepName.EXTENSION, file, ExtensionSeen(file=file, loaded=True)


@pytest.fixture
def world():
    """
    A plugin that keeps every contract.
    """
    target = make_target()
    steps = {
        (child, name, subject): Step(
            name=name, subject=subject, state=StepState.DONE, answer=answer
        )
        for child, name, subject, answer in answers(target)
    }
    return World(target=target, settings=make_settings(), steps=steps)
