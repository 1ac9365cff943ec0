"""Profile P1: the platform class offers what this vLLM takes from it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hwcheck.hosts.members import Member, Read, Tier
from hwcheck.model.observation import (
    ClassSeen,
    Described,
    DeviceSeen,
    DtypeSeen,
    MemberShape,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.model.outcome import Cause
from hwcheck.pytest_plugin.cases import NEEDED_BY_WORKERS
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.target import Target
from hwcheck.pytest_plugin.verdicts import broken, not_applicable, not_measured
from hwcheck_conformance import contracts
from hwcheck_conformance.active_platform import described, shape_of
from hwcheck_conformance.call_forms import constructor_fault, signature_fault
from hwcheck_conformance.configuration import configured
from hwcheck_conformance.value_rules import value_fault

_BASE = "vllm.platforms.interface.Platform"
_CALLED = frozenset({"method", "classmethod", "staticmethod"})
_READ = frozenset({"property", "attribute"})


@pytest.mark.contract(contracts.BASE)
def test_base(evidence: Evidence) -> None:
    """Platform is among the bases."""
    seen = described(evidence)
    if _BASE not in seen.bases:
        broken(f"{seen.type} derives from {', '.join(seen.bases[1:])}")


@pytest.mark.contract(contracts.OVERRIDE)
def test_override(evidence: Evidence, override_name: str, target: Target) -> None:
    """Platform only declares it, or its own version does nothing of use."""
    shape = shape_of(described(evidence), override_name)
    if shape.kind != "missing" and shape.owner != _BASE:
        return
    users = NEEDED_BY_WORKERS.get(override_name)
    if users is not None and not _derives_from(evidence, users):
        not_applicable("the plugin's own worker does without it")
    broken(f"{override_name} is not defined: {_member(target, override_name).effect}")


@pytest.mark.contract(contracts.MEMBER)
def test_member(evidence: Evidence, member_name: str, target: Target) -> None:
    """Kind and type are those that vLLM's readers expect."""
    member = _member(target, member_name)
    seen = described(evidence)
    shape = shape_of(seen, member_name)
    if shape.kind == "missing":
        if member.must_override:
            not_measured(f"{member_name} is not defined", blocked_by=contracts.OVERRIDE.id)
        if _BASE in seen.bases:
            not_applicable("this host's Platform does not have it either")
        broken(f"{seen.type} has no {member_name}")
    _check_kind(shape, member)
    if member.read is Read.NONE or member.returns.startswith("class path"):
        return
    _check_value(evidence, shape, member)


@pytest.mark.contract(contracts.SIGNATURE)
def test_signature(evidence: Evidence, method_name: str, target: Target) -> None:
    """The calls that vLLM makes bind."""
    member = _member(target, method_name)
    shape = shape_of(described(evidence), method_name)
    if shape.owner in (None, _BASE):
        not_applicable("inherited from the host's Platform")
    if shape.kind not in _CALLED or shape.parameters is None:
        not_measured(f"it is a {shape.kind}", blocked_by=contracts.MEMBER.id)
    fault = _signature_fault(shape, member, target)
    if fault is not None:
        broken(f"{method_name}: {fault}", place=shape.place)
    if shape.is_async:
        broken(f"{method_name} is a coroutine function; vLLM does not await it", place=shape.place)


@pytest.mark.contract(contracts.DEVICE)
@pytest.mark.parametrize("expression", ["device_type", "device_name"])
def test_device(evidence: Evidence, expression: str) -> None:
    """torch.device() accepts it."""
    shape = shape_of(described(evidence), expression)
    if shape.kind == "missing":
        not_measured(f"{expression} is not defined", blocked_by=contracts.OVERRIDE.id)
    if expression == "device_name" and not _is_out_of_tree(evidence):
        not_applicable("vLLM builds devices of the name of out-of-tree platforms only")
    seen = evidence.judged("active", StepName.DEVICE, expression, DeviceSeen)
    if not seen.accepted:
        broken(f"torch.device({seen.expression!r}): {seen.error}")


@pytest.mark.contract(contracts.DTYPE)
@pytest.mark.parametrize("dtype", ["torch.bfloat16", "torch.float16", "torch.float32"])
def test_dtype(evidence: Evidence, dtype: str) -> None:
    """A product of two small matrices on the device is exact."""
    described(evidence)
    value = evidence.child("active").step(StepName.VALUE, "supported_dtypes")
    if value.state is not StepState.DONE:
        not_measured("supported_dtypes cannot be read", blocked_by=contracts.MEMBER.id)
    step = evidence.child("active").step(StepName.DTYPE, dtype)
    if step.state is StepState.NOT_REACHED:
        not_applicable("it is not among the supported dtypes")
    seen = evidence.judged("active", StepName.DTYPE, dtype, DtypeSeen)
    if not seen.worked and shape_of(described(evidence), "device_type").kind == "missing":
        not_measured("device_type is not defined", blocked_by=contracts.OVERRIDE.id)
    if not seen.device_answers:
        not_measured(f"the device gives no memory here: {seen.error}", cause=Cause.NO_DEVICE)
    if not seen.worked:
        broken(f"{dtype}: {seen.error}")


@pytest.mark.contract(contracts.CLASS_PATH_OF)
def test_class_path(evidence: Evidence, getter: str, target: Target) -> None:
    """The class is imported and has the base that vLLM works with."""
    seen = _named_class(evidence, getter, target)
    base = _member(target, getter).base_in(target.host.version)
    if base is not None and base not in seen.bases:
        broken(f"{getter}() names {seen.path}, which does not derive from {base}", place=seen.place)


@pytest.mark.contract(contracts.CONCRETE)
def test_concrete(evidence: Evidence, class_case: str, target: Target) -> None:
    """No abstract member is left, and the constructor takes what vLLM gives it."""
    getter, _, part = class_case.partition(".")
    _named_class(evidence, getter, target, judge=False)
    seen = (
        evidence.judged("active", StepName.CLASS_PATH, class_case, ClassSeen)
        if part
        else evidence.needed("active", StepName.CLASS_PATH, getter, ClassSeen)
    )
    if not seen.is_class:
        broken(f"{class_case}() answers {seen.path}, which is no class", place=seen.place)
    if seen.abstract:
        broken(f"{seen.type} leaves abstract: {', '.join(seen.abstract)}", place=seen.place)
    fault = constructor_fault(class_case, seen.constructor, seen.host_constructor)
    if fault is not None:
        broken(f"{seen.type}: {fault}", place=seen.place)


def _is_out_of_tree(evidence: Evidence) -> bool:
    """Whether vLLM takes the branch for out-of-tree platforms; unknown counts as yes."""
    truths = {}
    for name in ("is_cuda_alike", "is_xpu", "is_out_of_tree"):
        answer = evidence.child("active").step(StepName.VALUE, name).answer
        truths[name] = answer.truth if isinstance(answer, ValueSeen) else None
    if truths["is_cuda_alike"] or truths["is_xpu"]:
        return False
    return truths["is_out_of_tree"] is not False


def _derives_from(evidence: Evidence, workers: Sequence[str]) -> bool:
    seen = configured(evidence)
    return seen.worker is not None and not set(workers).isdisjoint(seen.worker.bases)


def _member(target: Target, name: str) -> Member:
    return next(member for member in target.members if member.name == name)


def _signature_fault(shape: MemberShape, member: Member, target: Target) -> str | None:
    if shape.parameters is None:
        return None
    return signature_fault(
        shape.parameters, shape.base_parameters, member.calls_in(target.host.version)
    )


def _check_kind(shape: MemberShape, member: Member) -> None:
    expected, actual = shape.base_kind, shape.kind
    if expected == "missing":
        expected = member.kind
    if expected in _CALLED and actual in _READ and not _is_callable_value(shape):
        broken(f"{shape.name} is {actual}; vLLM calls it ({expected})", place=shape.place)
    if expected in _READ and actual in _CALLED:
        broken(
            f"{shape.name} is a {actual}; vLLM reads it as {expected} and gets a bound method",
            place=shape.place,
        )


def _is_callable_value(shape: MemberShape) -> bool:
    # A callable stored as an attribute, such as functools.partial, has parameters.
    return shape.kind == "attribute" and shape.parameters is not None


def _check_value(evidence: Evidence, shape: MemberShape, member: Member) -> None:
    step = evidence.child("active").step(StepName.VALUE, member.name)
    inherited = not shape.overridden
    if step.state is StepState.RAISED and inherited and member.tier is not Tier.REQUIRED:
        not_applicable("inherited from the host, which raises here")
    if step.state is StepState.RAISED and member.base_raises and inherited:
        not_applicable("inherited from the host, where it only raises")
    seen = evidence.judged("active", StepName.VALUE, member.name, ValueSeen)
    fault = value_fault(seen, member.returns)
    if fault is not None:
        broken(f"{member.name} {fault}", place=shape.place)


def _named_class(
    evidence: Evidence, getter: str, target: Target, *, judge: bool = True
) -> ClassSeen:
    seen_platform: Described = described(evidence)
    shape = shape_of(seen_platform, getter)
    step = evidence.child("active").step(StepName.CLASS_PATH, getter)
    if (
        step.state is StepState.RAISED
        and step.raised is not None
        and step.raised.type == "NotImplementedError"
    ):
        where = "inherited from the host" if not shape.overridden else "raised by the plugin"
        not_applicable(f"not offered: NotImplementedError {where}")
    if step.state is StepState.RAISED and _signature_fault(shape, _member(target, getter), target):
        not_measured("it cannot be called as vLLM does", blocked_by=contracts.SIGNATURE.id)
    ask = evidence.judged if judge else evidence.needed
    seen = ask("active", StepName.CLASS_PATH, getter, ClassSeen)
    if not seen.is_class:
        if seen.path == "":
            not_applicable("it answers '': the plugin's own worker does without")
        if "backend name" in _member(target, getter).returns and "." not in seen.path:
            not_applicable(f"it names the backend {seen.path!r}, not a class")
        if judge:
            broken(f"{getter}() answers {seen.path}, which names no class", place=shape.place)
        not_measured("it names no class", blocked_by=contracts.CLASS_PATH_OF.id)
    return seen
