"""The fixtures of the suites: the target, and the one observation that all tests share."""

from pathlib import Path

import pytest
from filelock import FileLock

from hwcheck.codec import decode_observation, encode_observation
from hwcheck.discover.requirements import requirement_names, unmet
from hwcheck.model.observation import Observation
from hwcheck.model.plugin import Group, ProblemKind
from hwcheck.observe.observe import Subject, observe
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.options import Settings, read_settings
from hwcheck.pytest_plugin.target import Target, child_variables, session_target

__all__ = ["evidence", "observation", "observation_file", "settings", "target"]

OBSERVATION = "observation.json"


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> Settings:
    """What the user asked for."""
    return read_settings(pytestconfig)


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """The plugin under test and its host."""
    return session_target(pytestconfig)


@pytest.fixture(scope="session")
def observation(
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
    settings: Settings,
    target: Target,
) -> Observation:
    """What the probe saw; made by the first that asks, and shared between pytest-xdist workers."""
    file = observation_file(pytestconfig, tmp_path_factory)
    with FileLock(f"{file}.lock"):
        if file.exists():
            return decode_observation(file.read_bytes(), OBSERVATION)
        made = observe(
            Subject(
                plugin=target.plugin,
                members=target.members,
                extensions=tuple(map(target.files.absolute, target.files.compiled)),
                python=settings.python,
                environment=child_variables(settings),
                directory=file.parent / "probe",
                limits=settings.limits,
            )
        )
        unfinished = file.with_suffix(".new")
        unfinished.write_bytes(encode_observation(made))
        unfinished.replace(file)
        return made


@pytest.fixture(scope="session")
def evidence(observation: Observation, target: Target) -> Evidence:
    """The observation, asked in the words of contracts."""
    return Evidence(
        observation=observation,
        platform_points=tuple(point.name for point in target.plugin.of_group(Group.PLATFORM)),
        unmet_requirements=tuple(
            name
            for name in requirement_names(target.plugin)
            if unmet(target.plugin, name, target.path) is not None
        ),
        required_members=tuple(member.name for member in target.members if member.must_override),
        shared_names=tuple(
            item.subject for item in target.problems if item.kind is ProblemKind.DUPLICATE_NAME
        ),
        own_modules=frozenset(
            point.module.partition(".")[0] for point in target.plugin.entry_points
        ),
    )


def observation_file(config: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the observation is kept: the session's own folder, the same for all its workers."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(config, "workerinput") else base) / OBSERVATION
