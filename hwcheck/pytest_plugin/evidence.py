"""What a test may ask of an observation: an answer, or the verdict that its absence means."""

import re
import sys
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from hwcheck.model.observation import (
    Activated,
    Answer,
    Called,
    Child,
    Death,
    Described,
    Effect,
    EffectKind,
    Observation,
    Raised,
    Step,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.model.outcome import Cause
from hwcheck.pytest_plugin.verdicts import broken, not_applicable, not_measured

__all__ = ["CHARGED_TO", "Evidence", "is_vendor_library_missing", "missing_library"]

AnswerT = TypeVar("AnswerT", bound=Answer)

#: The contract that is broken when a step of a child fails.
CHARGED_TO = {
    ("staged", StepName.LOAD): "load.entry-point",
    ("staged", StepName.CALL): "load.call",
    ("staged", StepName.CALL_AGAIN): "load.reentrant",
    ("staged", StepName.RESOLVE): "load.class-path",
    ("staged", StepName.INSTANTIATE): "load.instantiate",
    ("active", StepName.IMPORT_HOST): "load.activate",
    ("active", StepName.ACTIVATE): "load.activate",
    ("active", StepName.LOAD): "load.entry-point",
    ("active", StepName.CALL): "load.call",
    ("active", StepName.VALUE): "platform.member",
    ("active", StepName.CLASS_PATH): "platform.class-path",
    ("active", StepName.CONFIGURE): "worker.base",
    ("active", StepName.FORK): "load.fork",
    ("active", StepName.SPAWN): "load.spawn",
    ("active", StepName.NESTED): "load.nested",
    ("life", StepName.IMPORT_ORDER): "load.import-order",
    ("life", StepName.ACTIVATE): "load.activate",
    ("life", StepName.INSPECT): "load.inspection",
    ("life", StepName.LOAD): "load.entry-point",
    ("life", StepName.CALL): "load.call",
    ("life", StepName.CALL_AGAIN): "load.repeat",
    ("install", StepName.EXTENSION): "install.extension",
}

#: Modules of these are the host's or the interpreter's own, never a vendor's library; the last
#: five left the standard library with Python 3.12.
_NOT_A_VENDORS = sys.stdlib_module_names | {
    *("vllm", "torch", "triton", "hwcheck"),
    *("asynchat", "asyncore", "distutils", "imp", "smtpd"),
}
#: The type of what stands in for a value of a vendor's library.
_STAND_IN = "hwcheck.standins.answers.StandIn"
_DEVICE_START = re.compile(r"(^|/)torch/\w+/__init__\.py:\d+ in _lazy_init$")
_LOADER_SAYS = "cannot open shared object file"
#: vLLM takes these on every machine that has the plugin, whatever else is there.
_ENTRY_STEPS = frozenset(
    {StepName.IMPORT_HOST, StepName.ACTIVATE, StepName.LOAD, StepName.CALL, StepName.CALL_AGAIN}
)
_MEMBER_STEPS = frozenset(
    {
        StepName.VALUE,
        StepName.CLASS_PATH,
        StepName.CONFIGURE,
        StepName.DEVICE,
        StepName.DTYPE,
        StepName.FORK,
        StepName.SPAWN,
        StepName.NESTED,
    }
)
_STAGES = (
    StepName.LOAD,
    StepName.CALL,
    StepName.CALL_AGAIN,
    StepName.RESOLVE,
    StepName.INSTANTIATE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An observation, asked in the words of contracts."""

    observation: Observation
    platform_points: tuple[str, ...]
    """Names of the plugin's platform entry points."""
    own_modules: frozenset[str]
    """Top-level modules of the plugin."""
    unmet_requirements: tuple[str, ...] = ()
    """What the plugin requires and the environment lacks."""
    required_members: tuple[str, ...] = ()
    """Members that every platform has to define."""
    shared_names: tuple[str, ...] = ()
    """Names of entry points that somebody else uses as well."""
    control: bool = False
    """Whether the host's own platform was looked at."""
    stubbed: tuple[str, ...] = ()
    """The modules that stand-ins took the place of."""

    def child(self, name: str) -> Child:
        """The child of that name; one that was not started took no step."""
        return self.observation.child(name) or Child(
            name=name, steps=(), cause=None, ended="", seconds=0.0, peak_bytes=0, tail=""
        )

    def judged(self, child: str, name: StepName, subject: str, kind: type[AnswerT]) -> AnswerT:
        """The answer of the step that the contract is about; its failure breaks the contract.

        Raises Broken, NotMeasured.
        """
        step = self.child(child).step(name, subject)
        if step.state is StepState.NOT_REACHED:
            self.not_reached(child)
        if step.state is not StepState.DONE and child == "active" and name in _MEMBER_STEPS:
            self._blame_missing_member()
        if step.state is StepState.DIED:
            _break_by_death(self.child(child), step)
        if step.state is StepState.RAISED:
            self.break_by_exception(child, step)
        return _expect(step, kind)

    def needed(self, child: str, name: StepName, subject: str, kind: type[AnswerT]) -> AnswerT:
        """The answer of a step that another contract is about.

        Raises NotMeasured: the step failed; the contract that it broke is named.
        """
        step = self.child(child).step(name, subject)
        if step.state is StepState.DONE:
            return _expect(step, kind)
        if step.state is StepState.NOT_REACHED:
            self.not_reached(child)
        self._blocked(child, step)

    def break_by_exception(self, child: str, step: Step) -> NoReturn:
        """Break the contract by the exception that left a step, or charge the absent device.

        Raises Broken, NotMeasured.
        """
        raised = step.raised
        if raised is None:
            not_measured("the step raised something that was not recorded", cause=Cause.OTHER)
        if child == "staged" and self.is_vendor_library(raised):
            not_measured(
                f"{raised.type}: {raised.message}",
                cause=Cause.NO_DEVICE,
                blocked_by="load.absent-device",
            )
        if child == "active" and step.name in _MEMBER_STEPS and _wants_device(raised):
            not_measured(f"{raised.type}: {raised.message}", cause=Cause.NO_DEVICE)
        self._blame_environment(step.name, raised)
        broken(
            f"{raised.type}: {raised.message}",
            cause=_cause_of(raised),
            place=raised.place,
        )

    def require_device(self) -> None:
        """Go on only with a plugin that takes this machine for its own.

        Raises NotApplicable: the plugin has no platform. NotMeasured: it answers None, or it
        cannot be asked.
        """
        if not self.platform_points:
            not_applicable("the plugin declares no platform entry point")
        answers = [
            self.needed("staged", StepName.CALL, point, Called) for point in self.platform_points
        ]
        if all(answer.type == "NoneType" for answer in answers):
            not_measured(
                "the plugin says that its device is not here (it answers None)",
                cause=Cause.NO_DEVICE,
            )

    def require_activation(self) -> None:
        """Go on only when vLLM chose the plugin's platform.

        Raises NotApplicable: the plugin has no platform. NotMeasured: it was not activated.
        """
        self.require_device()
        seen = self.needed("active", StepName.ACTIVATE, "", Activated)
        if not seen.is_plugin:
            not_measured(f"vLLM chose {seen.type}", blocked_by=self.activation_breach())

    def is_vendor_library(self, raised: Raised | None) -> bool:
        """Whether an exception says that a library of the vendor's is not installed."""
        return is_vendor_library_missing(raised, self.own_modules)

    def unusable_library(self) -> tuple[Step, Raised] | None:
        """The staged step that failed because a library of the vendor's is not installed."""
        for step in self.child("staged").steps:
            if step.name in _STAGES and step.raised and self.is_vendor_library(step.raised):
                return step, step.raised
        return None

    def is_without_vendor(self) -> bool:
        """Whether the vendor's libraries are known not to be here.

        One of them failed to load, stand-ins take their place, or the plugin says so itself.
        """
        calls = [self.child("staged").step(StepName.CALL, name) for name in self.platform_points]
        answers = [step.answer for step in calls if isinstance(step.answer, Called)]
        declines = bool(answers) and all(answer.type == "NoneType" for answer in answers)
        return bool(self.stubbed) or declines or self.unusable_library() is not None

    def not_reached(self, child: str) -> NoReturn:
        """End the test: a step that comes later than the failure of its child.

        Raises NotMeasured: names what failed.
        """
        seen = self.child(child)
        if not seen.steps and seen.cause is not None:
            not_measured(f"the {child} child did not start: {seen.ended}", cause=Cause.HOST)
        for step in seen.steps:
            if step.state is not StepState.DONE:
                self._blocked(child, step)
        if seen.cause is not None:
            not_measured(f"the {child} child {seen.ended}", cause=seen.cause)
        not_measured("the step was not taken")

    def effects(self, *kinds: EffectKind) -> list[tuple[str, Step, Effect]]:
        """What the plugin's loading left behind, each thing once, with the step that did it."""
        found: dict[tuple[EffectKind, str], tuple[str, Step, Effect]] = {}
        for name in ("staged", "active"):
            for step, effect in self.child(name).effects(*kinds):
                found.setdefault((effect.kind, effect.subject), (name, step, effect))
        return list(found.values())

    def _blame_missing_member(self) -> None:
        # Without these hardly anything of a platform works; what fails then says nothing new.
        described = self.child("active").step(StepName.DESCRIBE).answer
        if not isinstance(described, Described):
            return
        for name in self.required_members:
            shape = described.member(name)
            if shape is None or shape.kind == "missing":
                not_measured(f"{name} is not defined", blocked_by=f"platform.override[{name}]")

    def _blame_environment(self, name: StepName, raised: Raised) -> None:
        # Past the entry points a plugin may count on its own requirements being installed.
        if self.unmet_requirements and name not in _ENTRY_STEPS and self.is_vendor_library(raised):
            not_measured(
                f"{raised.type}: {raised.message}; not installed as required: "
                + ", ".join(self.unmet_requirements),
                blocked_by="install.requirement",
            )

    def _blocked(self, child: str, step: Step) -> NoReturn:
        if step.name is StepName.IMPORT_HOST and child != "active":
            not_measured(f"vLLM itself cannot be imported: {_failure(step)}", cause=Cause.HOST)
        contract = CHARGED_TO.get((child, step.name), "load.activate")
        if child == "active" and step.raised is not None:
            self._blame_environment(step.name, step.raised)
        if child == "staged" and self.is_vendor_library(step.raised):
            contract = "load.absent-device"
        if child == "active" and contract == "load.activate":
            contract = self.activation_breach()
        not_measured(f"step {str(step.name)!r} failed: {_failure(step)}", blocked_by=contract)

    def activation_breach(self) -> str:
        """The contract to which a failed activation is charged: the stage that failed, if any."""
        if self.unusable_library() is not None:
            return "load.absent-device"
        for step in self.child("staged").steps:
            if step.name in _STAGES and step.state is not StepState.DONE:
                return CHARGED_TO["staged", step.name]
        activation = self.child("active").step(StepName.ACTIVATE)
        if self.shared_names and activation.state is StepState.DONE:
            # vLLM took the other one of that name.
            return "load.unique-name"
        return "load.activate"


def _break_by_death(child: Child, step: Step) -> NoReturn:
    death = step.death or Death(
        cause=child.cause or Cause.OTHER, ended=child.ended, tail=child.tail
    )
    broken(
        f"the process {death.ended} in step {str(step.name)!r}",
        cause=death.cause,
        tail=death.tail or None,
    )


def is_vendor_library_missing(raised: Raised | None, own_modules: frozenset[str]) -> bool:
    """Whether an exception says that a library of somebody else's is absent."""
    if raised is None:
        return False
    if raised.missing is not None:
        top = raised.missing.partition(".")[0]
        return top not in _NOT_A_VENDORS and top not in own_modules
    return raised.type in ("ImportError", "OSError") and _LOADER_SAYS in raised.message


def missing_library(message: str) -> str | None:
    """The shared library that the dynamic loader did not find, ``None`` for another failure."""
    name, says, _ = message.partition(f": {_LOADER_SAYS}")
    return name if says else None


def _expect(step: Step, kind: type[AnswerT]) -> AnswerT:
    if isinstance(step.answer, ValueSeen) and _is_stand_in(step.answer):
        not_measured("a stand-in for the vendor's library answers", cause=Cause.NO_DEVICE)
    if not isinstance(step.answer, kind):
        raise TypeError(f"step {str(step.name)!r} answered {step.answer!r}, not {kind.__name__}")
    return step.answer


def _wants_device(raised: Raised) -> bool:
    # Where torch starts to use a device, and finds none or was built without.
    innermost = raised.trace[-1] if raised.trace else ""
    return _DEVICE_START.search(innermost) is not None


def _is_stand_in(value: ValueSeen) -> bool:
    name = _STAND_IN.rpartition(".")[2]
    return _STAND_IN in value.type_bases or name in (value.item_types or ())


def _cause_of(raised: Raised) -> Cause:
    return Cause.EXITED if raised.type in ("SystemExit", "KeyboardInterrupt") else Cause.RAISED


def _failure(step: Step) -> str:
    if step.raised is None:
        return "the process died in it"
    return f"{step.raised.type}: {step.raised.message}".split("\n")[0]
