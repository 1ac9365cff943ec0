"""The fixtures of the suites: the target, and the one observation that all tests share."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from hwcheck.codec import decode_observation, encode_observation
from hwcheck.discover.requirements import requirement_names, unmet
from hwcheck.model.observation import Observation
from hwcheck.model.pairs import PAIRS_CONTRACT, PairPlan
from hwcheck.model.plugin import Group, Origin, Plugin, ProblemKind
from hwcheck.observe.conditions import PAIRS
from hwcheck.observe.control import doubtful, is_own_platform, kept_control
from hwcheck.observe.following import CONTROL, PROBE
from hwcheck.observe.observe import Subject, observe
from hwcheck.observe.stand_ins import find_stand_ins, put_in_front, used_stand_ins
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.options import Settings, read_settings
from hwcheck.pytest_plugin.selection import contract_of
from hwcheck.pytest_plugin.target import Target, child_variables, session_target

__all__ = [
    "PAIRED",
    "control_evidence",
    "evidence",
    "kept_observation",
    "observation",
    "observation_file",
    "settings",
    "stubbed_modules",
    "subject_of",
    "target",
    "wanted_examinations",
]

OBSERVATION = "observation.json"
PAIRED = "pairs.json"
"""What the child saw that judges pairs, behind all others."""
LIFE, SPAWNED = "life", "spawned"
"""What is started for the contracts that are seen in it."""
PLAN = pytest.StashKey[PairPlan]()
"""The plan for pairs, once it is made."""
_STAND_INS = "stand-ins"
#: What takes the plugin's place in a control.
_HOST_ITSELF = Plugin(
    name="vllm",
    version="",
    origin=Origin.INSTALLED,
    location="",
    entry_points=(),
    requirements=(),
    host_requirements=(),
)


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> Settings:
    """What the user asked for."""
    return read_settings(pytestconfig)


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """The plugin under test and its host."""
    return session_target(pytestconfig)


@pytest.fixture(scope="session")
def observation(request: pytest.FixtureRequest) -> Observation:
    """What the probe saw; made by the first that asks, and shared between pytest-xdist workers."""
    return kept_observation(
        request.config,
        OBSERVATION,
        lambda folder: observe(_with_stand_ins(_subject(request, folder), request.config)),
    )


@pytest.fixture(scope="session")
def evidence(observation: Observation, target: Target, pytestconfig: pytest.Config) -> Evidence:
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
        stubbed=stubbed_modules(pytestconfig) or (),
    )


def control_evidence(session: pytest.Session, child: str) -> Evidence | None:
    """What one child sees of the host's own platform; ``None`` when the host has none here."""
    config = session.config
    conditions = read_settings(config).conditions
    subject = subject_of(session, Path(), child)
    subject = replace(
        subject,
        examinations={child: _doubtful(config, child, subject.examinations[child])},
        plugin=_HOST_ITSELF,
        extensions=(),
        kept=_kept_folder(read_settings(config), CONTROL),
        control=True,
    )
    made = kept_observation(
        config,
        f"control-{child}.json",
        lambda folder: kept_control(
            replace(subject, directory=folder.with_name(CONTROL)),
            session_target(config),
            conditions.cache,
        ),
    )
    if not is_own_platform(made, child):
        return None
    return Evidence(
        observation=made, platform_points=(), own_modules=frozenset({"vllm"}), control=True
    )


def _doubtful(config: pytest.Config, child: str, contracts: tuple[str, ...]) -> tuple[str, ...]:
    """What the control of a child is asked: pairs are judged by all that was combined."""
    file = observation_file(config, config._tmp_path_factory)  # type: ignore[attr-defined]
    if child == PAIRS or not file.exists():
        return contracts
    return doubtful(decode_observation(file.read_bytes(), file.name), child, contracts)


def subject_of(session: pytest.Session, folder: Path, child: str) -> Subject:
    """What is observed by one child alone that judges contracts."""
    subject = replace(_subject(session, folder), only_examinations=True, life=False)
    plan = session.config.stash.get(PLAN, None)
    if child != PAIRS or plan is None:
        ids = wanted_examinations(session.items).get(child, ())
        return replace(subject, examinations={child: ids})
    steps = tuple(f"{PAIRS_CONTRACT}/{number}" for number in range(len(plan.engines)))
    return replace(
        _with_stand_ins(subject, session.config),
        examinations={PAIRS: steps},
        demonstrated=plan.partners,
        most_engines=read_settings(session.config).conditions.most_engines,
    )


def kept_observation(
    config: pytest.Config, name: str, make: Callable[[Path], Observation]
) -> Observation:
    """Make an observation, once for all workers of a session."""
    factory = config._tmp_path_factory  # type: ignore[attr-defined]
    file = observation_file(config, factory).with_name(name)
    with FileLock(f"{file}.lock"):
        if file.exists():
            return decode_observation(file.read_bytes(), name)
        made = make(file.parent / PROBE)
        unfinished = file.with_suffix(".new")
        unfinished.write_bytes(encode_observation(made))
        unfinished.replace(file)
        return made


def wanted_examinations(items: Sequence[pytest.Item]) -> dict[str, tuple[str, ...]]:
    """The contracts that children have to judge, by child, in the order of the tests."""
    found: dict[str, dict[str, None]] = {}
    for item in items:
        contract = contract_of(item)
        # Pairs are made of what the others demonstrate, so they come behind.
        if contract is not None and contract.examined_in not in ("", PAIRS):
            found.setdefault(contract.examined_in, {})[contract.id] = None
    return {child: tuple(ids) for child, ids in found.items()}


def observation_file(config: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the observation is kept: the session's own folder, the same for all its workers."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(config, "workerinput") else base) / OBSERVATION


def stubbed_modules(config: pytest.Config) -> tuple[str, ...] | None:
    """The modules that stand-ins took the place of so far; ``None`` when none was asked for."""
    if not read_settings(config).conditions.stub_sdk:
        return None
    factory = config._tmp_path_factory  # type: ignore[attr-defined]
    return used_stand_ins(observation_file(config, factory).with_name(_STAND_INS))


def _with_stand_ins(subject: Subject, config: pytest.Config) -> Subject:
    if not read_settings(config).conditions.stub_sdk:
        return subject
    stand_ins = find_stand_ins(session_target(config))
    if not stand_ins.are_needed:
        return subject
    folder = subject.directory.with_name(_STAND_INS)
    return replace(subject, environment=put_in_front(stand_ins, subject.environment, folder))


def _subject(request: pytest.FixtureRequest | pytest.Session, folder: Path) -> Subject:
    session = request if isinstance(request, pytest.Session) else request.session
    config = session.config
    settings, target = read_settings(config), session_target(config)
    seen_in = {item.seen_in for item in map(contract_of, session.items) if item is not None}
    return Subject(
        plugin=target.plugin,
        members=target.members,
        extensions=tuple(map(target.files.absolute, target.files.compiled)),
        python=settings.conditions.python,
        environment=child_variables(settings),
        directory=folder,
        limits=settings.conditions.limits,
        examinations=wanted_examinations(session.items),
        host_version=target.host.version,
        seed=settings.conditions.seed,
        model=settings.conditions.model,
        head_size=settings.conditions.head_size,
        cache=settings.conditions.cache,
        kept=_kept_folder(settings, PROBE),
        life=LIFE in seen_in,
        spawned=SPAWNED in seen_in,
    )


def _kept_folder(settings: Settings, name: str) -> Path | None:
    kept = settings.conditions.kept
    return None if kept is None else kept / name
