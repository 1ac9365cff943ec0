"""Install truth: what the installer put there, held against what the plugin says it needs."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from hwcheck.discover.files import is_extension_module
from hwcheck.discover.own_modules import compiled_modules
from hwcheck.discover.requirements import unmet
from hwcheck.discover.wheel_tags import unsupported_tags
from hwcheck.hosts.requirement import Fit, compare_with_host
from hwcheck.model.observation import ExtensionSeen, StepName
from hwcheck.model.outcome import Cause
from hwcheck.pytest_plugin.evidence import Evidence, missing_library
from hwcheck.pytest_plugin.options import Settings
from hwcheck.pytest_plugin.target import Target
from hwcheck.pytest_plugin.verdicts import broken, not_applicable, not_measured
from hwcheck_conformance import contracts

_OTHER_TORCH = ("c10", "at6", "N2at", "torch", "aoti_torch")


@pytest.mark.contract(contracts.METADATA)
def test_metadata(target: Target) -> None:
    """Discovery found nothing wrong with the plugin's metadata."""
    faults = [item for item in target.problems if item.kind not in _NAME_PROBLEMS]
    if faults:
        broken("; ".join(f"{item.kind}: {item.detail}" for item in faults))


@pytest.mark.contract(contracts.UNIQUE_NAME)
def test_unique_name(target: Target) -> None:
    """Two plugins of one name overwrite each other."""
    faults = [item for item in target.problems if item.kind in _NAME_PROBLEMS]
    if faults:
        broken("; ".join(item.detail for item in faults))


_NAME_PROBLEMS = frozenset({"duplicate-name"})


@pytest.mark.contract(contracts.REQUIREMENT)
def test_requirement(target: Target, requirement_name: str) -> None:
    """Each requirement besides vLLM is installed in a version that it admits."""
    fault = unmet(target.plugin, requirement_name, target.path)
    if fault is not None:
        broken(fault)


@pytest.mark.contract(contracts.HOST_PIN)
def test_host_pin(target: Target) -> None:
    """The requirement on vLLM contains the version of the host, whatever its build is called."""
    asked = ", ".join(target.plugin.host_requirements)
    host = f"{target.host.distribution} {target.host.version}"
    match compare_with_host(target.plugin, target.host):
        case Fit.NO:
            broken(f"{asked} is required and {host} is installed")
        case Fit.UNKNOWN:
            not_applicable(f"the plugin does not say which vLLM it needs (host: {host})")


@pytest.mark.contract(contracts.FILES)
def test_files(target: Target) -> None:
    """Nothing of the installation has gone."""
    if not target.files.has_record or target.files.is_editable:
        not_applicable("installed without a record of files, or editable")
    if target.files.missing:
        broken("recorded and not there: " + ", ".join(target.files.missing))


@pytest.mark.contract(contracts.WHEEL_TAG)
def test_wheel_tag(target: Target, settings: Settings) -> None:
    """One of the wheel's tags is among those that this interpreter accepts."""
    if not target.files.wheel_tags:
        not_applicable("not installed from a wheel")
    if settings.conditions.is_foreign:
        not_applicable("the tags of another interpreter are not known here")
    fault = unsupported_tags(target.files.wheel_tags)
    if fault is not None:
        broken(fault)


@pytest.mark.contract(contracts.COMPILED_MODULES)
def test_compiled_modules(target: Target) -> None:
    """What the source imports from its own packages under a compiled module's name is there."""
    modules = compiled_modules(target.plugin, target.files)
    if not modules:
        not_applicable("the plugin imports no compiled module of its own")
    missing = [module for module in modules if not module.is_there]
    if missing:
        names = ", ".join(module.name for module in missing)
        broken(f"imported and not installed: {names}", place=missing[0].place)


@pytest.mark.contract(contracts.EXTENSION)
def test_extension(target: Target, evidence: Evidence, compiled_file: str) -> None:
    """The dynamic loader finds every library and every symbol, with torch loaded first."""
    path = target.files.absolute(compiled_file)
    seen = evidence.judged("install", StepName.EXTENSION, path, ExtensionSeen)
    if seen.loaded:
        return
    if seen.other_machine is not None and not is_extension_module(compiled_file):
        not_applicable(f"made for {seen.other_machine}: not a library of this process")
    if seen.other_machine is not None:
        broken(f"made for {seen.other_machine}, which is not this machine's processor")
    error = (seen.error or "").replace(target.files.root.rstrip("/") + "/", "")
    library = missing_library(error)
    if library is not None and not _brings(target, library) and evidence.is_without_vendor():
        not_measured(error, cause=Cause.NO_DEVICE)
    if "undefined symbol" in error and any(name in error for name in _OTHER_TORCH):
        broken(f"built for another torch than the installed one: {error}")
    broken(error, cause=Cause.RAISED)


def _brings(target: Target, library: str) -> bool:
    """Whether the plugin itself installs a library, so that only its search path can be wrong."""
    name = PurePath(library).name
    return any(PurePath(item).name == name for item in target.files.compiled)
