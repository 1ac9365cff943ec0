"""What the probe saw: one record a step, with what the step answered and what it left behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from hwcheck.model.effect import Effect, EffectKind
from hwcheck.model.examination import Examined
from hwcheck.model.outcome import Cause, Place
from hwcheck.model.patch import Inventory
from hwcheck.model.served import Served

__all__ = [
    "ANSWERS",
    "WITH_MODEL",
    "Activated",
    "Called",
    "Child",
    "ClassSeen",
    "Configured",
    "Death",
    "Described",
    "DeviceSeen",
    "DtypeSeen",
    "Effect",
    "EffectKind",
    "ExitSeen",
    "ExtensionSeen",
    "HostSeen",
    "Loaded",
    "MemberShape",
    "Observation",
    "OptOut",
    "Parameter",
    "ProcessSeen",
    "Raised",
    "Step",
    "StepName",
    "StepState",
    "ValueSeen",
]


#: The subject of the step that configures vLLM for a model.
WITH_MODEL = "model"


class StepName(StrEnum):
    """The steps of the probe's children, in the order in which they can come."""

    IMPORT_HOST = "import-host"
    OPT_OUT = "opt-out"
    LOAD = "load"
    CALL = "call"
    CALL_AGAIN = "call-again"
    RESOLVE = "resolve"
    INSTANTIATE = "instantiate"
    FORK = "fork"
    ACTIVATE = "activate"
    GENERAL = "general"
    DESCRIBE = "describe"
    VALUE = "value"
    DEVICE = "device"
    DTYPE = "dtype"
    CLASS_PATH = "class-path"
    CONFIGURE = "configure"
    SPAWN = "spawn"
    NESTED = "nested"
    IMPORT_ORDER = "import-order"
    INSPECT = "inspect"
    PATCHES = "patches"
    EXIT = "exit"
    EXTENSION = "extension"
    EXAMINE = "examine"
    SERVED = "served"


class StepState(StrEnum):
    """How a step ended."""

    DONE = "done"
    RAISED = "raised"
    DIED = "died"
    """The child ended, or was ended, in it."""
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception that left a step."""

    type: str
    message: str
    missing: str | None = None
    """The module that could not be found, for a `ModuleNotFoundError`."""
    place: Place | None = None
    """The innermost line in the plugin's own files, else the innermost line."""
    in_plugin: bool = False
    """Whether `place` is in the plugin's own files."""
    trace: tuple[str, ...] = ()
    """The frames, outermost first, one line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSeen:
    """vLLM was imported with no plugin allowed."""

    version: str
    file: str
    torch: str | None
    python: str = ""
    """The version of the child's interpreter."""
    resolves_on_import: bool
    """Whether importing vLLM alone already resolves the current platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """The plugin's modules that were imported although ``VLLM_PLUGINS`` does not name it."""

    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """An entry point was loaded."""

    type: str
    callable: bool
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """An entry point was called with no arguments."""

    type: str
    text: str
    value: str | None
    """The answer when it is a string."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a callable, as `inspect` sees it; bound first parameters are left out."""

    name: str
    kind: str
    has_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSeen:
    """A class path was resolved as vLLM does it."""

    path: str
    is_class: bool
    type: str
    bases: tuple[str, ...]
    """Qualified names along the method resolution order, the class itself first."""
    abstract: tuple[str, ...] = ()
    """Abstract members that are left unfilled."""
    constructor: tuple[Parameter, ...] | None = None
    """The parameters of its ``__init__`` when a class outside vLLM defines it."""
    host_constructor: tuple[Parameter, ...] | None = None
    """Those of the nearest ``__init__`` of vLLM's own along its bases."""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """What ``vllm.platforms.current_platform`` is, after vLLM's own resolution."""

    type: str
    """Qualified name of its class."""
    is_plugin: bool
    """Whether that is the class that the entry point names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberShape:
    """One member of the platform class, looked up without calling anything."""

    name: str
    kind: str
    """``attribute``, ``property``, ``classmethod``, ``staticmethod``, ``method`` or ``missing``."""
    owner: str | None
    """Qualified name of the class that defines it."""
    overridden: bool
    """Whether a class outside vLLM defines it."""
    parameters: tuple[Parameter, ...] | None = None
    is_async: bool = False
    place: Place | None = None
    base_kind: str = "missing"
    """The kind that the host's ``Platform`` gives it."""
    base_parameters: tuple[Parameter, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """All members of the platform class and of the host's ``Platform``, sorted by name."""

    type: str
    bases: tuple[str, ...]
    members: tuple[MemberShape, ...]

    def member(self, name: str) -> MemberShape | None:
        """The member of that name, ``None`` when neither class has it."""
        return next((item for item in self.members if item.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSeen:
    """The value of a member, or what it returned when called without arguments."""

    name: str
    type: str
    text: str
    truth: bool
    string: str | None = None
    number: int | None = None
    items: tuple[str, ...] | None = None
    """For a sequence or mapping: its items (keys) as text."""
    item_types: tuple[str, ...] | None = None
    type_bases: tuple[str, ...] = ()
    """Qualified names along the method resolution order of the value's type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen:
    """Whether torch understands what the platform calls its device."""

    expression: str
    accepted: bool
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DtypeSeen:
    """Whether a tensor of a supported dtype can be made and used on the platform's device."""

    dtype: str
    worked: bool
    error: str | None = None
    device_answers: bool = True
    """Whether the device gives memory at all; without it nothing is known of the dtype."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The configuration after the platform's ``check_and_update_config``."""

    worker_class: str | None
    worker: ClassSeen | None
    methods: tuple[str, ...] = ()
    """Public names that a class other than vLLM's `WorkerBase` gives the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSeen:
    """What another process, forked or spawned, made of the platform."""

    type: str
    device_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionSeen:
    """A compiled file of the plugin was loaded."""

    file: str
    loaded: bool
    error: str | None = None
    other_machine: str | None = None
    """The processor that it is made for, when that is not this machine's; it was not loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitSeen:
    """The exit handlers were run in a copy of the process."""

    failures: tuple[Raised, ...]
    """What they raised in the plugin's own lines."""


Answer = (
    HostSeen
    | OptOut
    | Loaded
    | Called
    | ClassSeen
    | Activated
    | Described
    | ValueSeen
    | DeviceSeen
    | DtypeSeen
    | Configured
    | ProcessSeen
    | ExtensionSeen
    | Examined
    | Inventory
    | ExitSeen
    | Served
)

#: What each step answers when it is done; steps that are not listed answer nothing.
ANSWERS: dict[StepName, type[Answer]] = {
    StepName.IMPORT_HOST: HostSeen,
    StepName.OPT_OUT: OptOut,
    StepName.LOAD: Loaded,
    StepName.CALL: Called,
    StepName.CALL_AGAIN: Called,
    StepName.RESOLVE: ClassSeen,
    StepName.INSTANTIATE: Activated,
    StepName.FORK: ProcessSeen,
    StepName.ACTIVATE: Activated,
    StepName.DESCRIBE: Described,
    StepName.VALUE: ValueSeen,
    StepName.DEVICE: DeviceSeen,
    StepName.DTYPE: DtypeSeen,
    StepName.CLASS_PATH: ClassSeen,
    StepName.CONFIGURE: Configured,
    StepName.SPAWN: ProcessSeen,
    StepName.EXTENSION: ExtensionSeen,
    StepName.EXAMINE: Examined,
    StepName.SERVED: Served,
    StepName.NESTED: ProcessSeen,
    StepName.IMPORT_ORDER: ProcessSeen,
    StepName.INSPECT: ProcessSeen,
    StepName.PATCHES: Inventory,
    StepName.EXIT: ExitSeen,
}

AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a child ended in the middle of a step."""

    cause: Cause
    ended: str
    """In words: ``killed by SIGSEGV``, ``timed out after 20 s without progress``."""
    tail: str
    """The end of its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of one child."""

    name: StepName
    subject: str = ""
    """Which entry point, member or file, where a step is taken for several."""
    state: StepState
    answer: Answer | None = None
    raised: Raised | None = None
    death: Death | None = None
    effects: tuple[Effect, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One child of the probe: its steps and its end."""

    name: str
    steps: tuple[Step, ...]
    cause: Cause | None
    """Why it did not come to its own end; ``None`` when it did."""
    ended: str
    """In words: ``exit 0``, ``killed by SIGSEGV``, ``timed out after 20 s``."""
    seconds: float
    peak_bytes: int
    tail: str
    left_processes: tuple[str, ...] = ()
    """Command lines of processes that it left behind (they were ended)."""

    def step(self, name: StepName, subject: str = "") -> Step:
        """The step of that name and subject; one that is not there was not reached."""
        for step in self.steps:
            if step.name == name and step.subject == subject:
                return step
        return Step(name=name, subject=subject, state=StepState.NOT_REACHED)

    def effects(self, *kinds: EffectKind) -> Iterator[tuple[Step, Effect]]:
        """What its steps left behind, of those kinds."""
        for step in self.steps:
            for effect in step.effects:
                if effect.kind in kinds:
                    yield step, effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything that the probe's children saw of one plugin."""

    children: tuple[Child, ...]

    def child(self, name: str) -> Child | None:
        """The child of that name, ``None`` when it was not started."""
        return next((item for item in self.children if item.name == name), None)
